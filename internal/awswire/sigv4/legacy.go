package sigv4

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Legacy is the signature of an S3 URL that was presigned with version 2, as
// the AWS CLI 1 does by default in the oldest region.
type Legacy struct {
	AccessKeyID string
	Token       string
	expires     time.Time
	value       []byte
}

// legacyResources are the parameters that version 2 signs (S3 developer guide,
// Signing and authenticating REST requests).
var legacyResources = []string{
	"acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy", "requestPayment",
	"response-cache-control", "response-content-disposition", "response-content-encoding", "response-content-language",
	"response-content-type", "response-expires", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning",
	"versions", "website",
}

// ParseLegacy reads the signature of a URL that was presigned with version 2; it
// answers ErrMissing if there is none.
func ParseLegacy(query url.Values) (*Legacy, error) {
	if !query.Has("AWSAccessKeyId") || !query.Has("Signature") {
		return nil, ErrMissing
	}
	seconds, err := strconv.ParseInt(query.Get("Expires"), 10, 64)
	if err != nil {
		return nil, incomplete("Expires is no number of seconds")
	}
	value, err := base64.StdEncoding.DecodeString(query.Get("Signature"))
	if err != nil {
		return nil, incomplete("the signature is not in base64")
	}
	return &Legacy{query.Get("AWSAccessKeyId"), query.Get("x-amz-security-token"), time.Unix(seconds, 0), value}, nil
}

// Verify makes the signature again with secret and compares. It answers
// ErrExpired or ErrMismatch. Such a URL's bodies are not signed.
func (l *Legacy) Verify(r *http.Request, query url.Values, secret string, now time.Time) error {
	if now.After(l.expires) {
		return ErrExpired
	}
	lines := []string{r.Method, r.Header.Get("Content-Md5"), r.Header.Get("Content-Type"), query.Get("Expires")}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-amz-") {
			lines = append(lines, lower+":"+headerValue(r, name))
		}
	}
	if l.Token != "" {
		lines = append(lines, "x-amz-security-token:"+l.Token)
	}
	h := hmac.New(sha1.New, []byte(secret))
	h.Write([]byte(strings.Join(append(lines, legacyResource(r.URL, query)), "\n")))
	if !hmac.Equal(h.Sum(nil), l.value) {
		return ErrMismatch
	}
	return nil
}

// legacyResource writes what is asked for as version 2 signs it.
func legacyResource(u *url.URL, query url.Values) string {
	var parts []string
	for _, name := range legacyResources {
		if !query.Has(name) {
			continue
		}
		if v := query.Get(name); v != "" {
			name += "=" + v
		}
		parts = append(parts, name)
	}
	if len(parts) == 0 {
		return u.EscapedPath()
	}
	return u.EscapedPath() + "?" + strings.Join(parts, "&")
}
