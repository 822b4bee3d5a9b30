package autoscaling

import (
	"math"
	"time"
)

// An input is all that a decision about one target looks at.
type input struct {
	Capacity     int64 // desired count now
	Min, Max     int64
	InSuspended  bool // dynamic scaling in
	OutSuspended bool // dynamic scaling out
	Deploying    bool // a deployment runs: only scale-out is done
	InProgress   bool // the last change is not fulfilled yet
	Policies     []rule
}

// A rule is a scaling policy with what its alarms say.
type rule struct {
	Name     string
	Tracking *tracking // just one of the two is there
	Step     *step
	Last     cooldown // of this policy
}

// A cooldown is what a policy did last.
type cooldown struct {
	Out     time.Time `json:",omitzero"` // when a scale-out by it was fulfilled; the time of the change until then
	OutBase int64     `json:",omitempty"`
	OutTo   int64     `json:",omitempty"`
	In      time.Time `json:",omitzero"`
}

// tracking is a target tracking policy.
type tracking struct {
	Target        float64
	Metric        float64 // over the last periods
	Known         bool    // whether there is a metric
	High, Low     alarm
	NoScaleIn     bool
	OutFor, InFor time.Duration // cooldowns
}

// An alarm is one that a policy listens to.
type alarm struct {
	Name, State string // OK, ALARM, INSUFFICIENT_DATA; empty for one that is gone
}

const (
	stateAlarm        = "ALARM"
	stateInsufficient = "INSUFFICIENT_DATA"
)

// A wish is what one policy wants.
type wish struct {
	policy, alarm string
	capacity      int64
	blocked       string // why it is not followed now; empty if it is
	until         time.Time
}

// A decision is what becomes of a target's capacity.
type decision struct {
	Capacity int64
	Cause    string // in AWS's words; empty if nothing changes
	Policy   string // whose wish was followed; empty for bounds
	// Refused is set when an alarm asks for a change and none comes: a code of
	// NotScaledReasons.
	Refused, RefusedCause string
	// Next is when something may change without anybody's doing; zero if nothing
	// waits.
	Next time.Time
}

// Codes of NotScaledReasons (Application Auto Scaling API).
const (
	atMax     = "AlreadyAtMaxCapacity"
	atMin     = "AlreadyAtMinCapacity"
	atDesired = "AlreadyAtDesiredCapacity"
)

// plan decides the capacity of a target. The bounds come first, then the largest
// capacity that a policy wants; capacity is taken away only if no policy needs
// it (Application Auto Scaling user guide, Target tracking, Step scaling).
func plan(in input, now time.Time) decision {
	d := decision{Capacity: in.Capacity}
	if c, cause := enforce(in); c != in.Capacity {
		d.Capacity, d.Cause = c, cause
		return d
	}
	wishes := wishesOf(in, now)
	for _, w := range wishes {
		d.Next = sooner(d.Next, w.until)
	}
	w, ok := largest(wishes)
	if !ok {
		return d
	}
	cause := "monitor alarm " + w.alarm + " in state ALARM triggered policy " + w.policy
	capacity := min(max(w.capacity, in.Min), in.Max)
	if capacity != in.Capacity {
		d.Capacity, d.Cause, d.Policy = capacity, cause, w.policy
		return d
	}
	d.RefusedCause = cause
	switch {
	case w.capacity > in.Capacity:
		d.Refused = atMax
	case w.capacity < in.Capacity:
		d.Refused = atMin
	default:
		d.Refused = atDesired
	}
	return d
}

// enforce brings a capacity within its bounds.
func enforce(in input) (int64, string) {
	switch {
	case in.Capacity < in.Min:
		return in.Min, "minimum capacity was set to " + itoa(in.Min)
	case in.Capacity > in.Max:
		return in.Max, "maximum capacity was set to " + itoa(in.Max)
	}
	return in.Capacity, ""
}

// wishesOf asks every policy. Target tracking takes capacity away only if all
// its policies that may agree.
func wishesOf(in input, now time.Time) []wish {
	var all, inward []wish
	agree := true
	for _, r := range in.Policies {
		switch {
		case r.Step != nil:
			all = append(all, r.Step.wishes(in, r, now)...)
		case r.Tracking.High.State == stateAlarm:
			agree = agree && r.Tracking.NoScaleIn
			all = append(all, r.Tracking.out(in, r, now)...)
		case r.Tracking.NoScaleIn:
		case r.Tracking.Low.State == stateAlarm && r.Tracking.Known:
			inward = append(inward, r.Tracking.in(in, r, now))
		default:
			agree = false // it is content, or has no data
		}
	}
	if !agree {
		return all
	}
	if w, ok := greatest(inward); ok {
		all = append(all, w)
	}
	return all
}

// out is what a tracking policy wants above its target. Within the cooldown only
// a larger scale-out than the one before is followed.
func (t *tracking) out(in input, r rule, now time.Time) []wish {
	if !t.Known || t.Metric <= t.Target {
		return nil
	}
	w := wish{policy: r.Name, alarm: t.High.Name, capacity: proportional(in.Capacity, t.Metric, t.Target)}
	w.outward(in, r, t.OutFor, now, func(base int64) int64 { return proportional(base, t.Metric, t.Target) })
	return []wish{w}
}

// outward holds back a scale-out that is suspended or within the cooldown of the
// one before. What that one added counts: from its base, more must be wanted.
func (w *wish) outward(in input, r rule, cooldown time.Duration, now time.Time, from func(base int64) int64) {
	end := r.Last.Out.Add(cooldown)
	switch {
	case in.OutSuspended:
		w.blocked = "scaling out is suspended"
	case r.Last.Out.IsZero() || !in.InProgress && !now.Before(end):
	case from(r.Last.OutBase) > in.Capacity:
		w.capacity = from(r.Last.OutBase)
	case in.InProgress:
		w.blocked = "the last change is not fulfilled yet"
	default:
		w.blocked, w.until = "the cooldown after a scale-out runs", end
	}
}

// in is what a tracking policy wants below its target.
func (t *tracking) in(in input, r rule, now time.Time) wish {
	w := wish{policy: r.Name, alarm: t.Low.Name, capacity: min(ceil(in.Capacity, t.Metric/t.Target), in.Capacity)}
	w.inward(in, r, t.InFor, now)
	return w
}

// inward holds back a scale-in.
func (w *wish) inward(in input, r rule, cooldown time.Duration, now time.Time) {
	end := r.Last.In.Add(cooldown)
	switch {
	case in.InSuspended:
		w.blocked = "scaling in is suspended"
	case in.Deploying:
		w.blocked = "a deployment runs"
	case in.InProgress:
		w.blocked = "the last change is not fulfilled yet"
	case !r.Last.In.IsZero() && now.Before(end):
		w.blocked, w.until = "the cooldown after a scale-in runs", end
	}
}

// proportional is how much capacity brings the metric down to the target; more
// than there is.
func proportional(capacity int64, metric, target float64) int64 {
	return max(ceil(capacity, metric/target), capacity+1)
}

// ceil multiplies a capacity and rounds up, forgiving the error of the division.
func ceil(capacity int64, factor float64) int64 {
	return int64(min(math.Ceil(float64(capacity)*factor-1e-9), math.MaxInt32))
}

// largest returns the wish for the most capacity among those that are followed.
func largest(wishes []wish) (wish, bool) {
	var followed []wish
	for _, w := range wishes {
		if w.blocked == "" {
			followed = append(followed, w)
		}
	}
	return greatest(followed)
}

// greatest returns the wish for the most capacity; of blocked and unblocked
// equals the blocked one.
func greatest(wishes []wish) (best wish, ok bool) {
	for _, w := range wishes {
		if !ok || w.capacity > best.capacity || w.capacity == best.capacity && w.blocked != "" {
			best, ok = w, true
		}
	}
	return best, ok
}

// sooner returns the earlier of two times; zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
