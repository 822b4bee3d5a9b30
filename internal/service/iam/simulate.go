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
func (s *Service) simulatePrincipal(_ context.Context, call *api.Call, in *iamapi.SimulatePrincipalPolicyRequest) (*iamapi.SimulatePolicyResponse, error) {
	c, err := callerOf(s.store.Snapshot(), api.Principal{ARN: *in.PolicySourceArn})
	id := c.identity
	if err != nil {
		return nil, iamapi.NewNoSuchEntityException("%v", err)
	}
	more, err := parseAll("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	id.Policies = append(id.Policies, more...)
	keys := contextEntries(in.ContextEntries)
	keys["aws:principalarn"] = []string{*in.PolicySourceArn}
	return simulate(id, in.ActionNames, in.ResourceArns, keys), nil
}

// simulateCustom answers what some policies say of some actions on some
// resources, whosever they may be.
func (s *Service) simulateCustom(_ context.Context, _ *api.Call, in *iamapi.SimulateCustomPolicyRequest) (*iamapi.SimulatePolicyResponse, error) {
	if in.ResourcePolicy != nil {
		return nil, iamapi.NewInvalidInputException("ResourcePolicy: not built in this region")
	}
	policies, err := parseAll("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	boundaries, err := parseAll("PermissionsBoundaryPolicyInputList", in.PermissionsBoundaryPolicyInputList)
	if err != nil {
		return nil, err
	}
	id := policy.Identity{Policies: policies}
	if len(boundaries) > 0 {
		id.Boundary = &boundaries[0]
	}
	keys := contextEntries(in.ContextEntries)
	if in.CallerArn != nil {
		keys["aws:principalarn"] = []string{*in.CallerArn}
	}
	return simulate(id, in.ActionNames, in.ResourceArns, keys), nil
}

func parseAll(name string, texts []string) ([]policy.Named, error) {
	var list []policy.Named
	for _, text := range texts {
		document, err := policy.Compiled(text)
		if err != nil {
			return nil, iamapi.NewInvalidInputException("%v", err)
		}
		list = append(list, policy.Named{Name: name, Document: document})
	}
	return list, nil
}

func contextEntries(entries []iamapi.ContextEntry) map[string][]string {
	keys := map[string][]string{}
	for _, e := range entries {
		keys[strings.ToLower(api.Val(e.ContextKeyName))] = e.ContextKeyValues
	}
	return keys
}

func simulate(id policy.Identity, actions, resources []string, keys map[string][]string) *iamapi.SimulatePolicyResponse {
	if len(resources) == 0 {
		resources = []string{anyResource}
	}
	out := &iamapi.SimulatePolicyResponse{EvaluationResults: []iamapi.EvaluationResult{}, IsTruncated: api.Ptr(false)}
	for _, action := range actions {
		for _, resource := range resources {
			d := id.Evaluate(policy.Request{Action: action, Resource: resource, Context: policy.Keys(keys)})
			out.EvaluationResults = append(out.EvaluationResults, simulated(action, resource, d))
		}
	}
	return out
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
	if d.By != nil {
		r.MatchedStatements = append(r.MatchedStatements, iamapi.Statement{SourcePolicyId: &d.By.Policy.Name})
	}
	return r
}

func (s *Service) listAccountAliases(context.Context, *api.Call, *iamapi.ListAccountAliasesRequest) (*iamapi.ListAccountAliasesResponse, error) {
	return &iamapi.ListAccountAliasesResponse{AccountAliases: []string{}, IsTruncated: api.Ptr(false)}, nil
}
