package api

import (
	"net/http"

	"apexai/crm/internal/limit"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/trace"
)

// Limits are how often each kind of caller may come; nil: as often as it likes.
type Limits struct {
	Users    *limit.Limiter // a signed-in user, in all sessions together
	Keys     *limit.Limiter // an API key
	Networks *limit.Limiter // those whom nobody knows, by where they come from
}

func (l Limits) admit(w http.ResponseWriter, r *http.Request, caller tenant.Tenant) error {
	limiter, key := l.Users, caller.User.String()
	switch {
	case caller.User.IsZero():
		limiter, key = l.Networks, trace.From(r.Context()).Origin().Client
	case !caller.Key.IsZero():
		limiter, key = l.Keys, caller.Key.String()
	}
	verdict := limiter.Take(r.Context(), key)
	verdict.Show(w.Header())
	if !verdict.OK {
		return problem.TooMany("come back in " + verdict.RetryAfter() + " s")
	}
	return nil
}
