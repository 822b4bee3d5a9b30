package config

import "strings"

// Roles are what this task does: answer requests, run jobs, or both.
type Roles struct {
	Web, Worker bool
	Concurrency int // jobs at once; 0: as many as the pool has connections, but one
}

// roles takes ROLE, words with commas between, and WORKER_CONCURRENCY.
func (r *reader) roles() Roles {
	var roles Roles
	for _, role := range strings.Split(r.text("ROLE", "web,worker"), ",") {
		switch strings.TrimSpace(role) {
		case "web":
			roles.Web = true
		case "worker":
			roles.Worker = true
		default:
			r.fault("ROLE", "%q is not one of web, worker", role)
		}
	}
	roles.Concurrency = r.integer("WORKER_CONCURRENCY", 0, 0, 64)
	return roles
}
