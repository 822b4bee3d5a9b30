// Package servicetest lets a service's tests drive its routes through the
// official AWS SDK, over HTTP and the service's own wire protocol, on a real
// store. Signatures and policies are the endpoint's matter and not looked at.
package servicetest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"

	"apex/internal/api"
	"apex/internal/awsid"
	"apex/internal/awswire"
	"apex/internal/controller"
	"apex/internal/dataplane/objects"
	"apex/internal/dataplane/series"
	"apex/internal/sdkhttp"
	"apex/internal/seal"
	"apex/internal/service"
	"apex/internal/store"
)

// The account and region of every call.
const (
	Account = "000000000000"
	Region  = "us-east-1"
)

// Env returns surroundings with a new store of the given tables.
func Env(t testing.TB, tables ...store.AnyTable) service.Env {
	t.Helper()
	home := t.TempDir()
	st, err := store.Open(filepath.Join(home, "store"), tables...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	sealer, err := seal.Open(filepath.Join(home, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := series.Open(filepath.Join(home, "metrics"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { metrics.Close() })
	kept, err := objects.Open(filepath.Join(home, "objects"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kept.Close() })
	return service.Env{
		Store: st, Metrics: metrics, Objects: kept, Sealer: sealer, Home: home, Profile: service.Fast(), Now: time.Now,
		Log:     slog.New(slog.NewTextHandler(t.Output(), nil)),
		Account: Account, Region: Region, Port: 4566,
	}
}

// Run runs the controllers until the test ends.
func Run(t testing.TB, env service.Env, controllers ...controller.Controller) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		controller.Run(ctx, env.Store, env.Log, controllers...)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// Await waits until the store's state satisfies the condition.
func Await(t testing.TB, env service.Env, what string, holds func(store.Snapshot) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := env.Store.Wait(ctx, holds); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// Config serves the routes and returns the SDK's configuration for them. A
// call's clock is env.Now.
func Config(t testing.TB, env service.Env, routes []api.Route) aws.Config {
	t.Helper()
	server := httptest.NewServer(&handler{t, env, routes})
	t.Cleanup(server.Close)
	return aws.Config{
		Region: Region, BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1, HTTPClient: sdkhttp.New(),
		DisableRequestCompression: true, // the endpoint's matter
		Credentials:               credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}
}

// Code returns the AWS code of an SDK call's error, empty for none.
func Code(err error) string {
	var known smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &known):
		return known.ErrorCode()
	default:
		return err.Error()
	}
}

type handler struct {
	t      testing.TB
	env    service.Env
	routes []api.Route
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	request := &awswire.Request{Method: r.Method, Path: r.URL.Path, RawPath: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery, Header: r.Header, Body: body}
	target, err := request.Target()
	if err != nil {
		h.t.Errorf("request to %s: %v", r.URL, err)
		return
	}
	if op := restOperation(h.routes, request); op != nil {
		target = awswire.Target{Protocol: op.Service.Protocol, Operation: op.Name}
	}
	for _, route := range h.routes {
		if route.Info.Name == target.Operation {
			h.serve(w, r, request, route, protocolOf(route, target))
			return
		}
	}
	h.t.Errorf("no route for %s", target.Operation)
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request, request *awswire.Request, route api.Route, protocol awswire.Protocol) {
	op, id := route.Info, awsid.UUID()
	events := awswire.NewEvents(w)
	out, err := h.call(r, request, route, protocol, id, events)
	if err == nil && route.Stream == nil {
		err = protocol.Encode(w, &op, id, out)
	}
	if err == nil || r.Context().Err() != nil {
		return
	}
	var known *api.Error
	if !errors.As(err, &known) {
		h.t.Errorf("%s: an error without a code: %v", op.Name, err)
		known = api.Errorf("InternalFailure", http.StatusInternalServerError, "the call failed")
	}
	if events.Begun() {
		_ = events.Fail(known) // an error here is of the connection
		return
	}
	protocol.EncodeError(w, op.Service, id, known)
}

// restOperation returns what a request of a REST protocol asks for, or nil.
func restOperation(routes []api.Route, request *awswire.Request) *api.OperationInfo {
	var operations []*api.OperationInfo
	for i := range routes {
		if routes[i].Info.RequestURI != "" {
			operations = append(operations, &routes[i].Info)
		}
	}
	return awswire.NewRouter(operations).Find(request)
}

// protocolOf returns the protocol that a request for the route speaks.
func protocolOf(route api.Route, target awswire.Target) awswire.Protocol {
	if slices.Contains(route.Info.Service.Also, target.Protocol) { // newer or older than its own
		return awswire.Of(target.Protocol)
	}
	return awswire.Of(route.Info.Service.Protocol)
}

func (h *handler) call(r *http.Request, request *awswire.Request, route api.Route, protocol awswire.Protocol, id string, events *awswire.Events) (any, error) {
	in := route.NewInput()
	if _, err := protocol.Decode(request, &route.Info, in); err != nil {
		return nil, awswire.Refusal(route.Info.Service, err)
	}
	if refusal := awswire.Validate(&route.Info, in); refusal != nil {
		return nil, refusal
	}
	call := &api.Call{
		RequestID: id, Account: Account, Region: Region, Now: h.env.Now(),
		Principal: api.Principal{ARN: "arn:aws:iam::" + Account + ":root", ID: Account, Root: true},
		SourceIP:  netip.MustParseAddr("127.0.0.1"), Route: route.Info,
	}
	if route.Stream != nil {
		return nil, route.Stream(r.Context(), call, in, events.Send)
	}
	return route.Serve(r.Context(), call, in)
}
