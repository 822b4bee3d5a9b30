// Package autoscaling is Application Auto Scaling: scalable targets, the policies
// and scheduled actions that change their capacity, and the activities that tell
// of it. It scales the desired count of ECS services.
package autoscaling

import (
	"time"

	"apex/internal/api/autoscalingapi"
	"apex/internal/store"
	"apex/internal/tag"
)

// An owner names what is scaled: a dimension of a resource.
type owner struct {
	Namespace string // "ecs"
	Resource  string // "service/cluster/name"
	Dimension string // "ecs:service:DesiredCount"
}

// id is the owner's part of a store key.
func (o owner) id() string { return o.Namespace + "|" + o.Dimension + "|" + o.Resource }

// A Target is a resource whose capacity may be changed between two bounds.
type Target struct {
	Key  string
	Spec TargetSpec
}

// TargetSpec is what RegisterScalableTarget was given.
type TargetSpec struct {
	Owner     owner
	ARN       string
	Min, Max  int64
	RoleARN   string
	Suspended autoscalingapi.SuspendedState
	Tags      tag.Tags
	Created   time.Time
}

// A Policy says by which measure a target's capacity follows its load.
type Policy struct {
	Key  string
	Spec PolicySpec
}

// PolicySpec is what PutScalingPolicy was given; just one of the configurations
// is there.
type PolicySpec struct {
	Owner          owner
	Name, ARN      string
	Type           string
	TargetTracking *autoscalingapi.TargetTrackingScalingPolicyConfiguration
	Step           *autoscalingapi.StepScalingPolicyConfiguration
	Created        time.Time
}

// An Action changes a target's bounds at given times.
type Action struct {
	Key  string
	Spec ActionSpec
}

// ActionSpec is what PutScheduledAction was given.
type ActionSpec struct {
	Owner              owner
	Name, ARN          string
	Schedule, Timezone string
	Start, End         *time.Time
	Bounds             *autoscalingapi.ScalableTargetAction
	Created            time.Time
}

// The service's tables. Policies and actions lie under their target's id.
var (
	Targets  = store.NewTable("autoscaling.targets", func(t *Target) string { return t.Key })
	Policies = store.NewTable("autoscaling.policies", func(p *Policy) string { return p.Key })
	Actions  = store.NewTable("autoscaling.actions", func(a *Action) string { return a.Key })
)

// Tables returns the service's tables.
func Tables() []store.AnyTable { return []store.AnyTable{Targets, Policies, Actions} }
