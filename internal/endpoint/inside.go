package endpoint

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/awsid"
	"apex/internal/awswire"
)

// Inside is the way to the region's APIs for the region itself: what a schedule or
// a rule sends to its target is a call like any other, without HTTP around it. Its
// Routes and Authorize are set before the first Invoke.
type Inside struct {
	Routes    []api.Route
	Authorize func(ctx context.Context, call *api.Call, in any) error
	Now       func() time.Time
}

// Invoke makes a call and returns its output.
func (d *Inside) Invoke(ctx context.Context, wanted api.Invocation) (any, error) {
	route, ok := d.find(wanted.Service, wanted.Operation)
	if !ok {
		return nil, api.Errorf("UnknownOperationException", http.StatusNotFound, "the region does not serve %s of %s", wanted.Operation, wanted.Service)
	}
	in := route.NewInput()
	if len(wanted.Input) > 0 {
		if err := json.Unmarshal(wanted.Input, in); err != nil {
			return nil, api.Invalid("SerializationException", "the input of %s is not one: %v", wanted.Operation, err)
		}
	}
	call := &api.Call{
		RequestID: awsid.UUID(), Account: wanted.Account, Region: wanted.Region, Principal: wanted.Principal,
		Now: d.Now().UTC(), UserAgent: "AWS Internal", Route: route.Info,
	}
	if err := d.Authorize(ctx, call, in); err != nil {
		return nil, err
	}
	if err := awswire.Validate(&route.Info, in); err != nil {
		return nil, err
	}
	return route.Serve(ctx, call, in)
}

func (d *Inside) find(service, operation string) (api.Route, bool) {
	for _, route := range d.Routes {
		s := route.Info.Service
		sdk := strings.ReplaceAll(strings.ToLower(s.ServiceID), " ", "")
		if (strings.EqualFold(s.Name, service) || sdk == strings.ToLower(service)) && strings.EqualFold(route.Info.Name, operation) && route.Serve != nil {
			return route, true
		}
	}
	return api.Route{}, false
}
