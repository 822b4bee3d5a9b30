package balancer

import (
	"maps"

	"apex/internal/dataplane/balancer/route"
)

// Split parts a Config by whether listeners speak TLS, for two balancers that
// serve it together: handshakes then never hold up plain connections. Each part
// has the groups that its listeners need; Merge puts together what the two see.
func (c *Config) Split() (plain, secure Config) {
	plain, secure = *c, *c
	plain.Listeners, secure.Listeners = nil, nil
	for _, l := range c.Listeners {
		if l.TLS == nil {
			plain.Listeners = append(plain.Listeners, l)
		} else {
			secure.Listeners = append(secure.Listeners, l)
		}
	}
	if len(secure.Listeners) > 0 {
		plain.Groups, secure.Groups = groupsFor(c.Groups, plain.Listeners), groupsFor(c.Groups, secure.Listeners)
	} else {
		secure.Groups = nil
	}
	return plain, secure
}

// groupsFor returns the groups that the listeners forward to.
func groupsFor(groups []Group, listeners []Listener) (needed []Group) {
	used := map[string]bool{}
	for _, l := range listeners {
		for _, a := range append(actionsOf(l.Rules), l.Default) {
			for _, id := range targetsOf(a) {
				used[id] = true
			}
		}
	}
	for _, g := range groups {
		if used[g.ID] {
			needed = append(needed, g)
		}
	}
	return needed
}

func targetsOf(a route.Action) (groups []string) {
	if a.Forward != nil {
		for _, w := range a.Forward.Groups {
			groups = append(groups, w.Group)
		}
	}
	return groups
}

// Merge returns what is true of balancers that serve the parts of one Config:
// figures are added up, and a target is as well as the one sees it that sees it
// worse. Its PID, Revision, Config and StartedAt are the first one's.
func Merge(states ...State) State {
	var all State
	for i, s := range states {
		if i == 0 {
			all = s
			all.Counters.ByStatus = maps.Clone(s.Counters.ByStatus)
			all.Counters.Listeners = maps.Clone(s.Counters.Listeners)
			continue
		}
		all.Sockets = append(all.Sockets[:len(all.Sockets):len(all.Sockets)], s.Sockets...)
		all.Groups = mergeGroups(all.Groups, s.Groups)
		all.Counters = all.Counters.Plus(s.Counters)
	}
	return all
}

// Plus returns the sum of two balancers' figures.
func (c Counters) Plus(o Counters) Counters {
	sum := c
	for _, f := range []struct {
		to   *int64
		more int64
	}{
		{&sum.Requests, o.Requests},
		{&sum.NewConnections, o.NewConnections},
		{&sum.ActiveConnections, o.ActiveConnections},
		{&sum.RejectedConnections, o.RejectedConnections},
		{&sum.TLSErrors, o.TLSErrors},
		{&sum.ReceivedBytes, o.ReceivedBytes},
		{&sum.SentBytes, o.SentBytes},
		{&sum.RuleEvaluations, o.RuleEvaluations},
		{&sum.FixedResponses, o.FixedResponses},
		{&sum.Redirects, o.Redirects},
		{&sum.RedirectsTooLong, o.RedirectsTooLong},
		{&sum.NonSticky, o.NonSticky},
		{&sum.ClientGone, o.ClientGone},
		{&sum.Retries, o.Retries},
		{&sum.NonCompliant, o.NonCompliant},
		{&sum.HeadersDropped, o.HeadersDropped},
		{&sum.HeadersPassed, o.HeadersPassed},
		{&sum.RecordsLost, o.RecordsLost},
		{&sum.Panics, o.Panics},
		{&sum.IPv6Requests, o.IPv6Requests},
		{&sum.GRPCRequests, o.GRPCRequests},
		{&sum.Logins, o.Logins},
		{&sum.LoginFailures, o.LoginFailures},
		{&sum.LoginErrors, o.LoginErrors},
		{&sum.LoginsTooLarge, o.LoginsTooLarge},
		{&sum.LoginRefreshes, o.LoginRefreshes},
		{&sum.LoginNanos, o.LoginNanos},
	} {
		*f.to += f.more
	}
	sum.ByStatus, sum.Listeners = map[string]int64{}, map[string]ListenerCounters{}
	for _, part := range []Counters{c, o} {
		for status, n := range part.ByStatus {
			sum.ByStatus[status] += n
		}
		for id, l := range part.Listeners {
			was := sum.Listeners[id]
			sum.Listeners[id] = ListenerCounters{was.Requests + l.Requests, was.NewConnections + l.NewConnections, was.TLSErrors + l.TLSErrors}
		}
	}
	return sum
}

func mergeGroups(a, b []GroupState) (all []GroupState) {
	at := map[string]int{}
	for _, g := range append(a[:len(a):len(a)], b...) {
		i, seen := at[g.ID]
		if !seen {
			at[g.ID] = len(all)
			all = append(all, g)
			continue
		}
		all[i].Counters = all[i].Counters.Plus(g.Counters)
		all[i].Open = all[i].Open || g.Open
		all[i].Targets = mergeTargets(all[i].Targets, g.Targets)
	}
	return all
}

func mergeTargets(a, b []TargetState) (all []TargetState) {
	all = append(all, a...)
	for _, t := range b {
		i := 0
		for i < len(all) && all[i].Addr != t.Addr {
			i++
		}
		if i == len(all) {
			all = append(all, t)
			continue
		}
		all[i] = mergeTarget(all[i], t)
	}
	return all
}

// worse orders how targets can be, the best first.
var worse = map[Health]int{Healthy: 0, Initial: 1, Unhealthy: 2, Draining: 3}

func mergeTarget(a, b TargetState) TargetState {
	sum := a
	if worse[b.Health] > worse[a.Health] {
		sum = b
	}
	sum.InFlight, sum.Counters = a.InFlight+b.InFlight, a.Counters.Plus(b.Counters)
	sum.Drained = a.Drained && b.Drained
	sum.Anomalous, sum.Mitigated = a.Anomalous || b.Anomalous, a.Mitigated || b.Mitigated
	return sum
}
