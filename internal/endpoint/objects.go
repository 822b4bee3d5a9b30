package endpoint

import (
	"crypto/subtle"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/awsid"
	"apex/internal/awswire/sigv4"
)

// objectsScope is the SigV4 scope of the object store.
const objectsScope = "s3"

// Objects serves the object store. Its requests are not like those of the other
// services: the method and path name the operation, and bodies are streams.
type Objects interface {
	// Serve answers a request whose caller is known. The body fails to end if it
	// is not what was signed.
	Serve(w http.ResponseWriter, r *http.Request, call *api.Call)
	// Refuse answers a request with an error.
	Refuse(w http.ResponseWriter, r *http.Request, call *api.Call, fault *api.Error)
}

// isObjects tells requests for the object store: by the scope of their signature
// or, unsigned, by a path where every other service has none.
func isObjects(r *http.Request) bool {
	switch authorization := r.Header.Get("Authorization"); {
	case authorization != "":
		return strings.Contains(authorization, "/"+objectsScope+"/aws4_request")
	case strings.Contains(r.URL.RawQuery, "X-Amz-Credential="):
		return strings.HasSuffix(r.URL.Query().Get("X-Amz-Credential"), "/"+objectsScope+"/aws4_request")
	}
	return r.Header.Get("X-Amz-Target") == "" && len(r.URL.Path) > 1
}

// serveObjects takes a request to the object store.
func (e *Endpoint) serveObjects(w http.ResponseWriter, r *http.Request) {
	a := &answer{ResponseWriter: w}
	call := &api.Call{
		RequestID: awsid.UUID(), Region: e.cfg.Region, Now: e.cfg.Now().UTC(),
		UserAgent: r.UserAgent(), SourceIP: sourceIP(r.RemoteAddr),
	}
	a.Header().Set("x-amz-request-id", call.RequestID)
	defer e.finishObjects(a, r, call)
	r.Body = &patient{ReadCloser: r.Body, conn: http.NewResponseController(w)}
	if err := e.admit(r, call); err != nil {
		e.cfg.Objects.Refuse(a, r, call, objectsFault(err, r))
		return
	}
	e.cfg.Objects.Serve(a, r, call)
}

// admit verifies the signature and fills in who calls.
func (e *Endpoint) admit(r *http.Request, call *api.Call) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return api.Invalid("InvalidURI", "the query string is not URL-encoded")
	}
	signature, err := sigv4.Parse(r, query)
	if errors.Is(err, sigv4.ErrMissing) {
		return e.admitLegacy(r, query, call)
	}
	if err != nil {
		return err
	}
	credential, known := e.cfg.Credentials(signature.AccessKeyID)
	if !known {
		return errUnknownKey
	}
	if err := signature.VerifyHead(r, query, credential.Secret, call.Now); err != nil {
		return err
	}
	if err := usable(credential, signature.Token, call.Now); err != nil {
		return err
	}
	call.Account, call.Region, call.Principal = credential.Account, signature.Region, credential.Principal
	r.Body = &worded{r.Body, r}
	return nil
}

// admitLegacy verifies a URL that was presigned with version 2.
func (e *Endpoint) admitLegacy(r *http.Request, query url.Values, call *api.Call) error {
	signature, err := sigv4.ParseLegacy(query)
	if err != nil {
		return err
	}
	credential, known := e.cfg.Credentials(signature.AccessKeyID)
	if !known {
		return errUnknownKey
	}
	if err := signature.Verify(r, query, credential.Secret, call.Now); err != nil {
		return err
	}
	call.Account, call.Principal = credential.Account, credential.Principal
	return usable(credential, signature.Token, call.Now)
}

// worded is a verified body whose faults are in the words of the service.
type worded struct {
	io.ReadCloser
	r *http.Request
}

// Read reads on.
func (b *worded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, sigv4.ErrMismatch) || errors.Is(err, sigv4.ErrPayload) {
		err = objectsFault(err, b.r)
	}
	return n, err
}

// usable tells whether a key whose secret was right may be used.
func usable(credential api.Credential, token string, now time.Time) error {
	switch {
	case subtle.ConstantTimeCompare([]byte(credential.Token), []byte(token)) != 1:
		return errWrongToken
	case !credential.Expires.IsZero() && !now.Before(credential.Expires):
		return errExpiredToken
	}
	return nil
}

// objectsWordings are S3's codes for faults of credentials (S3 API, Error
// responses).
var objectsWordings = []struct {
	fault  error
	code   string
	status int
}{
	{sigv4.ErrMissing, "AccessDenied", 403},
	{sigv4.ErrIncomplete, "AuthorizationHeaderMalformed", 400},
	{sigv4.ErrMismatch, "SignatureDoesNotMatch", 403},
	{sigv4.ErrPayload, "XAmzContentSHA256Mismatch", 400},
	{sigv4.ErrSkewed, "RequestTimeTooSkewed", 403},
	{sigv4.ErrExpired, "AccessDenied", 403},
	{errUnknownKey, "InvalidAccessKeyId", 403},
	{errWrongToken, "InvalidToken", 400},
	{errExpiredToken, "ExpiredToken", 400},
}

func objectsFault(err error, r *http.Request) *api.Error {
	if answer := (*api.Error)(nil); errors.As(err, &answer) {
		return answer
	}
	for _, w := range objectsWordings {
		if errors.Is(err, w.fault) {
			return api.Errorf(w.code, w.status, "%s", err)
		}
	}
	return api.Errorf("InternalError", http.StatusInternalServerError, "%s %s could not be verified", r.Method, r.URL.Path)
}

// finishObjects contains a panic of the handler and logs the call.
func (e *Endpoint) finishObjects(a *answer, r *http.Request, call *api.Call) {
	attrs := []any{
		slog.String("service", objectsScope), slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.String("principal", call.Principal.ARN), slog.String("request", call.RequestID),
	}
	if fault := recover(); fault != nil {
		if fault == http.ErrAbortHandler {
			panic(fault) // an answer that ended early, on purpose
		}
		e.cfg.Log.ErrorContext(r.Context(), "handler panicked", append(attrs,
			slog.Any("panic", fault), slog.String("stack", string(debug.Stack())))...)
		if a.status == 0 {
			e.cfg.Objects.Refuse(a, r, call, api.Errorf("InternalError", http.StatusInternalServerError, "the region failed; its log has request %s", call.RequestID))
		}
	}
	e.cfg.Log.DebugContext(r.Context(), "call", append(attrs,
		slog.Int("status", a.status), slog.Duration("after", e.cfg.Now().Sub(call.Now)))...)
}

// patient is a body that may take as long as it comes: each piece of it has
// bodyTimeout to arrive.
type patient struct {
	io.ReadCloser
	conn *http.ResponseController
}

// Read reads with a new deadline.
func (p *patient) Read(b []byte) (int, error) {
	// Not every writer has deadlines; those that face a network do.
	_ = p.conn.SetReadDeadline(time.Now().Add(bodyTimeout))
	n, err := p.ReadCloser.Read(b)
	if err != nil {
		_ = p.conn.SetReadDeadline(time.Time{})
	}
	return n, err
}
