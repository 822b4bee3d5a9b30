package sigv4_test

import (
	"errors"
	"testing"
	"time"

	"apex/internal/awswire/sigv4"
)

// The example "Query string request authentication alternative" of AWS's S3
// developer guide, with the key that all its examples have.
func TestLegacyPresignedURL(t *testing.T) {
	const (
		target = "http://s3.amazonaws.com/johnsmith/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620"
		secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	)
	before := time.Unix(1175139000, 0)
	for name, tt := range map[string]struct {
		method, secret string
		at             time.Time
		want           error
	}{
		"right":          {"GET", secret, before, nil},
		"expired":        {"GET", secret, before.Add(time.Hour), sigv4.ErrExpired},
		"another secret": {"GET", "other", before, sigv4.ErrMismatch},
		"another method": {"DELETE", secret, before, sigv4.ErrMismatch},
	} {
		r := request(t, tt.method, target, "")
		l, err := sigv4.ParseLegacy(r.URL.Query())
		if err != nil || l.AccessKeyID != "AKIAIOSFODNN7EXAMPLE" {
			t.Fatalf("parsed %+v, %v", l, err)
		}
		if err := l.Verify(r, r.URL.Query(), tt.secret, tt.at); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}
