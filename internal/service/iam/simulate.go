package iam

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/iam/policy"
)

// A simulation is what some policies are asked of some actions on some resources.
type simulation struct {
	caller             caller
	on                 policy.Resource
	call               *api.Call
	entries            map[string][]string
	find               func(name, action string) service.Resource
	actions, resources []string
	marker             *string
	limit              *int64
}

// simulatePrincipal answers what a user's, group's or role's policies say.
func (s *Service) simulatePrincipal(_ context.Context, call *api.Call, in *iamapi.SimulatePrincipalPolicyRequest) (*iamapi.SimulatePolicyResponse, error) {
	snap := s.store.Snapshot()
	c, err := callerOf(snap, api.Principal{ARN: *in.PolicySourceArn})
	if err != nil {
		return nil, iamapi.NewNoSuchEntityException("%v", err)
	}
	sim := &simulation{
		caller: c, call: s.callOf(call, api.Or(in.CallerArn, *in.PolicySourceArn)), entries: contextEntries(in.ContextEntries),
		actions: in.ActionNames, resources: in.ResourceArns, marker: in.Marker, limit: in.MaxItems,
		find: func(name, action string) service.Resource { return s.find(snap, name, action) },
	}
	more, err := parseAll("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	sim.caller.identity.Policies = append(sim.caller.identity.Policies, more...)
	return sim.run(in.PermissionsBoundaryPolicyInputList, in.ResourcePolicy, in.ResourceOwner)
}

// simulateCustom answers what some policies say, whosever they may be.
func (s *Service) simulateCustom(_ context.Context, call *api.Call, in *iamapi.SimulateCustomPolicyRequest) (*iamapi.SimulatePolicyResponse, error) {
	policies, err := parseAll("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	if in.ResourcePolicy != nil && in.CallerArn == nil {
		return nil, iamapi.NewInvalidInputException("CallerArn must be provided with ResourcePolicy")
	}
	c := caller{identity: policy.Identity{Policies: policies}, source: api.Val(in.CallerArn)}
	if a, err := arn.Parse(c.source); err == nil {
		c.principal = policy.Principal{Account: a.Account, ARNs: []string{c.source}}
	} else if in.CallerArn != nil {
		return nil, iamapi.NewInvalidInputException("Invalid CallerArn: %s", c.source)
	} else {
		c.principal.Account = call.Account
	}
	sim := &simulation{
		caller: c, call: s.callOf(call, c.source), entries: contextEntries(in.ContextEntries),
		actions: in.ActionNames, resources: in.ResourceArns, marker: in.Marker, limit: in.MaxItems,
		find: func(name, _ string) service.Resource { return service.Resource{ARN: name} },
	}
	return sim.run(in.PermissionsBoundaryPolicyInputList, in.ResourcePolicy, in.ResourceOwner)
}

// callOf is the call that is simulated: now, and by another.
func (s *Service) callOf(call *api.Call, who string) *api.Call {
	return &api.Call{Account: call.Account, Region: call.Region, Now: call.Now, Principal: api.Principal{ARN: who}}
}

func parseAll(list string, texts []string) ([]policy.Named, error) {
	var all []policy.Named
	for i, text := range texts {
		document, err := policy.Compiled(text)
		if err != nil {
			return nil, iamapi.NewInvalidInputException("%v", err)
		}
		all = append(all, policy.Named{Name: list + "." + strconv.Itoa(i+1), Type: "IAM Policy", Document: document})
	}
	return all, nil
}

func contextEntries(entries []iamapi.ContextEntry) map[string][]string {
	keys := map[string][]string{}
	for _, e := range entries {
		keys[strings.ToLower(api.Val(e.ContextKeyName))] = e.ContextKeyValues
	}
	return keys
}

// run asks for every action on every resource, a page of it.
func (m *simulation) run(boundaries []string, resourcePolicy, owner *string) (*iamapi.SimulatePolicyResponse, error) {
	limits, err := parseAll("PermissionsBoundaryPolicyInputList", boundaries)
	if err != nil {
		return nil, err
	}
	if len(limits) > 0 {
		m.caller.identity.Boundary = &limits[0]
	}
	if resourcePolicy != nil {
		document, err := policy.Compiled(*resourcePolicy)
		if err != nil {
			return nil, iamapi.NewInvalidInputException("%v", err)
		}
		m.on.Policy = &policy.Named{Name: "ResourcePolicy", Type: iamapi.PolicySourceTypeResource, Document: document}
	}
	if owner != nil {
		a, _ := arn.Parse(*owner)
		m.on.Account = orElse(a.Account, *owner)
	}
	if len(m.resources) == 0 {
		m.resources = []string{anyResource}
	}
	all := func(yield func(string, demand) bool) {
		for i, action := range m.actions {
			for n, resource := range m.resources {
				if !yield(fmt.Sprintf("%06d/%06d", i, n), demand{action: action, resource: resource}) {
					return
				}
			}
		}
	}
	page, err := page(all, m.marker, m.limit, func(demand) bool { return true })
	out := &iamapi.SimulatePolicyResponse{EvaluationResults: []iamapi.EvaluationResult{}, IsTruncated: &page.truncated, Marker: page.marker}
	for _, d := range page.items {
		out.EvaluationResults = append(out.EvaluationResults, m.evaluate(d))
	}
	return out, err
}

// evaluate decides on one action on one resource.
func (m *simulation) evaluate(d demand) iamapi.EvaluationResult {
	found := m.find(d.resource, d.action)
	ring := &keyring{call: m.call, caller: &m.caller, action: d.action, resource: &found, extra: m.entries}
	request := policy.Request{Action: d.action, Resource: found.ARN, Principal: m.caller.principal, Context: ring}
	decision := policy.Decide(&m.caller.identity, m.on, request)
	r := iamapi.EvaluationResult{
		EvalActionName: &d.action, EvalResourceName: &d.resource, EvalDecision: decided(decision),
		MissingContextValues: m.missing(ring), MatchedStatements: []iamapi.Statement{}, EvalDecisionDetails: map[string]string{},
	}
	for _, match := range ordered(policy.Matches(&m.caller.identity, m.on, request), decision) {
		r.MatchedStatements = append(r.MatchedStatements, statementShape(match))
	}
	if m.caller.identity.Boundary != nil {
		bound := policy.Identity{Policies: []policy.Named{*m.caller.identity.Boundary}}
		r.PermissionsBoundaryDecisionDetail = &iamapi.PermissionsBoundaryDecisionDetail{
			AllowedByPermissionsBoundary: api.Ptr(bound.Evaluate(request).Allowed),
		}
	}
	if m.on.Account != "" && m.on.Account != m.caller.principal.Account && m.on.Policy != nil {
		r.EvalDecisionDetails["IAM Policy"] = *decided(m.caller.identity.Evaluate(request))
		r.EvalDecisionDetails["Resource Policy"] = *decided(policy.EvaluateResource(*m.on.Policy, request))
	}
	return r
}

func decided(d policy.Decision) *string {
	switch {
	case d.Allowed:
		return api.Ptr(iamapi.PolicyEvaluationDecisionTypeAllowed)
	case d.Explicit:
		return api.Ptr(iamapi.PolicyEvaluationDecisionTypeExplicitDeny)
	}
	return api.Ptr(iamapi.PolicyEvaluationDecisionTypeImplicitDeny)
}

// missing returns the keys that the policies ask for and nobody gave.
func (m *simulation) missing(ring *keyring) []string {
	policies := slices.Concat(m.caller.identity.Policies, m.caller.identity.Session)
	for _, more := range []*policy.Named{m.caller.identity.Boundary, m.on.Policy} {
		if more != nil {
			policies = append(policies, *more)
		}
	}
	return slices.DeleteFunc(policy.RequiredKeys(policies...), func(key string) bool { return len(ring.Values(key)) > 0 })
}

// ordered puts the statement that decided first, as the others follow.
func ordered(all []policy.Match, d policy.Decision) []policy.Match {
	if d.By == nil {
		return all
	}
	slices.SortStableFunc(all, func(a, b policy.Match) int {
		return rank(a, d.By) - rank(b, d.By)
	})
	return all
}

func rank(m policy.Match, by *policy.Match) int {
	if m.Kind == by.Kind && m.Policy.Name == by.Policy.Name && m.Policy.Owner == by.Policy.Owner && m.Statement == by.Statement {
		return 0
	}
	return 1
}

func statementShape(m policy.Match) iamapi.Statement {
	id := m.Policy.Name
	if m.Policy.Owner != "" {
		id = m.Policy.Type + "_" + m.Policy.Owner + "_" + id
	}
	from, to := m.Policy.Span(m.Statement)
	return iamapi.Statement{
		SourcePolicyId: &id, SourcePolicyType: api.Ptr(m.Policy.Type),
		StartPosition: positionShape(from), EndPosition: positionShape(to),
	}
}

func positionShape(p policy.Position) *iamapi.Position {
	return &iamapi.Position{Line: &p.Line, Column: &p.Column}
}

func (s *Service) contextKeysOfCustom(_ context.Context, _ *api.Call, in *iamapi.GetContextKeysForCustomPolicyRequest) (*iamapi.GetContextKeysForPolicyResponse, error) {
	policies, err := parseAll("PolicyInputList", in.PolicyInputList)
	return &iamapi.GetContextKeysForPolicyResponse{ContextKeyNames: policy.RequiredKeys(policies...)}, err
}

func (s *Service) contextKeysOfPrincipal(_ context.Context, _ *api.Call, in *iamapi.GetContextKeysForPrincipalPolicyRequest) (*iamapi.GetContextKeysForPolicyResponse, error) {
	c, err := callerOf(s.store.Snapshot(), api.Principal{ARN: *in.PolicySourceArn})
	if err != nil {
		return nil, iamapi.NewNoSuchEntityException("%v", err)
	}
	more, err := parseAll("PolicyInputList", in.PolicyInputList)
	return &iamapi.GetContextKeysForPolicyResponse{ContextKeyNames: policy.RequiredKeys(append(c.identity.Policies, more...)...)}, err
}
