package balancer

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"apex/internal/dataplane/balancer/auth"
	"apex/internal/dataplane/balancer/http1"
	"apex/internal/dataplane/balancer/route"
)

// oidcPrefix begins the fields that tell targets who the user is.
const oidcPrefix = "x-amzn-oidc-"

// guards are what a listener's rules need to know who asks.
type guards struct {
	keys   *auth.Keys
	login  *auth.Guard
	logins []*route.Login // of all the listener's rules
}

// loginsOf returns the logins of a listener's rules.
func loginsOf(l *Listener) (logins []*route.Login) {
	for i := range l.Rules {
		if login := l.Rules[i].Action.Login; login != nil {
			logins = append(logins, login)
		}
	}
	if l.Default.Login != nil {
		logins = append(logins, l.Default.Login)
	}
	return logins
}

// admit looks whether the request may go on to what the action ends in. If not,
// it was answered, and again says whether the connection can carry another.
func (x *exchange) admit(a *route.Action) (admitted, again bool) {
	if a.Token != nil {
		x.did("jwt-validation")
		fault := x.table.guards.keys.Check(context.Background(), string(x.field("authorization")), a.Token, time.Now())
		if fault != nil {
			x.note.fault = fault.Word
			return false, x.answer(fault.Status)
		}
	}
	if a.Login == nil {
		return true, false
	}
	x.did("authenticate")
	began := time.Now()
	out := x.table.guards.login.Admit(context.Background(), a.Login, x.visitor())
	x.countLogin(&out, began)
	if out.Status != 0 {
		return false, x.outcome(&out)
	}
	x.guarded, x.cookies = true, out.Cookies
	for _, h := range out.Headers {
		x.added = append(x.added, http1.Field{Name: []byte(h[0]), Value: []byte(h[1])})
	}
	return true, false
}

// reserved answers what a listener with logins keeps for itself; false if the
// request is none of that.
func (x *exchange) reserved() (answered, again bool) {
	g := &x.table.guards
	if len(g.logins) == 0 || !strings.HasPrefix(string(x.req.Path), "/oauth2/") {
		return false, false
	}
	if pem, ok := g.login.PublicKey(x.req.Path); ok {
		return true, x.respond(http.StatusOK, "application/x-pem-file", string(pem), "")
	}
	if !auth.Returns(x.req.Path) {
		return false, false
	}
	x.did("authenticate")
	began := time.Now()
	out := g.login.Finish(context.Background(), g.logins, x.visitor())
	x.countLogin(&out, began)
	if out.Status == http.StatusFound {
		x.conn.server.stats.logins.Add(1)
	}
	return true, x.outcome(&out)
}

func (x *exchange) visitor() auth.Visitor {
	return auth.Visitor{
		Origin: x.conn.scheme() + "://" + string(x.req.Host), Target: string(x.req.Target),
		Fields: x.req.Fields, Secure: x.conn.secure != nil, Now: time.Now(),
	}
}

// outcome answers what authentication leads to.
func (x *exchange) outcome(out *auth.Outcome) bool {
	x.note.fault, x.cookies = out.Fault, out.Cookies
	if out.Status != http.StatusFound {
		return x.answer(out.Status)
	}
	x.conn.server.stats.own[out.Status].Add(1)
	x.note.location = out.Location
	return x.respond(out.Status, "text/html", "", out.Location)
}

func (x *exchange) countLogin(out *auth.Outcome, began time.Time) {
	s := &x.conn.server.stats
	s.loginNanos.Add(int64(time.Since(began)))
	switch {
	case out.TooLarge:
		s.loginsTooLarge.Add(1)
	case out.Status == http.StatusInternalServerError:
		s.loginErrors.Add(1)
	case out.Status >= 400:
		s.loginFailures.Add(1)
	}
	if out.Refreshed {
		s.loginRefreshes.Add(1)
	}
}

// field returns the value of the request's first field of the name, which is
// given in lower case.
func (x *exchange) field(name string) []byte {
	i := slices.IndexFunc(x.req.Fields, func(f http1.Field) bool { return http1.EqualFold(f.Name, name) })
	if i < 0 {
		return nil
	}
	return x.req.Fields[i].Value
}

// posesAsUser reports whether a field says who the user is though the client cannot
// know.
func (x *exchange) posesAsUser(f *http1.Field) bool {
	return x.guarded && len(f.Name) >= len(oidcPrefix) && http1.EqualFold(f.Name[:len(oidcPrefix)], oidcPrefix)
}
