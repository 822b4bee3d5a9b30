package service

import "time"

// A Profile is a set of timings. It changes numbers and never behaviour: the API
// gives back what the caller set, and the data plane runs with what the profile
// makes of it.
type Profile struct {
	Name string
	// CheckInterval, CheckTimeout and Drain cap health-check intervals, their
	// timeouts, and deregistration delays. 0 caps nothing.
	CheckInterval, CheckTimeout, Drain time.Duration
	// AlarmPeriod, Cooldown and Bake cap the periods that alarms evaluate, the
	// cooldowns of scaling, and the bake times of deployments. 0 caps nothing.
	AlarmPeriod, Cooldown, Bake time.Duration
	// BackOff is the longest pause before a task that keeps failing is started
	// again.
	BackOff time.Duration
}

// AWS is the profile of AWS's own timings.
func AWS() Profile { return Profile{Name: "aws", BackOff: 5 * time.Minute} }

// Fast is the profile for one machine: seconds where AWS takes minutes.
func Fast() Profile {
	return Profile{
		Name: "fast", CheckInterval: time.Second, CheckTimeout: time.Second,
		Drain: 5 * time.Second, BackOff: 15 * time.Second,
		AlarmPeriod: 5 * time.Second, Cooldown: 10 * time.Second, Bake: 5 * time.Second,
	}
}

// Check returns the health-check interval to run with.
func (p Profile) Check(d time.Duration) time.Duration { return capped(d, p.CheckInterval) }

// Timeout returns the health-check timeout to run with.
func (p Profile) Timeout(d time.Duration) time.Duration { return capped(d, p.CheckTimeout) }

// DrainFor returns the deregistration delay to run with.
func (p Profile) DrainFor(d time.Duration) time.Duration { return capped(d, p.Drain) }

// Period returns the alarm period to evaluate.
func (p Profile) Period(d time.Duration) time.Duration { return capped(d, p.AlarmPeriod) }

// CooldownFor returns the pause between scaling activities.
func (p Profile) CooldownFor(d time.Duration) time.Duration { return capped(d, p.Cooldown) }

// BakeFor returns the time for which a deployment is watched before it counts.
func (p Profile) BakeFor(d time.Duration) time.Duration { return capped(d, p.Bake) }

func capped(d, limit time.Duration) time.Duration {
	if limit > 0 && d > limit {
		return limit
	}
	return d
}
