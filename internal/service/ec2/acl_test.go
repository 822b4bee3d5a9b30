package ec2

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/service/servicetest"
)

func TestACLsGiveBackTheirEntries(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc := b.vpc("10.0.0.0/16")
	subnet := b.subnet(vpc, "10.0.0.0/24", "us-east-1a")
	acl := b.acl(vpc)
	b.guard(acl, subnet)
	b.entry(acl, 200, false, true, "10.1.2.3/8", 80, 81)
	b.entry(acl, 100, true, false, "0.0.0.0/0", 0, 65535)
	_, err := b.CreateNetworkAclEntry(ctx, &sdk.CreateNetworkAclEntryInput{
		NetworkAclId: &acl, RuleNumber: aws.Int32(110), Egress: aws.Bool(false), Protocol: aws.String("icmp"), RuleAction: types.RuleActionAllow,
		Ipv6CidrBlock: aws.String("::/0"), IcmpTypeCode: &types.IcmpTypeCode{Type: aws.Int32(8), Code: aws.Int32(-1)},
	})
	check(t, err)
	_, err = b.ReplaceNetworkAclEntry(ctx, &sdk.ReplaceNetworkAclEntryInput{
		NetworkAclId: &acl, RuleNumber: aws.Int32(200), Egress: aws.Bool(false), Protocol: aws.String("-1"), RuleAction: types.RuleActionDeny, CidrBlock: aws.String("10.0.0.0/8"),
	})
	check(t, err)
	want := []string{
		"egress 100 deny 6 0.0.0.0/0 0-65535", "egress 32767 deny -1 0.0.0.0/0",
		"ingress 110 allow 1 ::/0 8/-1", "ingress 200 deny -1 10.0.0.0/8", "ingress 32767 deny -1 0.0.0.0/0",
	}
	if diff := cmp.Diff(want, b.entries(acl)); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	port := &types.PortRange{From: aws.Int32(1), To: aws.Int32(2)}
	entry := func(number int32, protocol, block string, ports *types.PortRange) func() error {
		return ignore(b.CreateNetworkAclEntry, ctx, &sdk.CreateNetworkAclEntryInput{
			NetworkAclId: &acl, RuleNumber: &number, Egress: aws.Bool(true), Protocol: &protocol, RuleAction: types.RuleActionAllow, CidrBlock: &block, PortRange: ports,
		})
	}
	for name, tt := range map[string]struct {
		want string
		call func() error
	}{
		"entry twice":        {"NetworkAclEntryAlreadyExists", entry(100, "6", "0.0.0.0/0", port)},
		"number too high":    {"InvalidParameterValue", entry(32767, "6", "0.0.0.0/0", port)},
		"ports left out":     {"MissingParameter", entry(5, "6", "0.0.0.0/0", nil)},
		"block of nonsense":  {"InvalidParameterValue", entry(5, "6", "everywhere", port)},
		"no such protocol":   {"InvalidParameterValue", entry(5, "tpc", "0.0.0.0/0", port)},
		"entry not there":    {"InvalidNetworkAclEntry.NotFound", ignore(b.DeleteNetworkAclEntry, ctx, &sdk.DeleteNetworkAclEntryInput{NetworkAclId: &acl, RuleNumber: aws.Int32(7), Egress: aws.Bool(true)})},
		"ACL in use":         {"DependencyViolation", ignore(b.DeleteNetworkAcl, ctx, &sdk.DeleteNetworkAclInput{NetworkAclId: &acl})},
		"default ACL":        {"InvalidParameterValue", ignore(b.DeleteNetworkAcl, ctx, &sdk.DeleteNetworkAclInput{NetworkAclId: b.defaultACL(vpc)})},
		"no such ACL":        {"InvalidNetworkAclID.NotFound", ignore(b.DescribeNetworkAcls, ctx, &sdk.DescribeNetworkAclsInput{NetworkAclIds: []string{"acl-1"}})},
		"ACL of another VPC": {"InvalidParameterValue", ignore(b.ReplaceNetworkAclAssociation, ctx, &sdk.ReplaceNetworkAclAssociationInput{AssociationId: b.aclAssociation(acl), NetworkAclId: aws.String(b.acl(b.vpc("10.9.0.0/16")))})},
		"VPC with an ACL":    {"DependencyViolation", ignore(b.DeleteVpc, ctx, &sdk.DeleteVpcInput{VpcId: &vpc})},
	} {
		if got := servicetest.Code(tt.call()); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	b.guard(*b.defaultACL(vpc), subnet)
	_, err = b.DeleteNetworkAcl(ctx, &sdk.DeleteNetworkAclInput{NetworkAclId: &acl})
	check(t, err)
}

// A default ACL that an older version made has no entries in the store; one whose
// entries were all deleted has none at all.
func TestDefaultACLsOfBeforeAreOpen(t *testing.T) {
	before := planACL(NetworkACL{Spec: NetworkACLSpec{Default: true}})
	emptied := planACL(NetworkACL{Spec: NetworkACLSpec{Default: true, Entries: []ACLEntry{}}})
	if len(before.Ingress) != 1 || !before.Ingress[0].Allow || len(before.Egress) != 1 || len(emptied.Ingress) != 0 {
		t.Errorf("before: %+v, emptied: %+v", before, emptied)
	}
}

// entries are an ACL's, as text.
func (b *bench) entries(acl string) []string {
	b.Helper()
	out, err := b.DescribeNetworkAcls(b.Context(), &sdk.DescribeNetworkAclsInput{NetworkAclIds: []string{acl}})
	check(b, err)
	var entries []string
	for _, e := range out.NetworkAcls[0].Entries {
		text := fmt.Sprintf("%s %d %s %s %s", map[bool]string{true: "egress", false: "ingress"}[*e.Egress], *e.RuleNumber, e.RuleAction, *e.Protocol,
			aws.ToString(e.CidrBlock)+aws.ToString(e.Ipv6CidrBlock))
		if e.PortRange != nil {
			text += fmt.Sprintf(" %d-%d", *e.PortRange.From, *e.PortRange.To)
		}
		if e.IcmpTypeCode != nil {
			text += fmt.Sprintf(" %d/%d", *e.IcmpTypeCode.Type, *e.IcmpTypeCode.Code)
		}
		entries = append(entries, text)
	}
	slices.Sort(entries)
	return entries
}

func (b *bench) defaultACL(vpc string) *string {
	b.Helper()
	out, err := b.DescribeNetworkAcls(b.Context(), &sdk.DescribeNetworkAclsInput{Filters: filters("vpc-id", vpc, "default", "true")})
	check(b, err)
	return out.NetworkAcls[0].NetworkAclId
}

func (b *bench) aclAssociation(acl string) *string {
	b.Helper()
	out, err := b.DescribeNetworkAcls(b.Context(), &sdk.DescribeNetworkAclsInput{NetworkAclIds: []string{acl}})
	check(b, err)
	return out.NetworkAcls[0].Associations[0].NetworkAclAssociationId
}
