package endpoint

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"

	"apex/internal/api"
	"apex/internal/awswire"
	"apex/internal/awswire/sigv4"
)

// The faults of a credential, beside those of its signature.
var (
	errUnknownKey   = errors.New("the access key is not one of this region")
	errWrongToken   = errors.New("the session token is not that of the access key")
	errExpiredToken = errors.New("the session has expired")
)

// A family is a group of services that word the faults of credentials alike.
type family int

const (
	queryFamily family = iota
	ec2Family
	jsonFamily
)

// A wording is how each family answers one fault.
type wording struct {
	fault error
	code  [3]string // by family
	// status by family
	status [3]int
}

// wordings are AWS's codes for faults of credentials, the first that matches.
// JSON services answer all of them with 400.
var wordings = []wording{
	{sigv4.ErrMissing, [3]string{"MissingAuthenticationToken", "MissingAuthenticationToken", "MissingAuthenticationTokenException"}, [3]int{403, 403, 400}},
	{sigv4.ErrIncomplete, [3]string{"IncompleteSignature", "IncompleteSignature", "IncompleteSignatureException"}, [3]int{400, 400, 400}},
	{sigv4.ErrMismatch, [3]string{"SignatureDoesNotMatch", "AuthFailure", "InvalidSignatureException"}, [3]int{403, 401, 400}},
	{sigv4.ErrPayload, [3]string{"SignatureDoesNotMatch", "AuthFailure", "InvalidSignatureException"}, [3]int{403, 401, 400}},
	{sigv4.ErrSkewed, [3]string{"RequestTimeTooSkewed", "RequestExpired", "InvalidSignatureException"}, [3]int{403, 400, 400}},
	{sigv4.ErrExpired, [3]string{"RequestExpired", "RequestExpired", "InvalidSignatureException"}, [3]int{403, 400, 400}},
	{errUnknownKey, [3]string{"InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException"}, [3]int{403, 401, 400}},
	{errWrongToken, [3]string{"InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException"}, [3]int{403, 401, 400}},
	{errExpiredToken, [3]string{"ExpiredToken", "RequestExpired", "ExpiredTokenException"}, [3]int{403, 400, 400}},
}

func (x *exchange) family() family {
	switch {
	case x.target.Protocol == api.JSON, x.target.Protocol == api.RPCv2CBOR, x.target.Protocol == api.RestJSON:
		return jsonFamily
	case x.service != nil && x.service.Protocol == api.EC2Query:
		return ec2Family
	}
	return queryFamily
}

// errorOf turns any error into the one that is answered.
func (x *exchange) errorOf(err error) *api.Error {
	if answer := (*api.Error)(nil); errors.As(err, &answer) {
		return answer
	}
	for _, w := range wordings {
		if errors.Is(err, w.fault) {
			f := x.family()
			return api.Errorf(w.code[f], x.statusOf(w), "%s", err)
		}
	}
	return internalFailure(x)
}

// statusOf returns the status of a fault: JSON with methods and URIs has the codes
// of JSON and the statuses of HTTP.
func (x *exchange) statusOf(w wording) int {
	if x.target.Protocol == api.RestJSON {
		return w.status[queryFamily]
	}
	return w.status[x.family()]
}

func internalFailure(x *exchange) *api.Error {
	code := [3]string{"InternalFailure", "InternalError", "InternalFailure"}[x.family()]
	return api.Errorf(code, http.StatusInternalServerError, "the region failed; its log has request %s", x.id)
}

// stacksScope is how calls of CloudFormation are signed, which the region refuses
// with a word about what to use.
const stacksScope = "cloudformation"

// unknownOperation answers a request for what the region does not serve.
func unknownOperation(x *exchange) error {
	name := x.target.Operation
	switch {
	case x.scope == stacksScope:
		return api.Errorf("ValidationError", http.StatusBadRequest, "%s: CloudFormation is not built in this region, and will not be: describe the stack in Terraform or in apex.yaml (apex up)", name)
	case x.target.Protocol == api.JSON, x.target.Protocol == api.RPCv2CBOR:
		return api.Invalid("UnknownOperationException", "the region does not serve %s.%s", x.target.Prefix, name)
	case x.target.Protocol == api.Query && x.service == nil:
		return api.Invalid("InvalidAction", "the region serves no API of version %q with this signature's scope", x.target.Version)
	case x.target.Protocol == api.Query:
		return api.Invalid("InvalidAction", "the region does not serve the action %s of %s %s", name, x.service.Name, x.service.Version)
	}
	status := http.StatusBadRequest
	if x.target.Protocol != "" { // of a REST protocol
		status = http.StatusNotFound
	}
	return api.Errorf("UnknownOperationException", status, "the region does not serve %s %s", x.r.Method, x.r.URL.Path)
}

// refuse answers an error, and logs it if it is the region's fault.
func (e *Endpoint) refuse(x *exchange, err error) {
	answer := x.errorOf(err)
	if answer.Status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		e.cfg.Log.ErrorContext(x.r.Context(), "call failed", x.attrs(slog.Any("error", err))...)
	}
	x.send(answer)
}

// send writes an error, unless the answer has begun: then nothing can be said
// any more.
func (x *exchange) send(answer *api.Error) {
	x.w.code = answer.Code
	if x.w.status != 0 {
		return
	}
	protocol := x.protocol
	if protocol == nil {
		protocol = awswire.Of(api.JSON)
	}
	// An error here is of the connection: the client is gone.
	_ = protocol.EncodeError(x.w, x.service, x.id, answer)
}

// finish contains a panic of the handler, counts the call and logs it.
func (e *Endpoint) finish(x *exchange) {
	if fault := recover(); fault != nil {
		e.cfg.Log.ErrorContext(x.r.Context(), "handler panicked",
			x.attrs(slog.Any("panic", fault), slog.String("stack", string(debug.Stack())))...)
		x.send(internalFailure(x))
	}
	x.count()
	if !e.cfg.Log.Enabled(x.r.Context(), slog.LevelDebug) {
		return
	}
	e.cfg.Log.DebugContext(x.r.Context(), "call", x.attrs(
		slog.Int("status", x.w.status), slog.String("code", x.w.code),
		slog.Duration("after", e.cfg.Now().Sub(x.started)))...)
}

// attrs names the call in logs: never its input, which may hold secrets.
func (x *exchange) attrs(more ...any) []any {
	name := ""
	if x.service != nil {
		name = x.service.Name
	}
	return append([]any{
		slog.String("service", name), slog.String("operation", x.target.Operation),
		slog.String("principal", x.call.Principal.ARN), slog.String("request", x.id),
	}, more...)
}
