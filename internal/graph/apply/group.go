package apply

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"apex/internal/graph"
)

func (r *run) securityGroup(ctx context.Context, v graph.SecurityGroup) (fact, Phase, error) {
	found, err := r.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: r.tagged(v.ID)})
	if err != nil {
		return fact{}, "", err
	}
	phase := Unchanged
	var group types.SecurityGroup
	if len(found.SecurityGroups) > 0 {
		group = found.SecurityGroups[0]
	} else {
		made, err := r.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
			GroupName: &v.Name, Description: &v.Description, VpcId: aws.String(r.fact(v.VPC).ID),
			TagSpecifications: r.labels(v.Meta, types.ResourceTypeSecurityGroup),
		})
		if err != nil {
			return fact{}, "", err
		}
		phase, group = Created, types.SecurityGroup{GroupId: made.GroupId}
	}
	changed, err := r.ingress(ctx, v, group)
	if changed && phase == Unchanged {
		phase = Updated
	}
	return fact{ID: *group.GroupId}, phase, err
}

// An opening is one rule: a port range for one source.
type opening struct {
	protocol string
	from, to int32
	cidr     string
	group    string
}

func (o opening) permission() types.IpPermission {
	p := types.IpPermission{IpProtocol: &o.protocol, FromPort: &o.from, ToPort: &o.to}
	if o.group != "" {
		p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: &o.group}}
	} else {
		p.IpRanges = []types.IpRange{{CidrIp: &o.cidr}}
	}
	return p
}

// ingress opens what is wanted and closes what is not, and reports a change.
// What is new is opened first.
func (r *run) ingress(ctx context.Context, v graph.SecurityGroup, group types.SecurityGroup) (bool, error) {
	have, want := openings(group.IpPermissions), map[opening]bool{}
	for _, in := range v.Ingress {
		o := opening{protocol: "tcp", from: int32(in.Port), to: int32(in.Port)}
		if in.Group != "" {
			o.group = r.fact(in.Group).ID
		} else {
			o.cidr = in.CIDR.String()
		}
		want[o] = true
	}
	var open, shut []types.IpPermission
	for o := range want {
		if !have[o] {
			open = append(open, o.permission())
		}
	}
	for o := range have {
		if !want[o] {
			shut = append(shut, o.permission())
		}
	}
	if len(open) > 0 {
		if _, err := r.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: open}); err != nil {
			return true, fmt.Errorf("open ports: %w", err)
		}
	}
	if len(shut) > 0 {
		if _, err := r.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: shut}); err != nil {
			return true, fmt.Errorf("close ports: %w", err)
		}
	}
	return len(open)+len(shut) > 0, nil
}

func openings(permissions []types.IpPermission) map[opening]bool {
	out := map[opening]bool{}
	for _, p := range permissions {
		o := opening{protocol: aws.ToString(p.IpProtocol), from: aws.ToInt32(p.FromPort), to: aws.ToInt32(p.ToPort)}
		for _, block := range p.IpRanges {
			o := o
			o.cidr = aws.ToString(block.CidrIp)
			out[o] = true
		}
		for _, pair := range p.UserIdGroupPairs {
			o := o
			o.group = aws.ToString(pair.GroupId)
			out[o] = true
		}
	}
	return out
}
