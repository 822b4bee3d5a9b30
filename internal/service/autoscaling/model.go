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
	Key    string
	Spec   TargetSpec
	Status TargetStatus
}

// TargetSpec is what RegisterScalableTarget was given.
type TargetSpec struct {
	Owner     owner
	ARN       string
	Min, Max  int64
	Bounded   time.Time // when the bounds were last given
	RoleARN   string
	Suspended autoscalingapi.SuspendedState
	Tags      tag.Tags
	Created   time.Time
}

// TargetStatus is what became of a target.
type TargetStatus struct {
	// Min and Max are the bounds that a scheduled action set at Bounded. They
	// hold until the owner gives bounds again.
	Min, Max int64     `json:",omitempty"`
	Bounded  time.Time `json:",omitzero"`
	// Cooldowns are what each policy did last, by its name.
	Cooldowns map[string]cooldown `json:",omitempty"`
	// Open is the activity that is not fulfilled yet: its key; empty for none.
	Open string `json:",omitempty"`
	// Refused is the last change that an alarm asked for in vain, so that it is
	// told once.
	Refused string `json:",omitempty"`
}

// bounds are the target's least and greatest capacity now.
func (t Target) bounds() (least, most int64) {
	if t.Status.Bounded.After(t.Spec.Bounded) {
		return t.Status.Min, t.Status.Max
	}
	return t.Spec.Min, t.Spec.Max
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
	AlarmIDs       map[string]string // ends of the names of the alarms of target tracking: "High", "Low"
	Created        time.Time
}

// An Action changes a target's bounds at given times.
type Action struct {
	Key    string
	Spec   ActionSpec
	Status ActionStatus
}

// ActionStatus is what became of a scheduled action.
type ActionStatus struct {
	Seen time.Time // until when its times have been looked at
}

// ActionSpec is what PutScheduledAction was given.
type ActionSpec struct {
	Owner              owner
	Name, ARN          string
	Schedule, Timezone string
	Start, End         *time.Time
	Bounds             *autoscalingapi.ScalableTargetAction
	Created            time.Time
	Changed            time.Time // times before are not made up for
}

// An Activity is a change of a target's capacity, or of its bounds, or one that
// was asked for in vain.
type Activity struct {
	Key  string // the target's, "|" and the time, so that keys sort by it
	Spec ActivitySpec
}

// ActivitySpec is what is told of an activity, in AWS's words.
type ActivitySpec struct {
	ID                 string
	Owner              owner
	Description, Cause string
	Start              time.Time
	End                time.Time `json:",omitzero"`
	Status, Message    string
	Wanted             int64                            `json:",omitempty"` // the capacity to be reached
	Policy             string                           `json:",omitempty"` // whose wish it was
	NotScaled          []autoscalingapi.NotScaledReason `json:",omitempty"`
}

// The service's tables. Policies and actions lie under their target's id.
var (
	Targets    = store.NewTable("autoscaling.targets", func(t *Target) string { return t.Key })
	Policies   = store.NewTable("autoscaling.policies", func(p *Policy) string { return p.Key })
	Actions    = store.NewTable("autoscaling.actions", func(a *Action) string { return a.Key })
	Activities = store.NewTable("autoscaling.activities", func(a *Activity) string { return a.Key })
)

// Tables returns the service's tables.
func Tables() []store.AnyTable {
	return []store.AnyTable{Targets, Policies, Actions, Activities}
}
