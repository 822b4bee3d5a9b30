package servicediscovery

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"time"

	"apex/internal/api"
	sd "apex/internal/api/servicediscoveryapi"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/store"
)

// operationLife is how long an operation can still be asked for.
const operationLife = 24 * time.Hour

// newID returns an id such as "ns-0123456789abcdef".
func newID(prefix string) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	b := make([]byte, 16)
	rand.Read(b)
	for i := range b {
		b[i] = digits[int(b[i])%len(digits)]
	}
	return prefix + string(b)
}

// done keeps a record of a change and returns its id.
func done(tx *store.Tx, call *api.Call, kind, targetKind, target, request string) *string {
	o := Operation{Key: scopeOf(call).Key(newID("")), Spec: OperationSpec{
		Type: kind, Targets: map[string]string{targetKind: target}, Request: request, CreatedAt: call.Now,
	}}
	Operations.Put(tx, o)
	return api.Ptr(idOf(o.Key))
}

// Controllers returns what forgets old operations.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{controller.New(controller.Spec[Operation, struct{}]{
		Name: "servicediscovery/operation", Table: Operations, Status: func(o *Operation) *struct{} { return &o.Status },
		Reconcile: func(_ context.Context, snap store.Snapshot, key string) (struct{}, error) {
			o, ok := Operations.Get(snap, key)
			if !ok {
				return struct{}{}, nil
			}
			if left := o.Spec.CreatedAt.Add(operationLife).Sub(s.now()); left > 0 {
				return struct{}{}, controller.Again(left)
			}
			return struct{}{}, controller.Remove
		},
	})}
}

func (s *Service) getOperation(_ context.Context, call *api.Call, in *sd.GetOperationRequest) (*sd.GetOperationResponse, error) {
	o, ok := Operations.Get(s.store.Snapshot(), scopeOf(call).Key(*in.OperationId))
	if !ok {
		return nil, sd.NewOperationNotFound("Operation not found: %s", *in.OperationId)
	}
	return &sd.GetOperationResponse{Operation: &sd.Operation{
		Id: in.OperationId, Type: &o.Spec.Type, Status: api.Ptr(sd.OperationStatusSuccess),
		CreateDate: &o.Spec.CreatedAt, UpdateDate: &o.Spec.CreatedAt, Targets: o.Spec.Targets,
	}}, nil
}

func (s *Service) listOperations(_ context.Context, call *api.Call, in *sd.ListOperationsRequest) (*sd.ListOperationsResponse, error) {
	var found []Operation
	for _, o := range Operations.Prefix(s.store.Snapshot(), scopeOf(call).Prefix()) {
		if !slices.ContainsFunc(in.Filters, func(f sd.OperationFilter) bool { return !o.matches(&f) }) {
			found = append(found, o)
		}
	}
	shown, next, err := page(found, func(o *Operation) string { return o.Key }, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &sd.ListOperationsResponse{Operations: []sd.OperationSummary{}, NextToken: next}
	for _, o := range shown {
		out.Operations = append(out.Operations, sd.OperationSummary{Id: api.Ptr(idOf(o.Key)), Status: api.Ptr(sd.OperationStatusSuccess)})
	}
	return out, nil
}

func (o *Operation) matches(f *sd.OperationFilter) bool {
	switch *f.Name {
	case sd.OperationFilterNameNamespaceId:
		return slices.Contains(f.Values, o.Spec.Targets[sd.OperationTargetTypeNamespace])
	case sd.OperationFilterNameServiceId:
		return slices.Contains(f.Values, o.Spec.Targets[sd.OperationTargetTypeService])
	case sd.OperationFilterNameStatus:
		return slices.Contains(f.Values, sd.OperationStatusSuccess)
	case sd.OperationFilterNameType:
		return slices.Contains(f.Values, o.Spec.Type)
	}
	return len(f.Values) < 2 || between(o.Spec.CreatedAt, f.Values)
}

// between reads the bounds of a time, in milliseconds.
func between(at time.Time, bounds []string) bool {
	from, err := strconv.ParseInt(bounds[0], 10, 64)
	to, err2 := strconv.ParseInt(bounds[1], 10, 64)
	return err == nil && err2 == nil && at.UnixMilli() >= from && at.UnixMilli() <= to
}

// page returns the items behind the one that a token names.
func page[T any](all []T, key func(*T) string, token *string, most *int64) ([]T, *string, error) {
	if token != nil {
		at := slices.IndexFunc(all, func(t T) bool { return idOf(key(&t)) == *token })
		if at < 0 {
			return nil, nil, sd.NewInvalidInput("The NextToken is not valid")
		}
		all = all[at+1:]
	}
	limit := int(api.Or(most, 100))
	if len(all) <= limit {
		return all, nil, nil
	}
	return all[:limit], api.Ptr(idOf(key(&all[limit-1]))), nil
}

func scopeOfKey(key string) arn.Scope {
	scope, _ := arn.SplitKey(key)
	return scope
}
