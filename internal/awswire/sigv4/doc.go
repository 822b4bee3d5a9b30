// Package sigv4 verifies AWS Signature Version 4 as a server does: in the
// Authorization header or in the query string of a presigned URL.
//
// [Parse] reads what a request says of its signature, so that the caller can
// find the secret of the access key; [Signature.Verify] makes the signature
// again and compares. Nothing of a request is to be believed before that.
package sigv4

import (
	"errors"
	"time"
)

// The faults of a signature. Services word them each in their own code.
var (
	ErrMissing    = errors.New("the request is not signed")
	ErrIncomplete = errors.New("the signature is incomplete")
	ErrMismatch   = errors.New("the signature does not match: check the secret access key and the signing method")
	ErrPayload    = errors.New("the body is not the one that was signed")
	ErrSkewed     = errors.New("the request's time is too far from the region's")
	ErrExpired    = errors.New("the presigned request has expired")
)

// MaxSkew is how far a request's time may be from the server's.
const MaxSkew = 5 * time.Minute

// MaxExpires is the longest life of a presigned URL.
const MaxExpires = 7 * 24 * time.Hour

// defaultExpires is the life of a presigned URL that names none, as those of STS.
const defaultExpires = 15 * time.Minute
