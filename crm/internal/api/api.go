// Package api puts the operations of all subjects behind one handler at
// /api/v1, each behind the session and role that it needs.
package api

import (
	"net/http"
	"strings"

	"apexai/crm/internal/idempotency"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// Base is where the API begins.
const Base = "/api/v1"

// A Gate says who comes through to the operations, and how often.
type Gate struct {
	Identify func(*http.Request) (tenant.Tenant, error)
	Limits   Limits
	Repeats  idempotency.Guard // answers repeated requests of one key
}

// New serves routes to those whom the gate lets through.
func New(gate Gate, groups ...[]web.Route) http.Handler {
	mux := http.NewServeMux()
	for _, group := range groups {
		for _, route := range group {
			mux.Handle(under(Base, route.Pattern), guard{gate, route})
		}
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { missing(mux, w, r) })
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		web.Fail(w, r, problem.Forbidden("another site may not do this in your name"))
	}))
	return protection.Handler(mux)
}

// under puts "GET /people" below base.
func under(base, pattern string) string {
	method, path, _ := strings.Cut(pattern, " ")
	return method + " " + base + path
}

// A guard lets callers of the needed role through to an operation.
type guard struct {
	Gate
	route web.Route
}

func (g guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var caller tenant.Tenant
	if g.route.Needs > tenant.Nobody {
		var err error
		if caller, err = g.Identify(r); err != nil {
			web.Fail(w, r, err)
			return
		}
	}
	web.Note(r, caller)
	if err := g.Limits.admit(w, r, caller); err != nil {
		web.Fail(w, r, err)
		return
	}
	if err := inScope(g.route.Pattern, caller); err != nil {
		web.Fail(w, r, err)
		return
	}
	if caller.Role < g.route.Needs {
		web.Fail(w, r, problem.Forbidden("this needs the role "+g.route.Needs.String()))
		return
	}
	if g.route.Needs > tenant.Nobody { // other programs add to the addresses that they are given
		if err := g.route.CheckQuery(r.URL.RawQuery); err != nil {
			web.Fail(w, r, err)
			return
		}
	}
	// What has no caller cannot be told from another's, and streams are not kept.
	if g.route.Needs == tenant.Nobody || g.route.Operation.Streamed() {
		g.route.Operation.Serve(w, r, caller)
		return
	}
	g.Repeats.Serve(w, r, caller, func(w http.ResponseWriter, r *http.Request) { g.route.Operation.Serve(w, r, caller) })
}

// missing answers 405 where other methods are served, else 404.
func missing(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if _, pattern := mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host}); pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		web.Fail(w, r, problem.NotFound("path"))
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	web.Fail(w, r, problem.MethodNotAllowed(r.Method))
}
