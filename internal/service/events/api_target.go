package events

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/eventsapi"
	"apex/internal/arn"
	"apex/internal/service/target"
)

// maxTargets is how many targets a rule may have.
const maxTargets = 5

func (s *Service) putTargets(ctx context.Context, call *api.Call, in *eventsapi.PutTargetsRequest) (*eventsapi.PutTargetsResponse, error) {
	for _, t := range in.Targets {
		if err := checkTarget(t); err != nil {
			return nil, err
		}
	}
	out := &eventsapi.PutTargetsResponse{FailedEntryCount: new(int64), FailedEntries: []eventsapi.PutTargetsResultEntry{}}
	return out, s.changeRule(ctx, call, in.EventBusName, *in.Rule, func(rule *Rule) error {
		targets := maps.Clone(rule.Spec.Targets)
		if targets == nil {
			targets = map[string]eventsapi.Target{}
		}
		for _, t := range in.Targets {
			targets[*t.Id] = t
		}
		if len(targets) > maxTargets {
			return eventsapi.NewLimitExceededException("The requested resource exceeds the maximum number allowed.")
		}
		rule.Spec.Targets = targets
		return nil
	})
}

// checkTarget refuses what nothing can be sent to, and inputs that cannot be made.
func checkTarget(t eventsapi.Target) error {
	if err := target.Check(*t.Arn); err != nil || strings.HasPrefix(*t.Arn, "arn:aws:scheduler:") {
		return invalid("Parameter %s is not valid. Reason: Provided Arn is not in correct format: %v.", *t.Arn, err)
	}
	name, _ := arn.Parse(*t.Arn) // checked
	given := 0
	for _, has := range []bool{t.Input != nil, t.InputPath != nil, t.InputTransformer != nil} {
		if has {
			given++
		}
	}
	switch {
	case given > 1:
		return invalid("Only one of Input, InputPath, or InputTransformer must be provided for target %s.", *t.Id)
	case t.Input != nil && !json.Valid([]byte(*t.Input)):
		return invalid("JSON syntax error in input for target %s", *t.Id)
	case t.InputPath != nil && !isPath(*t.InputPath):
		return invalid("Parameter InputPath is not valid. Reason: %s is no path.", *t.InputPath)
	case name.Service == "ecs" && t.EcsParameters == nil:
		return invalid("Parameter EcsParameters is not valid. Reason: an ECS target needs it.")
	case name.Service == "ecs" && t.RoleArn == nil:
		return invalid("RoleArn is required for target %s.", *t.Arn)
	case name.Service == "sqs" && strings.HasSuffix(name.Resource, ".fifo") && (t.SqsParameters == nil || t.SqsParameters.MessageGroupId == nil):
		return invalid("Parameter(s) SqsParameters must be specified for target: %s.", *t.Id)
	case t.KinesisParameters != nil || t.RunCommandParameters != nil || t.BatchParameters != nil || t.HttpParameters != nil ||
		t.RedshiftDataParameters != nil || t.SageMakerPipelineParameters != nil || t.AppSyncParameters != nil:
		return invalid("Parameters of target %s are of services that the region does not send to.", *t.Id)
	}
	return checkTransformer(t)
}

func checkTransformer(t eventsapi.Target) error {
	if t.InputTransformer == nil {
		return nil
	}
	for variable, path := range t.InputTransformer.InputPathsMap {
		if !isPath(path) || strings.HasPrefix(strings.ToLower(variable), "aws") {
			return invalid("InputPathsMap of target %s is not valid: %s.", *t.Id, variable)
		}
	}
	return nil
}

func (s *Service) removeTargets(ctx context.Context, call *api.Call, in *eventsapi.RemoveTargetsRequest) (*eventsapi.RemoveTargetsResponse, error) {
	out := &eventsapi.RemoveTargetsResponse{FailedEntryCount: new(int64), FailedEntries: []eventsapi.RemoveTargetsResultEntry{}}
	return out, s.changeRule(ctx, call, in.EventBusName, *in.Rule, func(rule *Rule) error {
		targets := maps.Clone(rule.Spec.Targets)
		maps.DeleteFunc(targets, func(id string, _ eventsapi.Target) bool { return slices.Contains(in.Ids, id) })
		rule.Spec.Targets = targets
		return nil
	})
}

func (s *Service) listTargetsByRule(_ context.Context, call *api.Call, in *eventsapi.ListTargetsByRuleRequest) (*eventsapi.ListTargetsByRuleResponse, error) {
	rule, err := findRule(s.store.Snapshot(), scopeOf(call), in.EventBusName, *in.Rule)
	if err != nil {
		return nil, err
	}
	targets := []eventsapi.Target{}
	for _, id := range slices.Sorted(maps.Keys(rule.Spec.Targets)) {
		targets = append(targets, rule.Spec.Targets[id])
	}
	targets, next, err := page(targets, in.Limit, in.NextToken)
	return &eventsapi.ListTargetsByRuleResponse{Targets: targets, NextToken: next}, err
}
