package ecs

import (
	"slices"
	"time"
)

// rebalance starts one task in the emptiest zone when all is steady and another
// zone has at least two more. When it serves, the plan finds one task too many
// and stops one in the fullest zone.
func (p *planner) rebalance() {
	idle := len(p.steps)+len(p.old)+len(p.bad)+len(p.starting) == 0
	if !p.Rebalance || !idle || len(p.good) != p.Desired || p.most() <= p.Desired || len(p.Zones) < 2 || p.backsOff() {
		return
	}
	if to := p.emptiestZone(); !slices.Contains(p.Ailing, to) && p.lopsided(to) {
		p.start(to)
	}
}

// moves reports whether the one task that starts is there to balance the zones.
func (p *planner) moves() bool {
	return p.Rebalance && len(p.starting) == 1 && len(p.good) == p.Desired && len(p.old) == 0 && p.lopsided(p.starting[0].Zone)
}

// lopsided reports whether a task that may be stopped is in a zone with at least
// two more than another.
func (p *planner) lopsided(to string) bool {
	count := perZone(p.good)
	return slices.ContainsFunc(p.spare(p.good), func(t planTask) bool { return count[t.Zone]-count[to] >= 2 })
}

// skew is by how many tasks the fullest of the zones exceeds the emptiest.
func skew(zones []string, tasks []planTask) int {
	if len(zones) == 0 {
		return 0
	}
	count := perZone(tasks)
	low, high := count[zones[0]], 0
	for _, z := range zones {
		low, high = min(low, count[z]), max(high, count[z])
	}
	return high - low
}

// ailingZones are those in which a task is unhealthy, or failed since, and none
// is healthy, while tasks are healthy elsewhere: replacements go there. Failed
// are the zones of the tasks that failed, with when the last did.
func ailingZones(zones []string, tasks []planTask, failed map[string]time.Time, since time.Time) []string {
	serving, ails := map[string]bool{}, map[string]bool{}
	for _, t := range tasks {
		switch t.Verdict {
		case verdictHealthy:
			serving[t.Zone] = true
		case verdictUnhealthy:
			ails[t.Zone] = true
		}
	}
	var ailing []string
	for _, z := range zones {
		if (ails[z] || failed[z].After(since)) && !serving[z] && len(serving) > 0 {
			ailing = append(ailing, z)
		}
	}
	return ailing
}
