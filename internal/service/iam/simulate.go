package iam

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/service/iam/policy"
)

// simulatePrincipal answers what a user's or role's policies say of some actions
// on some resources.
func (s *Service) simulatePrincipal(_ context.Context, _ *api.Call, in *iamapi.SimulatePrincipalPolicyRequest) (*iamapi.SimulatePolicyResponse, error) {
	id, err := identityOf(s.store.Snapshot(), api.Principal{ARN: *in.PolicySourceArn})
	if err != nil {
		return nil, iamapi.NewNoSuchEntityException("%v", err)
	}
	for _, text := range in.PolicyInputList {
		doc, err := policy.Parse(text)
		if err != nil {
			return nil, iamapi.NewInvalidInputException("%v", err)
		}
		id.Policies = append(id.Policies, policy.Named{Name: "PolicyInputList", Document: doc})
	}
	keys := map[string][]string{"aws:principalarn": {*in.PolicySourceArn}}
	for _, e := range in.ContextEntries {
		keys[strings.ToLower(api.Val(e.ContextKeyName))] = e.ContextKeyValues
	}
	resources := in.ResourceArns
	if len(resources) == 0 {
		resources = []string{anyResource}
	}
	out := &iamapi.SimulatePolicyResponse{EvaluationResults: []iamapi.EvaluationResult{}, IsTruncated: api.Ptr(false)}
	for _, action := range in.ActionNames {
		for _, resource := range resources {
			d := id.Evaluate(policy.Request{Action: action, Resource: resource, Context: keys})
			out.EvaluationResults = append(out.EvaluationResults, simulated(action, resource, d))
		}
	}
	return out, nil
}

func simulated(action, resource string, d policy.Decision) iamapi.EvaluationResult {
	r := iamapi.EvaluationResult{
		EvalActionName: &action, EvalResourceName: &resource, MissingContextValues: []string{}, MatchedStatements: []iamapi.Statement{},
	}
	switch {
	case d.Allowed:
		r.EvalDecision = api.Ptr(iamapi.PolicyEvaluationDecisionTypeAllowed)
	case d.Explicit:
		r.EvalDecision = api.Ptr(iamapi.PolicyEvaluationDecisionTypeExplicitDeny)
	default:
		r.EvalDecision = api.Ptr(iamapi.PolicyEvaluationDecisionTypeImplicitDeny)
	}
	if d.Policy != "" {
		r.MatchedStatements = append(r.MatchedStatements, iamapi.Statement{SourcePolicyId: &d.Policy})
	}
	return r
}

func (s *Service) listAccountAliases(context.Context, *api.Call, *iamapi.ListAccountAliasesRequest) (*iamapi.ListAccountAliasesResponse, error) {
	return &iamapi.ListAccountAliasesResponse{AccountAliases: []string{}, IsTruncated: api.Ptr(false)}, nil
}
