package api

import "fmt"

// An Error is what AWS answers when a call fails: a code that SDKs match on and
// a message for people. The wire protocols turn it into their own envelope.
type Error struct {
	Code    string // "InvalidVpcID.NotFound"; the wire name, as AWS spells it
	Message string
	Status  int // HTTP status; 400 for most, 500 and above are the region's fault
	// Type is the JSON protocols' __type when it differs from Code, for services
	// whose error shapes and query codes are spelled differently.
	Type string
	// Fields are further members of the error's shape, by wire name.
	Fields map[string]any
}

// Error returns "Code: message".
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Typed gives the error the name of its shape, where that is not its code.
func (e *Error) Typed(shape string) *Error {
	e.Type = shape
	return e
}

// Errorf makes an Error with the given code and HTTP status.
func Errorf(code string, status int, format string, args ...any) *Error {
	return &Error{Code: code, Status: status, Message: fmt.Sprintf(format, args...)}
}

// Invalid makes an Error of status 400, the most common kind.
func Invalid(code, format string, args ...any) *Error {
	return Errorf(code, 400, format, args...)
}
