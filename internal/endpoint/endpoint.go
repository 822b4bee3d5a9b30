package endpoint

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/awsid"
	"apex/internal/awswire"
	"apex/internal/awswire/sigv4"
)

// MaxBody is the most that a request may hold, in bytes: more than AWS's own
// limits for these services. bodyTimeout is how long it may take to arrive.
const (
	MaxBody     = 6 << 20
	bodyTimeout = time.Minute
)

// Config is what an endpoint is built from.
type Config struct {
	Routes []api.Route
	// Credentials finds an access key.
	Credentials func(accessKeyID string) (api.Credential, bool)
	// Authorize answers an error if the caller may not; nil allows every caller
	// that signs.
	Authorize func(ctx context.Context, call *api.Call, in any) error
	// Registry serves the OCI registry; nil serves none.
	Registry http.Handler
	// Pages are further handlers, by what their paths begin with. They are served
	// without a signature.
	Pages map[string]http.Handler
	// Objects serves the object store; nil serves none.
	Objects Objects
	// Sessions serves the paths that begin with SessionsPath, which carry tokens in
	// place of signatures; nil serves none.
	Sessions     http.Handler
	SessionsPath string
	Region       string
	Version      string // of this binary, for the health answer
	Now          func() time.Time
	Log          *slog.Logger
}

// An Endpoint serves the region's APIs. It is safe for concurrent use.
type Endpoint struct {
	cfg   Config
	table *table
}

// New builds an endpoint. It panics if two routes serve one operation: that is a
// fault of the program.
func New(cfg Config) *Endpoint {
	return &Endpoint{cfg: cfg, table: newTable(cfg.Routes)}
}

// ServeHTTP answers one request.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch page := e.page(r.URL.Path); {
	case r.URL.Path == healthPath:
		e.health(w, r)
	case page != nil:
		page.ServeHTTP(w, r)
	case isRegistry(r.URL.Path) && e.cfg.Registry != nil:
		e.cfg.Registry.ServeHTTP(w, r)
	case e.cfg.Sessions != nil && strings.HasPrefix(r.URL.Path, e.cfg.SessionsPath):
		e.cfg.Sessions.ServeHTTP(w, r)
	case e.cfg.Objects != nil && isObjects(r):
		e.serveObjects(w, r)
	default:
		e.serveCall(w, r)
	}
}

// page returns the handler of a page, or nil.
func (e *Endpoint) page(path string) http.Handler {
	for prefix, handler := range e.cfg.Pages {
		if strings.HasPrefix(path, prefix) {
			return handler
		}
	}
	return nil
}

func isRegistry(path string) bool { return path == "/v2" || len(path) >= 4 && path[:4] == "/v2/" }

// An exchange is one request on its way through the endpoint.
type exchange struct {
	w        *answer
	r        *http.Request
	id       string
	started  time.Time
	body     []byte // as it came, which is what was signed
	wire     awswire.Request
	query    url.Values
	target   awswire.Target
	scope    string       // of the signature: the service's signing name
	service  *api.Service // nil until it is known
	protocol awswire.Protocol
	entry    *entry // nil until it is known
	call     api.Call
}

func (e *Endpoint) serveCall(w http.ResponseWriter, r *http.Request) {
	x := &exchange{w: &answer{ResponseWriter: w}, r: r, id: awsid.UUID(), started: e.cfg.Now()}
	x.w.Header().Set("x-amzn-RequestId", x.id)
	defer e.finish(x)
	if err := e.handle(x); err != nil {
		e.refuse(x, err)
	}
}

// handle takes a request through every step; an error is the answer.
func (e *Endpoint) handle(x *exchange) error {
	if err := e.read(x); err != nil {
		return err
	}
	signature, err := e.identify(x)
	if err != nil {
		return err
	}
	if err := e.authenticate(x, signature); err != nil {
		return err
	}
	return e.dispatch(x)
}

// read takes the request off the wire and finds out what it asks for.
func (e *Endpoint) read(x *exchange) error {
	body, err := readBody(x.w.ResponseWriter, x.r)
	x.body = body
	body, inflateErr := inflated(x.r.Header.Get("Content-Encoding"), body)
	x.wire = awswire.Request{Method: x.r.Method, Path: x.r.URL.Path, RawPath: x.r.URL.EscapedPath(), RawQuery: x.r.URL.RawQuery, Header: x.r.Header, Body: body}
	x.target, _ = x.wire.Target() // so that even a bad request is answered in its protocol
	x.protocol = awswire.Of(x.target.Protocol)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return api.Errorf("RequestEntityTooLarge", http.StatusRequestEntityTooLarge, "the request is larger than %d bytes", MaxBody)
	}
	if err != nil {
		return api.Invalid("IncompleteBody", "the request ended early")
	}
	if inflateErr != nil {
		return inflateErr
	}
	if x.query, err = url.ParseQuery(x.r.URL.RawQuery); err != nil {
		return api.Invalid("MalformedQueryString", "the query string is not URL-encoded")
	}
	if _, err := x.wire.Target(); err != nil {
		return awswire.Refusal(&api.Service{Protocol: x.target.Protocol}, err)
	}
	return nil
}

// readBody reads a body within the limits of size and time.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	conn := http.NewResponseController(w)
	// Not every writer has deadlines; those that face a network do.
	_ = conn.SetReadDeadline(time.Now().Add(bodyTimeout))
	defer func() { _ = conn.SetReadDeadline(time.Time{}) }()
	return io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
}

// identify finds the service and the operation. Some calls are not signed: their
// signature is nil.
func (e *Endpoint) identify(x *exchange) (*sigv4.Signature, error) {
	signature, signatureErr := sigv4.Parse(x.r, x.query)
	scope := ""
	if signature != nil {
		scope = signature.Service
	}
	x.scope = scope
	if target, ok := e.table.route(scope, &x.wire); ok {
		x.target = target
	}
	x.service = e.table.find(scope, x.target)
	if x.service != nil {
		x.protocol = protocolOf(x.service, x.target)
		x.entry = e.table.entry(x.service, x.target.Operation)
	}
	switch {
	case errors.Is(signatureErr, sigv4.ErrMissing) && x.entry != nil && x.entry.anonymous:
		return nil, nil
	case signatureErr != nil:
		return nil, signatureErr
	}
	return signature, nil
}

// authenticate verifies the signature and so learns who calls.
func (e *Endpoint) authenticate(x *exchange, signature *sigv4.Signature) error {
	x.call = api.Call{
		RequestID: x.id, Region: e.cfg.Region, Now: x.started.UTC(),
		UserAgent: x.r.UserAgent(), SourceIP: sourceIP(x.r.RemoteAddr),
	}
	if signature == nil {
		return nil
	}
	credential, known := e.cfg.Credentials(signature.AccessKeyID)
	if err := signature.Verify(x.r, x.query, x.body, credential.Secret, x.started); known && err != nil {
		return err
	}
	if !known {
		return errUnknownKey
	}
	if err := usable(credential, signature.Token, x.started); err != nil {
		return err
	}
	x.call.Account, x.call.Region, x.call.Principal = credential.Account, signature.Region, credential.Principal
	return nil
}

func sourceIP(remote string) netip.Addr {
	addr, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Addr().Unmap()
}

// dispatch runs the operation and writes its output.
func (e *Endpoint) dispatch(x *exchange) error {
	if x.entry == nil {
		return unknownOperation(x)
	}
	route := &x.entry.route
	x.call.Route = route.Info
	in := route.NewInput()
	unknown, err := x.protocol.Decode(&x.wire, &route.Info, in)
	if err != nil {
		return awswire.Refusal(x.service, err)
	}
	x.entry.unknown.Add(int64(unknown))
	if e.cfg.Authorize != nil {
		if err := e.cfg.Authorize(x.r.Context(), &x.call, in); err != nil {
			return err
		}
	}
	if err := awswire.Validate(&route.Info, in); err != nil {
		return err
	}
	if x.service.Protocol == api.EC2Query && awswire.DryRun(in) {
		return api.Errorf("DryRunOperation", http.StatusPreconditionFailed, "Request would have succeeded, but DryRun flag is set.")
	}
	if route.Stream != nil {
		return x.stream(route, in)
	}
	out, err := route.Serve(x.r.Context(), &x.call, in)
	if err != nil {
		return err
	}
	return x.protocol.Encode(x.w, &route.Info, x.id, out)
}

// stream runs an operation that answers with events as they come. An error after
// the first of them is sent as the last.
func (x *exchange) stream(route *api.Route, in any) error {
	events := awswire.NewEvents(x.w)
	err := route.Stream(x.r.Context(), &x.call, in, events.Send)
	if err == nil || !events.Begun() || x.r.Context().Err() != nil {
		return err
	}
	return errors.Join(err, events.Fail(x.errorOf(err)))
}
