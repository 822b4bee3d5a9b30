package autoscaling

import (
	"fmt"
	"maps"
	"time"

	"apex/internal/api"
	"apex/internal/api/autoscalingapi"
	"apex/internal/awsid"
	"apex/internal/service/ecs"
	"apex/internal/store"
)

// fulfilTime is how long a change may take before it counts as not fulfilled.
const fulfilTime = 10 * time.Minute

// A turn is one look at a target and what comes of it.
type turn struct {
	now             time.Time
	target          Target // with the status that it gets
	desired, wanted int64
	seen            []string // actions whose times were looked at
	activities      []Activity
	changed         bool
	look            time.Time // when to look again; zero when something changes
}

// turn looks at a target.
func (s *Service) turn(r store.Reader, t Target, now time.Time) *turn {
	u := &turn{now: now, target: t}
	u.target.Status.Cooldowns = maps.Clone(t.Status.Cooldowns)
	u.actions(r)
	desired, running, ok := ecs.Counts(r, serviceOf(t))
	u.desired, u.wanted = desired, desired
	if !ok {
		return u // the service is gone or not there yet: nothing to scale
	}
	u.fulfil(r, running)
	in := u.input(r, s.rules(r, t))
	d := plan(in, now)
	u.look = sooner(u.look, d.Next)
	if hasAlarm(in.Policies) {
		u.look = sooner(u.look, now.Add(s.profile.Period(alarmPeriod*time.Second)))
	}
	if d.Capacity != desired {
		u.scale(r, d)
	}
	u.refuse(d)
	if u.target.Status.Open != "" {
		u.look = sooner(u.look, now.Add(openLook))
	}
	return u
}

func (u *turn) input(r store.Reader, rules []rule) input {
	least, most := u.target.bounds()
	off := u.target.Spec.Suspended
	for i, one := range rules {
		rules[i].Last = u.target.Status.Cooldowns[one.Name]
	}
	return input{
		Capacity: u.desired, Min: least, Max: most, Policies: rules,
		InSuspended: api.Val(off.DynamicScalingInSuspended), OutSuspended: api.Val(off.DynamicScalingOutSuspended),
		Deploying: ecs.Deploying(r, serviceOf(u.target)), InProgress: u.target.Status.Open != "",
	}
}

func hasAlarm(rules []rule) bool {
	for _, r := range rules {
		if r.Tracking != nil && (r.Tracking.High.State == stateAlarm || r.Tracking.Low.State == stateAlarm) {
			return true
		}
		if r.Step == nil {
			continue
		}
		for _, b := range r.Step.Alarms {
			if b.State == stateAlarm {
				return true
			}
		}
	}
	return false
}

// actions sets the bounds that scheduled actions say.
func (u *turn) actions(r store.Reader) {
	for key, a := range Actions.Prefix(r, u.target.Key+"|") {
		plan, err := a.Spec.schedule()
		if err != nil {
			continue // the API refused such; a zone may be gone from the machine
		}
		after := a.Spec.Changed
		if a.Status.Seen.After(after) {
			after = a.Status.Seen
		}
		last, next := plan.Due(after, u.now, a.Spec.Created, a.Spec.Start, a.Spec.End)
		u.look = sooner(u.look, next)
		if last.IsZero() {
			continue
		}
		u.seen, u.changed = append(u.seen, key), true
		if !api.Val(u.target.Spec.Suspended.ScheduledScalingSuspended) && a.Spec.Bounds != nil {
			u.bound(a.Spec)
		}
	}
}

// bound sets the bounds of a scheduled action.
func (u *turn) bound(a ActionSpec) {
	least, most := u.target.bounds()
	if v := a.Bounds.MinCapacity; v != nil {
		least = *v
		most = max(most, least)
	}
	if v := a.Bounds.MaxCapacity; v != nil {
		most = *v
		least = min(least, most)
	}
	u.target.Status.Min, u.target.Status.Max, u.target.Status.Bounded = least, most, u.now
	what := ""
	switch {
	case a.Bounds.MinCapacity != nil && a.Bounds.MaxCapacity != nil:
		what = fmt.Sprintf("min capacity to %d and max capacity to %d", least, most)
	case a.Bounds.MinCapacity != nil:
		what = fmt.Sprintf("min capacity to %d", least)
	default:
		what = fmt.Sprintf("max capacity to %d", most)
	}
	u.add(ActivitySpec{
		Description: "Setting " + what, Cause: "scheduled action name " + a.Name + " was triggered",
		End: u.now, Status: autoscalingapi.ScalingActivityStatusCodeSuccessful, Message: "Successfully set " + what,
	})
}

// fulfil closes the open activity when its capacity is there, or will not come.
func (u *turn) fulfil(r store.Reader, running int64) {
	status := &u.target.Status
	a, ok := Activities.Get(r, status.Open)
	if !ok {
		status.Open = ""
		return
	}
	set := "Successfully set desired count to " + itoa(a.Spec.Wanted) + ". "
	switch {
	case u.desired != a.Spec.Wanted:
		a.Spec.Status, a.Spec.Message = autoscalingapi.ScalingActivityStatusCodeOverridden, set+"It was changed before it was fulfilled."
	case running == u.desired:
		a.Spec.Status, a.Spec.Message = autoscalingapi.ScalingActivityStatusCodeSuccessful, set+"Change successfully fulfilled by ecs."
	case u.now.Sub(a.Spec.Start) > fulfilTime:
		a.Spec.Status, a.Spec.Message = autoscalingapi.ScalingActivityStatusCodeUnfulfilled, set+"The change was not fulfilled by ecs in time."
	default:
		return
	}
	a.Spec.End = u.now
	u.activities, u.changed = append(u.activities, a), true
	status.Open = ""
	if c, ok := status.Cooldowns[a.Spec.Policy]; ok { // the cooldown begins with the fulfilment
		if c.OutTo == a.Spec.Wanted && !c.Out.IsZero() {
			c.Out = u.now
		}
		if !c.In.Before(a.Spec.Start) {
			c.In = u.now
		}
		status.Cooldowns[a.Spec.Policy] = c
	}
}

// scale takes over a decision.
func (u *turn) scale(r store.Reader, d decision) {
	status := &u.target.Status
	if open, ok := Activities.Get(r, status.Open); ok {
		open.Spec.Status, open.Spec.End = autoscalingapi.ScalingActivityStatusCodeOverridden, u.now
		open.Spec.Message = "Successfully set desired count to " + itoa(open.Spec.Wanted) + ". It was changed before it was fulfilled."
		u.activities = append(u.activities, open)
	}
	u.wanted = d.Capacity
	status.Open = u.add(ActivitySpec{
		Description: "Setting desired count to " + itoa(d.Capacity) + ".", Cause: d.Cause,
		Status: autoscalingapi.ScalingActivityStatusCodeInProgress, Wanted: d.Capacity, Policy: d.Policy,
		Message: "Successfully set desired count to " + itoa(d.Capacity) + ". Waiting for change to be fulfilled by ecs.",
	})
	if d.Policy == "" {
		return
	}
	if status.Cooldowns == nil {
		status.Cooldowns = map[string]cooldown{}
	}
	c := status.Cooldowns[d.Policy]
	if d.Capacity > u.desired {
		c.Out, c.OutBase, c.OutTo, c.In = u.now, u.desired, d.Capacity, time.Time{}
	} else {
		c.In, c.Out = u.now, time.Time{}
	}
	status.Cooldowns[d.Policy] = c
}

// refuse tells of a change that was asked for in vain, once.
func (u *turn) refuse(d decision) {
	status := &u.target.Status
	told := ""
	if d.Refused != "" {
		told = d.Refused + ": " + d.RefusedCause
	}
	if told == status.Refused {
		return
	}
	status.Refused, u.changed = told, true
	if told == "" {
		return
	}
	least, most := u.target.bounds()
	reason := autoscalingapi.NotScaledReason{Code: api.Ptr(d.Refused)}
	switch d.Refused {
	case atMax:
		reason.MaxCapacity = &most
	case atMin:
		reason.MinCapacity = &least
	case atDesired:
		reason.CurrentCapacity = &u.desired
	}
	u.add(ActivitySpec{
		Description: "Attempting to scale due to alarm triggered", Cause: d.RefusedCause, End: u.now,
		Status: autoscalingapi.ScalingActivityStatusCodeFailed, NotScaled: []autoscalingapi.NotScaledReason{reason},
	})
}

// add adds an activity that begins now, a millisecond after the one before, and
// returns its key.
func (u *turn) add(a ActivitySpec) string {
	a.ID, a.Owner, a.Start = awsid.UUID(), u.target.Spec.Owner, u.now.Add(time.Duration(len(u.activities))*time.Millisecond)
	key := fmt.Sprintf("%s|%020d", u.target.Key, a.Start.UnixNano())
	u.activities, u.changed = append(u.activities, Activity{Key: key, Spec: a}), true
	return key
}
