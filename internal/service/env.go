// Package service holds what every service of the region is given. The services
// themselves are its sub-packages: each has the same three files, model.go (its
// tables), api.go (its operations) and controller.go (what makes them true).
package service

import (
	"context"
	"log/slog"
	"time"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
	"apex/internal/dataplane/series"
	"apex/internal/seal"
	"apex/internal/store"
)

// An Env is what a region gives each of its services.
type Env struct {
	Store  *store.Store
	Sealer *seal.Sealer
	// Metrics takes the figures that services measure; CloudWatch gives them out.
	Metrics *series.Store
	// Objects keeps what lies in S3's buckets.
	Objects *objects.Store
	Log     *slog.Logger
	Profile Profile
	// Access decides what services do with the rights of roles; nil allows all, for
	// tests of a service alone.
	Access Access
	// Invoke makes a call to one of the region's own APIs, authorised as any.
	Invoke func(ctx context.Context, call api.Invocation) (out any, err error)
	// Now is the region's clock. Controllers read it; handlers use their Call's.
	Now func() time.Time
	// Home is $APEX_HOME: all files of the region lie below it.
	Home string
	// Hash is a short name of Home for kernel objects: namespaces, cgroups.
	Hash string
	// Executable is this binary, for the supervisors that data planes start.
	Executable string
	// TaskExecutable is the program for what runs beside tasks; empty means
	// Executable.
	TaskExecutable string
	// Account and Region are those of the administrator's key.
	Account, Region string
	// Port is the endpoint's port on loopback; default 4566.
	Port int
	// HTTPPort and HTTPSPort are the loopback ports that stand for ports 80 and
	// 443 of the home's first load balancer; default 8080 and 8443.
	HTTPPort, HTTPSPort int
}

// Allowed answers AWS's access-denied error unless what a service asks for is
// allowed.
func (e Env) Allowed(r store.Reader, ask Ask) error {
	if e.Access == nil {
		return nil
	}
	return e.Access(r, ask)
}
