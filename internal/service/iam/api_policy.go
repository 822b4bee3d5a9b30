package iam

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/store"
)

// maxVersions is how many versions a managed policy keeps (IAM quotas).
const maxVersions = 5

func (s *Service) policyRoutes() []api.Route {
	return []api.Route{
		iamapi.CreatePolicy.Handle(s.createPolicy),
		iamapi.GetPolicy.Handle(s.getPolicy),
		iamapi.ListPolicies.Handle(s.listPolicies),
		iamapi.DeletePolicy.Handle(s.deletePolicy),
		iamapi.CreatePolicyVersion.Handle(s.createPolicyVersion),
		iamapi.GetPolicyVersion.Handle(s.getPolicyVersion),
		iamapi.ListPolicyVersions.Handle(s.listPolicyVersions),
		iamapi.DeletePolicyVersion.Handle(s.deletePolicyVersion),
		iamapi.SetDefaultPolicyVersion.Handle(s.setDefaultPolicyVersion),
		iamapi.ListEntitiesForPolicy.Handle(s.listEntitiesForPolicy),
		iamapi.TagPolicy.Handle(s.tagPolicy),
		iamapi.UntagPolicy.Handle(s.untagPolicy),
		iamapi.ListPolicyTags.Handle(s.listPolicyTags),
	}
}

// policyKey is where the policy of an ARN lies; AWS's own have no row.
func policyKey(account, name string) string { return key(account, name) }

// managed finds a managed policy of the account or of AWS.
func managed(r store.Reader, account, name string) (Policy, error) {
	if p, ok := awsManaged(name); ok {
		return p, nil
	}
	p, ok := Policies.Get(r, policyKey(account, name))
	if !ok {
		return p, iamapi.NewNoSuchEntityException("Policy %s does not exist or is not attachable.", name)
	}
	return p, nil
}

// inForce returns the document that the policy's default version holds.
func (p Policy) inForce() string {
	v, _ := p.version(p.Spec.Default)
	return v.Document
}

func (p Policy) version(id string) (PolicyVersion, error) {
	i := slices.IndexFunc(p.Spec.Versions, func(v PolicyVersion) bool { return v.ID == id })
	if i < 0 {
		return PolicyVersion{}, iamapi.NewNoSuchEntityException("Policy %s version %s does not exist or is not attachable.", p.Spec.ARN, id)
	}
	return p.Spec.Versions[i], nil
}

func (s *Service) createPolicy(ctx context.Context, call *api.Call, in *iamapi.CreatePolicyRequest) (*iamapi.CreatePolicyResponse, error) {
	spec := PolicySpec{
		Name: *in.PolicyName, Path: api.Or(in.Path, "/"), ID: uniqueID("ANPA"), Description: api.Val(in.Description),
		Versions: []PolicyVersion{{ID: "v1", Document: *in.PolicyDocument, Created: call.Now}},
		Default:  "v1", Last: 1, Created: call.Now, Updated: call.Now, Tags: tagsOf(in.Tags),
	}
	spec.ARN = arnOf(call.Account, "policy", spec.Path, spec.Name)
	if err := checkName(spec.Name, spec.Path, spec.Tags); err != nil {
		return nil, err
	}
	if err := checkDocument(*in.PolicyDocument); err != nil {
		return nil, err
	}
	p := Policy{Key: policyKey(call.Account, spec.ARN), Spec: spec}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		for _, old := range Policies.Prefix(tx, key(call.Account, "")) {
			if strings.EqualFold(old.Spec.Name, spec.Name) {
				return iamapi.NewEntityAlreadyExistsException("A policy called %s already exists. Duplicate names are not allowed.", spec.Name)
			}
		}
		Policies.Put(tx, p)
		return nil
	})
	return &iamapi.CreatePolicyResponse{Policy: policyShape(s.store.Snapshot(), call.Account, p)}, err
}

func (s *Service) getPolicy(_ context.Context, call *api.Call, in *iamapi.GetPolicyRequest) (*iamapi.GetPolicyResponse, error) {
	snap := s.store.Snapshot()
	p, err := managed(snap, call.Account, *in.PolicyArn)
	if err != nil {
		return nil, err
	}
	shape := policyShape(snap, call.Account, p)
	shape.Tags = tagList(p.Spec.Tags)
	return &iamapi.GetPolicyResponse{Policy: shape}, nil
}

func (s *Service) listPolicies(_ context.Context, call *api.Call, in *iamapi.ListPoliciesRequest) (*iamapi.ListPoliciesResponse, error) {
	snap := s.store.Snapshot()
	out := &iamapi.ListPoliciesResponse{Policies: []iamapi.Policy{}}
	all := func(yield func(string, Policy) bool) {
		if scope := api.Or(in.Scope, iamapi.PolicyScopeTypeAll); scope != iamapi.PolicyScopeTypeLocal {
			for _, p := range awsPolicies() {
				if !yield("aws/"+p.Spec.ARN, p) {
					return
				}
			}
			if scope == iamapi.PolicyScopeTypeAws {
				return
			}
		}
		for k, p := range Policies.Prefix(snap, key(call.Account, "")) {
			if !yield("local/"+k, p) {
				return
			}
		}
	}
	list, err := page(all, in.Marker, in.MaxItems, func(p Policy) bool {
		return strings.HasPrefix(p.Spec.Path, api.Val(in.PathPrefix)) &&
			(!api.Val(in.OnlyAttached) || len(attachedTo(snap, call.Account, p.Spec.ARN)) > 0)
	})
	for _, p := range list.items {
		out.Policies = append(out.Policies, *policyShape(snap, call.Account, p))
	}
	out.IsTruncated, out.Marker = &list.truncated, list.marker
	return out, err
}

func (s *Service) deletePolicy(ctx context.Context, call *api.Call, in *iamapi.DeletePolicyRequest) (*iamapi.DeletePolicyOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		p, err := local(tx, call.Account, *in.PolicyArn)
		if err != nil {
			return err
		}
		if len(attachedTo(tx, call.Account, p.Spec.ARN)) > 0 {
			return iamapi.NewDeleteConflictException("Cannot delete a policy attached to entities.")
		}
		if len(p.Spec.Versions) > 1 {
			return iamapi.NewDeleteConflictException("This policy has more than one version. Before you delete a policy, you must delete the policy's versions.")
		}
		Policies.Delete(tx, p.Key)
		return nil
	})
}

// local finds a policy of the account's own; AWS's cannot be changed.
func local(r store.Reader, account, name string) (Policy, error) {
	if _, ok := awsManaged(name); ok {
		return Policy{}, api.Errorf("AccessDenied", 403, "Policy %s belongs to AWS and cannot be changed.", name)
	}
	return managed(r, account, name)
}

func (s *Service) changePolicy(ctx context.Context, call *api.Call, name string, edit func(p *Policy) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		p, err := local(tx, call.Account, name)
		if err != nil {
			return err
		}
		Policies.Modify(tx, p.Key, func(p *Policy) { err = edit(p) })
		return err
	})
}

func (s *Service) createPolicyVersion(ctx context.Context, call *api.Call, in *iamapi.CreatePolicyVersionRequest) (*iamapi.CreatePolicyVersionResponse, error) {
	if err := checkDocument(*in.PolicyDocument); err != nil {
		return nil, err
	}
	out := &iamapi.CreatePolicyVersionResponse{}
	return out, s.changePolicy(ctx, call, *in.PolicyArn, func(p *Policy) error {
		if len(p.Spec.Versions) >= maxVersions {
			return iamapi.NewLimitExceededException("A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", maxVersions)
		}
		p.Spec.Last++
		v := PolicyVersion{ID: "v" + strconv.Itoa(p.Spec.Last), Document: *in.PolicyDocument, Created: call.Now}
		p.Spec.Versions = append(p.Spec.Versions, v)
		if api.Val(in.SetAsDefault) {
			p.Spec.Default, p.Spec.Updated = v.ID, call.Now
		}
		out.PolicyVersion = versionShape(*p, v)
		out.PolicyVersion.Document = nil
		return nil
	})
}

func (s *Service) getPolicyVersion(_ context.Context, call *api.Call, in *iamapi.GetPolicyVersionRequest) (*iamapi.GetPolicyVersionResponse, error) {
	p, err := managed(s.store.Snapshot(), call.Account, *in.PolicyArn)
	if err != nil {
		return nil, err
	}
	v, err := p.version(*in.VersionId)
	return &iamapi.GetPolicyVersionResponse{PolicyVersion: versionShape(p, v)}, err
}

func (s *Service) listPolicyVersions(_ context.Context, call *api.Call, in *iamapi.ListPolicyVersionsRequest) (*iamapi.ListPolicyVersionsResponse, error) {
	p, err := managed(s.store.Snapshot(), call.Account, *in.PolicyArn)
	out := &iamapi.ListPolicyVersionsResponse{Versions: []iamapi.PolicyVersion{}, IsTruncated: api.Ptr(false)}
	for _, v := range slices.Backward(p.Spec.Versions) {
		shape := versionShape(p, v)
		shape.Document = nil
		out.Versions = append(out.Versions, *shape)
	}
	return out, err
}

func (s *Service) deletePolicyVersion(ctx context.Context, call *api.Call, in *iamapi.DeletePolicyVersionRequest) (*iamapi.DeletePolicyVersionOutput, error) {
	return nil, s.changePolicy(ctx, call, *in.PolicyArn, func(p *Policy) error {
		if _, err := p.version(*in.VersionId); err != nil {
			return err
		}
		if *in.VersionId == p.Spec.Default {
			return iamapi.NewDeleteConflictException("Cannot delete the default version of a policy.")
		}
		p.Spec.Versions = slices.DeleteFunc(p.Spec.Versions, func(v PolicyVersion) bool { return v.ID == *in.VersionId })
		return nil
	})
}

func (s *Service) setDefaultPolicyVersion(ctx context.Context, call *api.Call, in *iamapi.SetDefaultPolicyVersionRequest) (*iamapi.SetDefaultPolicyVersionOutput, error) {
	return nil, s.changePolicy(ctx, call, *in.PolicyArn, func(p *Policy) error {
		_, err := p.version(*in.VersionId)
		p.Spec.Default, p.Spec.Updated = *in.VersionId, call.Now
		return err
	})
}

func (s *Service) tagPolicy(ctx context.Context, call *api.Call, in *iamapi.TagPolicyRequest) (*iamapi.TagPolicyOutput, error) {
	return nil, s.changePolicy(ctx, call, *in.PolicyArn, func(p *Policy) error { return retag(&p.Spec.Tags, in.Tags, nil) })
}

func (s *Service) untagPolicy(ctx context.Context, call *api.Call, in *iamapi.UntagPolicyRequest) (*iamapi.UntagPolicyOutput, error) {
	return nil, s.changePolicy(ctx, call, *in.PolicyArn, func(p *Policy) error { return retag(&p.Spec.Tags, nil, in.TagKeys) })
}

func (s *Service) listPolicyTags(_ context.Context, call *api.Call, in *iamapi.ListPolicyTagsRequest) (*iamapi.ListPolicyTagsResponse, error) {
	p, err := managed(s.store.Snapshot(), call.Account, *in.PolicyArn)
	return &iamapi.ListPolicyTagsResponse{Tags: tagList(p.Spec.Tags), IsTruncated: api.Ptr(false)}, err
}
