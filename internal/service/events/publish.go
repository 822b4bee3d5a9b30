package events

import (
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/api/eventsapi"
	"apex/internal/arn"
	"apex/internal/service/target"
	"apex/internal/store"
)

// principal is who acts for rules.
const principal = "events.amazonaws.com"

// What a target's retry policy is that says nothing (EventBridge API reference).
const (
	defaultRetries = 185
	defaultAge     = 86400
)

// publish puts an event into the outbox of every target whose rule wants it.
func publish(tx *store.Tx, bus string, e Event, now time.Time) {
	text := e.text()
	for _, rule := range Rules.Prefix(tx, bus+"/") {
		if rule.wants(text) {
			rule.send(tx, e.ID, text, now)
		}
	}
}

// wanted tells whether any rule of a bus wants an event: asked before a write.
func wanted(r store.Reader, bus string, e Event) bool {
	text := e.text()
	for _, rule := range Rules.Prefix(r, bus+"/") {
		if rule.wants(text) {
			return true
		}
	}
	return false
}

// send puts into the outbox what a rule's targets get of an event. The occasion
// tells one sending from another: the same twice is one.
func (r Rule) send(tx *store.Tx, occasion, event string, now time.Time) {
	scope, _ := arn.SplitKey(r.Key)
	for id, t := range r.Spec.Targets {
		target.Deliveries.Put(tx, target.Delivery{
			Key: deliveryPrefix(r.Key) + occasion + ":" + id,
			Spec: target.DeliverySpec{
				Target: toOf(r, t), Service: principal, Source: ruleARN(r.Key), Account: scope.Account, Region: scope.Region,
				Input: inputFor(t, r, event, now), At: now,
			},
		})
	}
}

func deliveryPrefix(rule string) string { return "events:" + rule + ":" }

// toOf is where a target's deliveries go.
func toOf(r Rule, t eventsapi.Target) target.Target {
	to := target.Target{ARN: *t.Arn, Role: api.Val(t.RoleArn), Retries: defaultRetries, MaxAge: defaultAge * time.Second}
	if t.RetryPolicy != nil {
		to.Retries = api.Or(t.RetryPolicy.MaximumRetryAttempts, defaultRetries)
		to.MaxAge = time.Duration(api.Or(t.RetryPolicy.MaximumEventAgeInSeconds, defaultAge)) * time.Second
	}
	if t.DeadLetterConfig != nil {
		to.DeadLetters = api.Val(t.DeadLetterConfig.Arn)
	}
	if t.SqsParameters != nil {
		to.Group = api.Val(t.SqsParameters.MessageGroupId)
	}
	if t.EcsParameters != nil {
		to.Task = taskOf(r, t.EcsParameters)
	}
	return to
}

// taskOf is the RunTask call of a target.
func taskOf(r Rule, p *eventsapi.EcsParameters) *ecsapi.RunTaskRequest {
	in := &ecsapi.RunTaskRequest{
		TaskDefinition: p.TaskDefinitionArn, Count: p.TaskCount, LaunchType: p.LaunchType, PlatformVersion: p.PlatformVersion,
		Group: p.Group, EnableECSManagedTags: p.EnableECSManagedTags, EnableExecuteCommand: p.EnableExecuteCommand,
		PropagateTags: p.PropagateTags, ReferenceId: p.ReferenceId, StartedBy: api.Ptr("events-rule/" + r.Spec.Name[:min(len(r.Spec.Name), 24)]),
	}
	if n := p.NetworkConfiguration; n != nil && n.AwsvpcConfiguration != nil {
		vpc := n.AwsvpcConfiguration
		in.NetworkConfiguration = &ecsapi.NetworkConfiguration{AwsvpcConfiguration: &ecsapi.AwsVpcConfiguration{
			AssignPublicIp: vpc.AssignPublicIp, SecurityGroups: vpc.SecurityGroups, Subnets: vpc.Subnets,
		}}
	}
	for _, item := range p.CapacityProviderStrategy {
		in.CapacityProviderStrategy = append(in.CapacityProviderStrategy, ecsapi.CapacityProviderStrategyItem{Base: item.Base, CapacityProvider: item.CapacityProvider, Weight: item.Weight})
	}
	for _, t := range p.Tags {
		in.Tags = append(in.Tags, ecsapi.Tag{Key: t.Key, Value: t.Value})
	}
	return in
}
