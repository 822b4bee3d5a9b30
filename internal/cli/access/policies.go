package access

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// policies finds the documents that a simulation names.
type policies struct {
	*Client
	as       string // the ARN of who asks
	resource string // the resource's own policy
	managed  map[string]string
}

// text returns a policy by the name that the simulator gives it: kind, owner and
// name of one that lies in an identity, else the name of a managed policy.
func (p *policies) text(ctx context.Context, id string) (string, error) {
	owner := p.as[strings.LastIndex(p.as, "/")+1:]
	if id == "ResourcePolicy" {
		return p.resource, nil
	}
	if name, ok := strings.CutPrefix(id, "role_"+owner+"_"); ok {
		out, err := p.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &owner, PolicyName: &name})
		if err != nil {
			return "", fmt.Errorf("get policy %s of role %s: %w", name, owner, err)
		}
		return url.PathUnescape(*out.PolicyDocument)
	}
	if name, ok := strings.CutPrefix(id, "user_"+owner+"_"); ok {
		out, err := p.iam.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: &owner, PolicyName: &name})
		if err != nil {
			return "", fmt.Errorf("get policy %s of user %s: %w", name, owner, err)
		}
		return url.PathUnescape(*out.PolicyDocument)
	}
	if !strings.Contains(p.as, ":role/") {
		return "", nil // a group's, or what a user has attached: named, not shown
	}
	return p.attached(ctx, owner, id)
}

// attached returns a managed policy that a role has, or that bounds it.
func (p *policies) attached(ctx context.Context, role, id string) (string, error) {
	if p.managed == nil {
		if err := p.list(ctx, role); err != nil {
			return "", err
		}
	}
	arn := p.managed[id]
	if arn == "" {
		return "", nil
	}
	found, err := p.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
	if err != nil {
		return "", fmt.Errorf("get policy %s: %w", arn, err)
	}
	out, err := p.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: found.Policy.DefaultVersionId})
	if err != nil {
		return "", fmt.Errorf("get policy %s: %w", arn, err)
	}
	return url.PathUnescape(*out.PolicyVersion.Document)
}

func (p *policies) list(ctx context.Context, role string) error {
	p.managed = map[string]string{}
	pages := iam.NewListAttachedRolePoliciesPaginator(listAttachedRolePolicies(p.iam.ListAttachedRolePolicies), &iam.ListAttachedRolePoliciesInput{RoleName: &role})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list policies of role %s: %w", role, err)
		}
		for _, a := range page.AttachedPolicies {
			p.managed[*a.PolicyName] = *a.PolicyArn
		}
	}
	out, err := p.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &role})
	if err != nil {
		return fmt.Errorf("get role %s: %w", role, err)
	}
	if b := out.Role.PermissionsBoundary; b != nil {
		arn := aws.ToString(b.PermissionsBoundaryArn)
		p.managed[arn[strings.LastIndex(arn, "/")+1:]] = arn
	}
	return nil
}
