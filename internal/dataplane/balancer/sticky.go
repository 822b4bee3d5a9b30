package balancer

import (
	"math/rand/v2"
	"strconv"
	"time"

	"apex/internal/dataplane/balancer/cookie"
	"apex/internal/dataplane/balancer/http1"
	"apex/internal/dataplane/balancer/route"
)

// The cookies that keep a client's requests together, as AWS names them. The
// second of a pair is for requests from other sites' pages.
const (
	targetCookie    = "AWSALB"
	targetCookieXS  = "AWSALBCORS"
	groupCookie     = "AWSALBTG"
	groupCookieXS   = "AWSALBTGCORS"
	appCookie       = "AWSALBAPP-" // and a number
	appCookieShards = 4
	removed         = "_remove_" // the value of one that means nothing
	// cookieLife is how long clients keep them; how long they count is said by
	// what is sealed in them.
	cookieLife = 7 * 24 * time.Hour
)

// A stay is what an exchange knows of its client's earlier requests.
type stay struct {
	sticky  Sticky         // of the group
	groupOf time.Duration  // how long the client stays with the group; 0: it does not
	groups  []cookie.Visit // to groups that a rule chose between
	targets []cookie.Visit
	to      cookie.Visit // the target to go to
	bound   bool         // to means something
}

// chooseGroup returns the group that the request goes to: the one that its
// client was sent to before, if the rule wants that.
func (x *exchange) chooseGroup(f *route.Forward) *group {
	if f.Sticky > 0 {
		x.stay.groupOf = f.Sticky
		x.stay.groups = x.visits(groupCookie, groupCookieXS)
		for _, w := range f.Groups {
			if _, ok := cookie.To(x.stay.groups, cookie.GroupHash(w.Group), x.start, f.Sticky); ok && f.Has(w.Group) {
				return x.table.groups[w.Group]
			}
		}
	}
	if id, ok := f.Choose(rand.Float64()); ok {
		return x.table.groups[id]
	}
	return nil
}

// visits reads one of a pair of cookies.
func (x *exchange) visits(name, xs string) []cookie.Visit {
	if v := cookie.Find(x.req.Fields, name); v != nil {
		return x.table.sealer.OpenVisits(name, v)
	}
	if v := cookie.Find(x.req.Fields, xs); v != nil {
		return x.table.sealer.OpenVisits(name, v)
	}
	return nil
}

// recall reads which target the client was served by.
func (x *exchange) recall() {
	x.stay.sticky = x.group.config.Load().Sticky
	switch x.stay.sticky.Kind {
	case LBCookie:
		x.stay.targets = x.visits(targetCookie, targetCookieXS)
	case AppCookie:
		first := appCookie + "0"
		x.stay.targets = x.visits(first, first)
		if cookie.Find(x.req.Fields, x.stay.sticky.Cookie) == nil {
			return // both cookies are needed
		}
	default:
		return
	}
	x.stay.to, x.stay.bound = cookie.To(x.stay.targets, cookie.GroupHash(x.group.id), x.start, x.stay.sticky.Duration)
}

// pick chooses a target that was not tried, and counts the request in: at the
// first attempt the one that the client is bound to.
func (x *exchange) pick(attempt int) *target {
	if attempt == 0 && x.stay.bound {
		if t := x.group.stay(x.stay.to.Addr); t != nil {
			return t
		}
		x.conn.server.stats.nonSticky.Add(1)
	}
	return x.group.pick(x.tried)
}

// bind adds the cookies that bring the client back to where it was served. They
// are renewed with every response.
func (x *exchange) bind() {
	if x.stay.groupOf > 0 {
		v := cookie.Visit{Group: cookie.GroupHash(x.group.id), At: x.start}
		x.addPair(groupCookie, groupCookieXS, x.table.sealer.SealVisits(groupCookie, cookie.With(x.stay.groups, v)))
	}
	v := cookie.Visit{Group: cookie.GroupHash(x.group.id), At: x.start, Addr: x.target.addr}
	switch x.stay.sticky.Kind {
	case LBCookie:
		x.addPair(targetCookie, targetCookieXS, x.table.sealer.SealVisits(targetCookie, cookie.With(x.stay.targets, v)))
	case AppCookie:
		x.bindApplication(v)
	}
}

// bindApplication follows the application's own cookie: the client is bound from
// when a target sets it.
func (x *exchange) bindApplication(v cookie.Visit) {
	value := removed
	if x.stay.bound || cookie.Sets(x.resp.Fields, x.stay.sticky.Cookie) {
		value = x.table.sealer.SealVisits(appCookie+"0", cookie.With(x.stay.targets, v))
	}
	for i := range appCookieShards {
		x.addCookie(cookie.Setting{Name: appCookie + strconv.Itoa(i), Value: value, Expires: x.start.Add(cookieLife)})
		value = removed
	}
}

func (x *exchange) addPair(name, xs, value string) {
	set := cookie.Setting{Name: name, Value: value, Expires: x.start.Add(cookieLife)}
	x.addCookie(set)
	set.Name, set.CrossSite = xs, true
	x.addCookie(set)
}

func (x *exchange) addCookie(c cookie.Setting) {
	x.addField("Set-Cookie", string(c.AppendValue(nil)), http1.Other)
}
