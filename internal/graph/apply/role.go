package apply

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"apex/internal/graph"
)

// inlineName is the name of the one inline policy that a role has.
const inlineName = "apex"

func (r *run) role(ctx context.Context, v graph.Role) (fact, Phase, error) {
	phase := Unchanged
	found, err := r.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &v.Name})
	var missing *types.NoSuchEntityException
	var arn string
	switch {
	case errors.As(err, &missing):
		made, err := r.iam.CreateRole(ctx, &iam.CreateRoleInput{
			RoleName: &v.Name, Description: &v.Describe, AssumeRolePolicyDocument: aws.String(trustDocument(v)), Tags: r.iamTags(v.ID),
		})
		if err != nil {
			return fact{}, "", err
		}
		phase, arn = Created, *made.Role.Arn
	case err != nil:
		return fact{}, "", err
	default:
		arn = *found.Role.Arn
	}
	for _, change := range []func(context.Context, graph.Role) (bool, error){r.managedPolicies, r.inlinePolicy} {
		changed, err := change(ctx, v)
		if err != nil {
			return fact{}, "", err
		}
		if changed && phase == Unchanged {
			phase = Updated
		}
	}
	return fact{ID: v.Name, ARN: arn}, phase, nil
}

func (r *run) iamTags(id graph.ID) (tags []types.Tag) {
	for k, v := range r.Graph.Tags(id) {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

func (r *run) managedPolicies(ctx context.Context, v graph.Role) (bool, error) {
	out, err := r.iam.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: &v.Name})
	if err != nil {
		return false, err
	}
	var have []string
	for _, p := range out.AttachedPolicies {
		have = append(have, *p.PolicyArn)
	}
	for _, name := range v.Managed {
		if !slices.Contains(have, name) {
			if _, err := r.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &v.Name, PolicyArn: &name}); err != nil {
				return true, err
			}
		}
	}
	for _, name := range have {
		if !slices.Contains(v.Managed, name) {
			if _, err := r.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &v.Name, PolicyArn: &name}); err != nil {
				return true, err
			}
		}
	}
	return !sameSet(have, v.Managed), nil
}

func (r *run) inlinePolicy(ctx context.Context, v graph.Role) (bool, error) {
	out, err := r.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &v.Name, PolicyName: aws.String(inlineName)})
	var missing *types.NoSuchEntityException
	if err != nil && !errors.As(err, &missing) {
		return false, err
	}
	have := ""
	if err == nil {
		have, _ = url.PathUnescape(*out.PolicyDocument)
	}
	want := allowDocument(v)
	switch {
	case have == want:
		return false, nil
	case want == "":
		_, err = r.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &v.Name, PolicyName: aws.String(inlineName)})
	default:
		_, err = r.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &v.Name, PolicyName: aws.String(inlineName), PolicyDocument: &want})
	}
	return true, err
}

// A statement is one of a policy document.
type statement struct {
	Effect    string
	Principal map[string]string `json:",omitempty"`
	Action    []string
	Resource  []string `json:",omitempty"`
}

func document(statements []statement) string {
	text, err := json.Marshal(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", statements})
	if err != nil {
		panic(err) // strings only
	}
	return string(text)
}

func trustDocument(v graph.Role) string {
	return document([]statement{{Effect: "Allow", Principal: map[string]string{"Service": v.Service}, Action: []string{"sts:AssumeRole"}}})
}

// allowDocument is empty for a role that is allowed nothing of its own.
func allowDocument(v graph.Role) string {
	if len(v.Allow) == 0 {
		return ""
	}
	var list []statement
	for _, p := range v.Allow {
		list = append(list, statement{Effect: "Allow", Action: p.Actions, Resource: p.Resources})
	}
	return document(list)
}
