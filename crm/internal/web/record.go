package web

import (
	"context"

	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// ReadOf is Read of the record that the path's {id} names; what is its kind,
// for the problem if there is none.
func ReadOf[Out any](what string, fn func(context.Context, tenant.Tenant, id.ID) (Out, error)) Operation {
	return Read(func(ctx context.Context, c *Call) (out Out, err error) {
		which, err := c.ID(what)
		if err != nil {
			return out, err
		}
		return fn(ctx, c.Tenant, which)
	})
}

// ActOf is Act on the record that the path's {id} names.
func ActOf[Out any](what string, fn func(context.Context, tenant.Tenant, id.ID) (Out, error)) Operation {
	return ReadOf(what, fn)
}

// ActOn is Act on the version, in If-Match, of the record that the path's {id}
// names.
func ActOn[Out any](what string, fn func(context.Context, tenant.Tenant, id.ID, int) (Out, error)) Operation {
	return Act(func(ctx context.Context, c *Call) (out Out, err error) {
		which, version, err := c.Target(what)
		if err != nil {
			return out, err
		}
		return fn(ctx, c.Tenant, which, version)
	}).NeedsVersion()
}

// CreateFor is Create in the caller's workspace.
func CreateFor[In, Out any](fn func(context.Context, tenant.Tenant, In) (Out, error)) Operation {
	return Create(func(ctx context.Context, c *Call, in In) (Out, error) { return fn(ctx, c.Tenant, in) })
}

// ChangeOf is Change of the version, in If-Match, of the record that the
// path's {id} names.
func ChangeOf[In, Out any](what string, fn func(context.Context, tenant.Tenant, id.ID, int, In) (Out, error)) Operation {
	return Change(func(ctx context.Context, c *Call, in In) (out Out, err error) {
		which, version, err := c.Target(what)
		if err != nil {
			return out, err
		}
		return fn(ctx, c.Tenant, which, version, in)
	}).NeedsVersion()
}

// RemoveOf is Remove of the version, in If-Match, of the record that the
// path's {id} names.
func RemoveOf(what string, fn func(context.Context, tenant.Tenant, id.ID, int) error) Operation {
	return Remove(func(ctx context.Context, c *Call) error {
		which, version, err := c.Target(what)
		if err != nil {
			return err
		}
		return fn(ctx, c.Tenant, which, version)
	}).NeedsVersion()
}
