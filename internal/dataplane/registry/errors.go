package registry

import (
	"errors"
	"fmt"
	"net/http"
)

// An Error is a fault as the protocol names it. An Index may answer with one;
// errors.Is compares codes.
type Error struct {
	Status  int
	Code    string
	Message string
}

// The faults of the protocol, and those that an Index answers with.
var (
	ErrBlobUnknown         = &Error{http.StatusNotFound, "BLOB_UNKNOWN", "blob unknown to repository"}
	ErrUploadInvalid       = &Error{http.StatusBadRequest, "BLOB_UPLOAD_INVALID", "blob upload invalid"}
	ErrUploadUnknown       = &Error{http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown"}
	ErrDigestInvalid       = &Error{http.StatusBadRequest, "DIGEST_INVALID", "digest did not match content"}
	ErrManifestBlobUnknown = &Error{http.StatusNotFound, "MANIFEST_BLOB_UNKNOWN", "manifest references an unknown blob"}
	ErrManifestInvalid     = &Error{http.StatusBadRequest, "MANIFEST_INVALID", "manifest invalid"}
	ErrManifestUnknown     = &Error{http.StatusNotFound, "MANIFEST_UNKNOWN", "manifest unknown"}
	ErrNameInvalid         = &Error{http.StatusBadRequest, "NAME_INVALID", "invalid repository name"}
	ErrNameUnknown         = &Error{http.StatusNotFound, "NAME_UNKNOWN", "repository name not known to registry"}
	ErrSizeInvalid         = &Error{http.StatusRequestEntityTooLarge, "SIZE_INVALID", "content too large"}
	ErrRange               = &Error{http.StatusRequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID", "chunk out of order"}
	ErrTagInvalid          = &Error{http.StatusBadRequest, "TAG_INVALID", "tag invalid"}
	ErrUnauthorized        = &Error{http.StatusUnauthorized, "UNAUTHORIZED", "authentication required"}
	ErrDenied              = &Error{http.StatusForbidden, "DENIED", "requested access to the resource is denied"}
	ErrUnsupported         = &Error{http.StatusMethodNotAllowed, "UNSUPPORTED", "the operation is unsupported"}
)

// Error returns "CODE: message".
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Is reports whether target is the same fault, whatever its message.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Status == e.Status
}

// because returns the fault with a message that names its object.
func (e *Error) because(format string, args ...any) *Error {
	return &Error{e.Status, e.Code, fmt.Sprintf(format, args...)}
}

// asError makes any fault answerable; what the protocol has no name for is the
// server's own.
func asError(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	return &Error{http.StatusInternalServerError, "UNKNOWN", "the registry failed"}
}
