package http1

import "errors"

// ErrShort says that more bytes are needed than are buffered.
var ErrShort = errors.New("http1: more bytes needed")

// An Error is a message that breaks the protocol. Status is what a client that
// sent it is answered.
type Error struct {
	Status int
	Reason string
	Class  Class
	Fault  Fault // of a request; empty if none of AWS's words fits
}

// Error returns the reason.
func (e *Error) Error() string { return "http1: " + e.Reason }

func malformed(reason string) *Error { return &Error{Status: 400, Reason: reason, Class: Severe} }

// faulty is a request that is refused for one of AWS's reasons.
func faulty(f Fault, reason string) *Error {
	return &Error{Status: 400, Reason: reason, Class: f.class(), Fault: f}
}
