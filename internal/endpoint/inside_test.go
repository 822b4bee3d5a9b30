package endpoint_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/endpoint"
)

func TestCallsFromInsideAreAuthorisedAndChecked(t *testing.T) {
	var got *ecsapi.UpdateServiceRequest
	inside := &endpoint.Inside{
		Now: time.Now,
		Routes: []api.Route{ecsapi.UpdateService.Handle(func(_ context.Context, _ *api.Call, in *ecsapi.UpdateServiceRequest) (*ecsapi.UpdateServiceResponse, error) {
			got = in
			return &ecsapi.UpdateServiceResponse{Service: &ecsapi.Service{ServiceName: in.Service}}, nil
		})},
		Authorize: func(_ context.Context, call *api.Call, _ any) error {
			if call.Principal.ID != "AROA1:night" {
				return errors.New("denied")
			}
			return nil
		},
	}
	call := api.Invocation{Principal: api.Principal{ID: "AROA1:night"}, Service: "ecs", Operation: "updateService", Input: []byte(`{"Cluster":"c","Service":"web","DesiredCount":0}`)}
	out, err := inside.Invoke(t.Context(), call)
	if err != nil || *out.(*ecsapi.UpdateServiceResponse).Service.ServiceName != "web" || *got.DesiredCount != 0 {
		t.Fatalf("answered %v, %v", out, err)
	}
	for code, edit := range map[string]func(*api.Invocation){
		"InvalidParameterException: 1 validation error detected: Value null at 'service' failed to satisfy constraint: Member must not be null": func(c *api.Invocation) { c.Input = nil },
		"UnknownOperationException: the region does not serve deleteService of ecs":                                                             func(c *api.Invocation) { c.Operation = "deleteService" },
		"denied": func(c *api.Invocation) { c.Principal.ID = "other" },
	} {
		wrong := call
		edit(&wrong)
		if _, err := inside.Invoke(t.Context(), wrong); err == nil || err.Error() != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	call.Input = []byte(`{"Service":5}`)
	if _, err := inside.Invoke(t.Context(), call); err == nil {
		t.Error("an input of wrong types was taken")
	}
}
