package ecs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func (s *Service) registerTaskDefinition(ctx context.Context, call *api.Call, in *ecsapi.RegisterTaskDefinitionRequest) (*ecsapi.RegisterTaskDefinitionResponse, error) {
	d, err := newDefinition(in)
	if err != nil {
		return nil, err
	}
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	scope := scopeOf(call)
	family := api.Val(in.Family)
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		counter, _ := Families.Get(tx, scope.Key(family))
		revision := counter.Last + 1
		name := fmt.Sprintf("task-definition/%s:%d", family, revision)
		d = registered(d, scope.ARN("ecs", name), revision, call.Principal.ARN, call.Now)
		Families.Put(tx, Family{Key: scope.Key(family), Last: revision})
		Definitions.Put(tx, Definition{Key: definitionKey(scope, family, revision), Definition: d, Tags: tags})
		return nil
	})
	return &ecsapi.RegisterTaskDefinitionResponse{TaskDefinition: &d, Tags: wireTags(tags)}, err
}

func (s *Service) describeTaskDefinition(_ context.Context, call *api.Call, in *ecsapi.DescribeTaskDefinitionRequest) (*ecsapi.DescribeTaskDefinitionResponse, error) {
	d, err := findDefinition(s.store.Snapshot(), scopeOf(call), api.Val(in.TaskDefinition))
	if err != nil {
		return nil, err
	}
	out := &ecsapi.DescribeTaskDefinitionResponse{TaskDefinition: &d.Definition}
	if slices.Contains(in.Include, ecsapi.TaskDefinitionFieldTags) {
		out.Tags = wireTags(d.Tags)
	}
	return out, nil
}

func (s *Service) deregisterTaskDefinition(ctx context.Context, call *api.Call, in *ecsapi.DeregisterTaskDefinitionRequest) (*ecsapi.DeregisterTaskDefinitionResponse, error) {
	if !strings.Contains(api.Val(in.TaskDefinition), ":") {
		return nil, ecsapi.NewClientException("The revision of the task definition is missing.")
	}
	var out ecsapi.TaskDefinition
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		d, err := findDefinition(tx, scopeOf(call), api.Val(in.TaskDefinition))
		if err != nil {
			return ecsapi.NewClientException("The specified task definition does not exist.")
		}
		if api.Val(d.Definition.Status) == ecsapi.TaskDefinitionStatusActive {
			d.Definition.Status = api.Ptr(ecsapi.TaskDefinitionStatusInactive)
			d.Definition.DeregisteredAt = &call.Now
			Definitions.Put(tx, d)
		}
		out = d.Definition
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ecsapi.DeregisterTaskDefinitionResponse{TaskDefinition: &out}, nil
}

// deleteTaskDefinitions deletes inactive revisions at once: running tasks and
// services have what they need of them.
func (s *Service) deleteTaskDefinitions(ctx context.Context, call *api.Call, in *ecsapi.DeleteTaskDefinitionsRequest) (*ecsapi.DeleteTaskDefinitionsResponse, error) {
	out := &ecsapi.DeleteTaskDefinitionsResponse{TaskDefinitions: []ecsapi.TaskDefinition{}, Failures: []ecsapi.Failure{}}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		for _, ref := range in.TaskDefinitions {
			d, err := findDefinition(tx, scopeOf(call), ref)
			switch {
			case err != nil || !strings.Contains(ref, ":"):
				out.Failures = append(out.Failures, missing(ref))
			case api.Val(d.Definition.Status) == ecsapi.TaskDefinitionStatusActive:
				out.Failures = append(out.Failures, ecsapi.Failure{
					Arn: d.Definition.TaskDefinitionArn, Reason: api.Ptr("The specified task definition is still in ACTIVE status. Please deregister the target and try again."),
				})
			case inUse(tx, scopeOf(call), api.Val(d.Definition.TaskDefinitionArn)):
				out.Failures = append(out.Failures, ecsapi.Failure{
					Arn: d.Definition.TaskDefinitionArn, Reason: api.Ptr("Tasks or services of this task definition are still there."),
				})
			default:
				Definitions.Delete(tx, d.Key)
				d.Definition.Status = api.Ptr(ecsapi.TaskDefinitionStatusDeleteInProgress)
				d.Definition.DeleteRequestedAt = &call.Now
				out.TaskDefinitions = append(out.TaskDefinitions, d.Definition)
			}
		}
		return nil
	})
}

// inUse reports whether a service would start tasks from the definition, or a
// task that has not ended was started from it.
func inUse(r store.Reader, scope arn.Scope, definition string) bool {
	for _, svc := range Services.Prefix(r, scope.Prefix()) {
		if svc.primary().TaskDefinition == definition || svc.Spec.Deployments[0].TaskDefinition == definition {
			return true
		}
	}
	for _, t := range Tasks.Prefix(r, scope.Prefix()) {
		if t.Spec.Definition == definition && t.Status.Last != statusStopped {
			return true
		}
	}
	return false
}

func (s *Service) listTaskDefinitions(_ context.Context, call *api.Call, in *ecsapi.ListTaskDefinitionsRequest) (*ecsapi.ListTaskDefinitionsResponse, error) {
	scope := scopeOf(call)
	status := api.Or(in.Status, ecsapi.TaskDefinitionStatusActive)
	var arns []string
	for _, d := range Definitions.Prefix(s.store.Snapshot(), scope.Key(api.Val(in.FamilyPrefix))) {
		if in.FamilyPrefix != nil && api.Val(d.Definition.Family) != *in.FamilyPrefix || api.Val(d.Definition.Status) != status {
			continue
		}
		arns = append(arns, api.Val(d.Definition.TaskDefinitionArn))
	}
	if api.Val(in.Sort) == ecsapi.SortOrderDesc {
		slices.Reverse(arns)
	}
	page, next, err := paged(arns, in.NextToken, in.MaxResults)
	return &ecsapi.ListTaskDefinitionsResponse{TaskDefinitionArns: page, NextToken: next}, err
}

func (s *Service) listTaskDefinitionFamilies(_ context.Context, call *api.Call, in *ecsapi.ListTaskDefinitionFamiliesRequest) (*ecsapi.ListTaskDefinitionFamiliesResponse, error) {
	want := api.Or(in.Status, ecsapi.TaskDefinitionFamilyStatusActive)
	active := map[string]bool{}
	for _, d := range Definitions.Prefix(s.store.Snapshot(), scopeOf(call).Key(api.Val(in.FamilyPrefix))) {
		family := api.Val(d.Definition.Family)
		active[family] = active[family] || api.Val(d.Definition.Status) == ecsapi.TaskDefinitionStatusActive
	}
	var names []string
	for family, is := range active {
		if want == ecsapi.TaskDefinitionFamilyStatusAll || is == (want == ecsapi.TaskDefinitionFamilyStatusActive) {
			names = append(names, family)
		}
	}
	slices.SortFunc(names, cmp.Compare)
	page, next, err := paged(names, in.NextToken, in.MaxResults)
	return &ecsapi.ListTaskDefinitionFamiliesResponse{Families: page, NextToken: next}, err
}

// missing is the failure of a thing that a describe did not find.
func missing(ref string) ecsapi.Failure {
	return ecsapi.Failure{Arn: &ref, Reason: api.Ptr("MISSING")}
}
