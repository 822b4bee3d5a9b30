package apply

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/smithy-go"

	"apex/internal/graph"
)

// A Phase is how far the work on a resource is.
type Phase string

// The phases that events report. The last five end a resource.
const (
	Working   Phase = "working"
	Building  Phase = "building"
	Waiting   Phase = "waiting"
	Created   Phase = "created"
	Updated   Phase = "updated"
	Deleted   Phase = "deleted"
	Unchanged Phase = "unchanged"
	Failed    Phase = "failed"
)

// An Event reports progress on one resource.
type Event struct {
	ID      graph.ID
	Name    string
	Phase   Phase
	Detail  string        // what is waited for
	Elapsed time.Duration // since work on the resource began
	Err     error         // with Failed
}

// A Summary counts what a run did.
type Summary struct {
	Created, Updated, Deleted, Unchanged int
	Elapsed                              time.Duration
}

func (s *Summary) count(p Phase) {
	switch p {
	case Created:
		s.Created++
	case Updated:
		s.Updated++
	case Deleted:
		s.Deleted++
	case Unchanged:
		s.Unchanged++
	}
}

// An Error says which resource could not be made what it should be, and why.
type Error struct {
	ID   graph.ID
	Name string
	Err  error
	Hint string // the way out, when one is known
}

// Error names the resource and what AWS answered.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s): %s", e.ID, e.Name, reason(e.Err)) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// reason is AWS's code and message without the SDK's wrapping, or the error itself.
func reason(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return err.Error()
}

// code returns AWS's error code, or nothing.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// hints are ways out by AWS's code.
var hints = map[string]string{
	"UnrecognizedClientException": "the access key is not one of this account: eval \"$(apex env)\"",
	"InvalidClientTokenId":        "the access key is not one of this account: eval \"$(apex env)\"",
	"AccessDenied":                "the key may not do this: use the administrator's key, or add the action to its policy",
	"AccessDeniedException":       "the key may not do this: use the administrator's key, or add the action to its policy",
	"UnauthorizedOperation":       "the key may not do this: use the administrator's key, or add the action to its policy",
	"DependencyViolation":         "something outside the stack still uses it: remove that first",
}
