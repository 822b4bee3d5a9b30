package sigv4

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeLayout = "20060102T150405Z"
	dateLayout = "20060102"
)

// A Signature is what a request says of who signed it, what and when.
type Signature struct {
	AccessKeyID string
	Region      string
	Service     string
	Token       string // session token; empty for a lasting key
	Time        time.Time
	Presigned   bool

	expires       time.Duration // presigned URLs only
	signedHeaders []string      // lower case, sorted
	value         []byte
}

// Parse reads the signature of a request; query is its parsed query string. It
// answers ErrMissing or ErrIncomplete.
func Parse(r *http.Request, query url.Values) (*Signature, error) {
	switch header := r.Header.Get("Authorization"); {
	case header != "":
		return parseHeader(r, header)
	case query.Has("X-Amz-Signature"), query.Has("X-Amz-Credential"):
		return parseQuery(query)
	}
	return nil, ErrMissing
}

func incomplete(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrIncomplete, fmt.Sprintf(format, args...))
}

func parseHeader(r *http.Request, header string) (*Signature, error) {
	scheme, rest, _ := strings.Cut(header, " ")
	if scheme != algorithm {
		return nil, incomplete("the Authorization header does not begin with %s", algorithm)
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	s := &Signature{Token: r.Header.Get("X-Amz-Security-Token")}
	at := r.Header.Get("X-Amz-Date")
	if at == "" {
		at = dateHeader(r)
	}
	return s, s.fill(parts["Credential"], parts["SignedHeaders"], parts["Signature"], at)
}

// dateHeader returns the Date header in SigV4's form, or nothing.
func dateHeader(r *http.Request) string {
	t, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		return ""
	}
	return t.UTC().Format(timeLayout)
}

func parseQuery(query url.Values) (*Signature, error) {
	if query.Get("X-Amz-Algorithm") != algorithm {
		return nil, incomplete("X-Amz-Algorithm is not %s", algorithm)
	}
	expires := defaultExpires
	if query.Has("X-Amz-Expires") {
		seconds, err := strconv.ParseUint(query.Get("X-Amz-Expires"), 10, 32)
		if expires = time.Duration(seconds) * time.Second; err != nil || expires > MaxExpires {
			return nil, incomplete("X-Amz-Expires is no number of seconds up to %d", MaxExpires/time.Second)
		}
	}
	s := &Signature{Token: query.Get("X-Amz-Security-Token"), Presigned: true, expires: expires}
	return s, s.fill(query.Get("X-Amz-Credential"), query.Get("X-Amz-SignedHeaders"), query.Get("X-Amz-Signature"), query.Get("X-Amz-Date"))
}

// fill checks the parts that both forms have.
func (s *Signature) fill(credential, signedHeaders, signature, at string) (err error) {
	scope := strings.Split(credential, "/")
	if len(scope) != 5 || scope[0] == "" || scope[2] == "" || scope[3] == "" || scope[4] != "aws4_request" {
		return incomplete("the credential is not KEY/DATE/REGION/SERVICE/aws4_request")
	}
	s.AccessKeyID, s.Region, s.Service = scope[0], scope[2], scope[3]
	if s.Time, err = time.Parse(timeLayout, at); err != nil {
		return incomplete("the request has no valid X-Amz-Date")
	}
	if scope[1] != s.Time.Format(dateLayout) {
		return incomplete("the date of the credential is not that of X-Amz-Date")
	}
	if s.value, err = hex.DecodeString(signature); err != nil || len(s.value) == 0 {
		return incomplete("there is no signature in hexadecimal")
	}
	s.signedHeaders = strings.Split(signedHeaders, ";")
	if !slices.IsSorted(s.signedHeaders) || !slices.Contains(s.signedHeaders, "host") {
		return incomplete("the signed headers are not sorted or lack host")
	}
	return nil
}
