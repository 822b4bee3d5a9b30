package ecs

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"time"

	"apex/internal/arn"
	"apex/internal/store"
)

// Metadata serves what tasks ask at 169.254.170.2: the task metadata endpoint,
// version 4, and the credentials of their roles. Who asks is told by the
// connection's address (AcceptProxied), which must be the task's own; the ids in
// the paths cannot be guessed.
func (s *Service) Metadata() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/credentials/{id}", s.serveCredentials)
	mux.HandleFunc("GET /v4/{id}", s.about(func(v view) any { return v.container(v.asked) }))
	mux.HandleFunc("GET /v4/{id}/task", s.about(func(v view) any { return v.task(false) }))
	mux.HandleFunc("GET /v4/{id}/taskWithTags", s.about(func(v view) any { return v.task(true) }))
	mux.HandleFunc("GET /v4/{id}/stats", s.about(func(v view) any { return v.stats(v.asked) }))
	mux.HandleFunc("GET /v4/{id}/task/stats", s.about(func(v view) any { return v.allStats() }))
	return mux
}

// about answers with what view makes of the container that asks.
func (s *Service) about(what func(view) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		snap := s.store.Snapshot()
		for key, t := range Tasks.All(snap) {
			for _, c := range t.Status.Containers {
				if c.RuntimeID == r.PathValue("id") && asksItself(t, r) {
					scope, _ := arn.SplitKey(key)
					reply(w, http.StatusOK, what(view{s, snap, scope, t, c}))
					return
				}
			}
		}
		http.Error(w, "no container of this id asks from this address", http.StatusNotFound)
	}
}

// asksItself reports whether a request comes from the task's own address.
func asksItself(t Task, r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().String() == t.Status.Address && last(t) != statusStopped
}

// serveCredentials answers in the form that AWS SDKs read.
func (s *Service) serveCredentials(w http.ResponseWriter, r *http.Request) {
	snap := s.store.Snapshot()
	scope, t, ok := taskByCredentials(snap, r)
	if !ok {
		reply(w, http.StatusNotFound, failure("InvalidIdInRequest", "no task of this id asks from this address"))
		return
	}
	definition, err := findDefinition(snap, scope, t.Spec.Definition)
	if err != nil {
		reply(w, http.StatusInternalServerError, failure("InternalServerError", "the task definition is gone"))
		return
	}
	role, _ := rolesOf(t, definition.Definition)
	if role == "" {
		reply(w, http.StatusNotFound, failure("NoIdInRequest", "the task has no role"))
		return
	}
	c, err := s.credentials(r.Context(), scope, t, role)
	if err != nil {
		reply(w, http.StatusInternalServerError, failure("InternalServerError", err.Error()))
		return
	}
	reply(w, http.StatusOK, map[string]string{
		"RoleArn": role, "AccessKeyId": c.AccessKeyID, "SecretAccessKey": c.Secret, "Token": c.Token,
		"Expiration": c.Expires.UTC().Format(time.RFC3339),
	})
}

func taskByCredentials(snap store.Snapshot, r *http.Request) (arn.Scope, Task, bool) {
	for key, t := range Tasks.All(snap) {
		if t.Spec.Credentials == r.PathValue("id") && asksItself(t, r) {
			scope, _ := arn.SplitKey(key)
			return scope, t, true
		}
	}
	return arn.Scope{}, Task{}, false
}

func failure(code, message string) map[string]string {
	return map[string]string{"code": code, "message": message}
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone: nobody to tell
}
