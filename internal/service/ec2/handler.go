package ec2

import (
	"context"
	"reflect"
	"time"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/store"
)

// A view is what a handler sees: a state of the store, and whose it may see.
type view struct {
	r      store.Reader
	scope  arn.Scope
	caller *api.Call
	index  *index // of a snapshot
}

func (v view) key(id string) string { return v.scope.Key(id) }

func (v view) now() time.Time { return v.caller.Now }

// A change is a view whose state may be written.
type change struct {
	view
	tx *store.Tx
}

// read binds an operation to a function of the store's state.
func read[In, Out any](s *Service, op *api.Operation[In, Out], fn func(view, *In) (*Out, error)) api.Route {
	return op.Handle(func(_ context.Context, call *api.Call, in *In) (*Out, error) {
		v := s.view(call, s.env.Store.Snapshot())
		v.index = &index{}
		out, err := fn(v, in)
		if err == nil && dryRun(in) {
			return nil, wouldSucceed()
		}
		return out, err
	})
}

// write binds an operation to a function that changes the store in one
// transaction. A dry run is the same transaction, given up at the end.
func write[In, Out any](s *Service, op *api.Operation[In, Out], fn func(change, *In) (*Out, error)) api.Route {
	return op.Handle(func(ctx context.Context, call *api.Call, in *In) (*Out, error) {
		var out *Out
		err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
			out, err = once(change{s.view(call, tx), tx}, op.Name, in, fn)
			if err == nil && dryRun(in) {
				return wouldSucceed()
			}
			return err
		})
		return out, err
	})
}

func (s *Service) view(call *api.Call, r store.Reader) view {
	return view{r: r, scope: arn.Scope{Account: call.Account, Region: call.Region}, caller: call}
}

// dryRun reports whether the input asks to be tried only. Every input of EC2
// that can be tried has the same member for it.
func dryRun(in any) bool {
	field := reflect.ValueOf(in).Elem().FieldByName("DryRun")
	if !field.IsValid() {
		return false
	}
	asked, ok := field.Interface().(*bool)
	return ok && api.Val(asked)
}
