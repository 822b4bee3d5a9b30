package logs

import (
	"context"
	"encoding/json"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/awsid"
	"apex/internal/store"
)

// maxPolicies is how many resource policies a region may have (source: AWS's
// quotas).
const maxPolicies = 10

// policyName is the name under which a policy is kept: its own, or what it is of.
func policyName(name, resource *string) (string, error) {
	if (name == nil) == (resource == nil) {
		return "", logsapi.NewInvalidParameterException("Exactly one of policyName and resourceArn must be given.")
	}
	return api.Or(name, api.Val(resource)), nil
}

func (s *Service) putResourcePolicy(ctx context.Context, call *api.Call, in *logsapi.PutResourcePolicyRequest) (*logsapi.PutResourcePolicyResponse, error) {
	name, err := policyName(in.PolicyName, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	var document map[string]any
	if json.Unmarshal([]byte(api.Val(in.PolicyDocument)), &document) != nil || document["Statement"] == nil {
		return nil, logsapi.NewInvalidParameterException("The policy document is not a policy in JSON.")
	}
	policy := ResourcePolicy{Key: scopeOf(call).Key(name), Spec: logsapi.ResourcePolicy{
		PolicyName: in.PolicyName, PolicyDocument: in.PolicyDocument, LastUpdatedTime: api.Ptr(call.Now.UnixMilli()),
		PolicyScope: api.Ptr(logsapi.PolicyScopeAccount), ResourceArn: in.ResourceArn,
	}}
	if in.ResourceArn != nil {
		policy.Spec.PolicyScope, policy.Spec.RevisionId = api.Ptr(logsapi.PolicyScopeResource), api.Ptr(awsid.Hex(32))
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		count := 0
		for range ResourcePolicies.Prefix(tx, scopeOf(call).Prefix()) {
			count++
		}
		old, ok := ResourcePolicies.Get(tx, policy.Key)
		if !ok && count >= maxPolicies {
			return logsapi.NewLimitExceededException("Resource limit exceeded.")
		}
		if in.ExpectedRevisionId != nil && *in.ExpectedRevisionId != api.Val(old.Spec.RevisionId) {
			return logsapi.NewOperationAbortedException("The resource policy was changed meanwhile.")
		}
		ResourcePolicies.Put(tx, policy)
		return nil
	})
	return &logsapi.PutResourcePolicyResponse{ResourcePolicy: &policy.Spec, RevisionId: policy.Spec.RevisionId}, err
}

func (s *Service) describeResourcePolicies(_ context.Context, call *api.Call, in *logsapi.DescribeResourcePoliciesRequest) (*logsapi.DescribeResourcePoliciesResponse, error) {
	all := []logsapi.ResourcePolicy{}
	for _, policy := range ResourcePolicies.Prefix(s.store.Snapshot(), scopeOf(call).Prefix()) {
		if (in.PolicyScope == nil || *in.PolicyScope == *policy.Spec.PolicyScope) &&
			(in.ResourceArn == nil || *in.ResourceArn == api.Val(policy.Spec.ResourceArn)) {
			all = append(all, policy.Spec)
		}
	}
	out, err := &logsapi.DescribeResourcePoliciesResponse{}, error(nil)
	out.ResourcePolicies, out.NextToken, err = paged(all, func(p *logsapi.ResourcePolicy) string { return api.Val(p.PolicyName) + "\x00" + api.Val(p.ResourceArn) }, in.NextToken, api.Or(in.Limit, 50))
	return out, err
}

func (s *Service) deleteResourcePolicy(ctx context.Context, call *api.Call, in *logsapi.DeleteResourcePolicyRequest) (*logsapi.DeleteResourcePolicyOutput, error) {
	name, err := policyName(in.PolicyName, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		if !ResourcePolicies.Delete(tx, scopeOf(call).Key(name)) {
			return logsapi.NewResourceNotFoundException("Policy with name [%s] does not exist.", name)
		}
		return nil
	})
}
