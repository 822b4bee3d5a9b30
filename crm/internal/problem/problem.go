// Package problem carries what went wrong from any layer to the client as
// RFC 9457's application/problem+json.
//
// Packages below the web return a *Problem where the client is to be told
// something; every other error is answered 500 and only logged.
package problem

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// A Problem is one refused or failed request.
type Problem struct {
	Type      string  `json:"type"` // a stable URI below /api/problems/
	Title     string  `json:"title"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail,omitempty"`
	Instance  string  `json:"instance,omitempty"`
	RequestID string  `json:"requestId,omitempty"`
	Errors    []Fault `json:"errors,omitempty"`
	Current   any     `json:"current,omitempty"` // of a stale change: the record as it is now
	Location  string  `json:"-"`                 // where to go instead
	Again     bool    `json:"-"`                 // the same may be sent again, and soon
	Cause     error   `json:"-"`                 // logged, never shown
}

// A Fault is one member of the request that cannot be accepted.
type Fault struct {
	Pointer string `json:"pointer"` // RFC 6901, into the body
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error makes a Problem an error.
func (p *Problem) Error() string {
	if p.Cause != nil {
		return fmt.Sprintf("%s: %v", p.Title, p.Cause)
	}
	return p.Title + ": " + p.Detail
}

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.Cause }

// Within is err, of a part of the request, with its faults at their places in
// the whole: below the member at the pointer.
func Within(pointer string, err error) error {
	p, ok := errors.AsType[*Problem](err)
	if !ok || len(p.Errors) == 0 {
		return err
	}
	whole := *p
	whole.Errors = slices.Clone(p.Errors)
	for i := range whole.Errors {
		whole.Errors[i].Pointer = pointer + whole.Errors[i].Pointer
	}
	return &whole
}

func of(status int, kind, title, detail string) *Problem {
	return &Problem{Type: "/api/problems/" + kind, Title: title, Status: status, Detail: detail}
}

// Syntax refuses a request that cannot be read.
func Syntax(detail string) *Problem {
	return of(http.StatusBadRequest, "syntax", "The request cannot be read", detail)
}

// Unauthenticated refuses a caller without a session.
func Unauthenticated() *Problem {
	return of(http.StatusUnauthorized, "unauthenticated", "Sign in first", "there is no session, or it has ended")
}

// Key refuses a program, and says what is wrong with its API key.
func Key(detail string) *Problem {
	return of(http.StatusUnauthorized, "key", "This API key is not accepted", detail)
}

// Forbidden refuses a caller who may not do this.
func Forbidden(detail string) *Problem {
	return of(http.StatusForbidden, "forbidden", "Not allowed", detail)
}

// NotFound answers for what is not there, or is another workspace's.
func NotFound(what string) *Problem {
	return of(http.StatusNotFound, "not-found", "Not found", "there is no such "+what)
}

// MethodNotAllowed answers for a path that has other methods.
func MethodNotAllowed(method string) *Problem {
	return of(http.StatusMethodNotAllowed, "method-not-allowed", "Method not allowed", method+" is not served here")
}

// Conflict refuses what the present state does not allow.
func Conflict(detail string, faults ...Fault) *Problem {
	p := of(http.StatusConflict, "conflict", "This conflicts with what is there", detail)
	p.Errors = faults
	return p
}

// Stale refuses a change to a version that is no longer the newest.
func Stale(current any) *Problem {
	p := of(http.StatusPreconditionFailed, "stale", "Somebody changed this first", "the record has a newer version; it is in the member current")
	p.Current = current
	return p
}

// TooLarge refuses a body over the limit.
func TooLarge(limit int64) *Problem {
	return of(http.StatusRequestEntityTooLarge, "too-large", "The request is too large", fmt.Sprintf("at most %d bytes", limit))
}

// TooSlow refuses a body that does not come.
func TooSlow() *Problem {
	return of(http.StatusRequestTimeout, "too-slow", "The request came too slowly", "the rest of the body did not come in time")
}

// MediaType refuses a body that is not JSON.
func MediaType(got string) *Problem {
	return of(http.StatusUnsupportedMediaType, "media-type", "Unsupported media type", fmt.Sprintf("%.80q is not JSON", got))
}

// Validation refuses a body whose members cannot be accepted.
func Validation(faults ...Fault) *Problem {
	p := of(http.StatusUnprocessableEntity, "validation", "Some values cannot be accepted", "")
	p.Errors = faults
	return p
}

// VersionRequired refuses a change that does not name the version it changes.
func VersionRequired() *Problem {
	return of(http.StatusPreconditionRequired, "version-required", "If-Match names no version", `send the record's ETag, such as "v7", in If-Match`)
}

// Token refuses a proof of identity, and says why.
func Token(detail string) *Problem {
	return of(http.StatusUnauthorized, "token", "This sign-in cannot be accepted", detail)
}

// Unverified refuses who has not shown yet that an address is theirs.
func Unverified(detail string) *Problem {
	return of(http.StatusForbidden, "unverified", "Verify your address first", detail)
}

// TooMany asks a caller to slow down.
func TooMany(detail string) *Problem {
	return of(http.StatusTooManyRequests, "too-many", "Too many requests", detail)
}

// Internal answers for a fault of ours.
func Internal(cause error) *Problem {
	p := of(http.StatusInternalServerError, "internal", "Something went wrong on our side", "")
	p.Cause = cause
	return p
}

// NotImplemented answers for what this installation cannot do.
func NotImplemented(detail string) *Problem {
	return of(http.StatusNotImplemented, "not-implemented", "Not available here", detail)
}

// Done tells who sends a request again that the first did what was asked, and
// where that is. Browsers and most clients go there by themselves.
func Done(location string) *Problem {
	p := of(http.StatusSeeOther, "done", "Done already", "the first request with this Idempotency-Key has done this")
	p.Location = location
	return p
}

// Unavailable asks the client to come back: a dependency does not answer.
func Unavailable(detail string, cause error) *Problem {
	p := of(http.StatusServiceUnavailable, "unavailable", "Back in a moment", detail)
	p.Again, p.Cause = true, cause
	return p
}

// Uncertain says that nobody knows whether the work was done. A repetition
// under the same Idempotency-Key gets this answer again rather than a second
// try.
func Uncertain(detail string, cause error) *Problem {
	p := of(http.StatusGatewayTimeout, "uncertain", "It may have been done, or not", detail)
	p.Cause = cause
	return p
}

// Unsettled is Uncertain where the Idempotency-Key knows: a repetition under it
// is told of the work, or does it.
func Unsettled(detail string, cause error) *Problem {
	p := Uncertain(detail, cause)
	p.Again = true
	return p
}
