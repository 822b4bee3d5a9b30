package sigv4

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest writes the parts of a request that are signed in the one way
// that client and server agree on.
func (s *Signature) canonicalRequest(r *http.Request, query url.Values, payload string) string {
	var b strings.Builder
	b.WriteString(r.Method)
	b.WriteByte('\n')
	b.WriteString(s.canonicalPath(r.URL))
	b.WriteByte('\n')
	writeQuery(&b, query)
	b.WriteByte('\n')
	for _, name := range s.signedHeaders {
		b.WriteString(name)
		b.WriteByte(':')
		b.WriteString(headerValue(r, name))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.WriteString(strings.Join(s.signedHeaders, ";"))
	b.WriteByte('\n')
	b.WriteString(payload)
	return b.String()
}

// canonicalPath returns the path as it was sent, escaped once more: S3 alone
// leaves that out.
func (s *Signature) canonicalPath(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		return "/"
	}
	if s.Service == "s3" {
		return path
	}
	return escape(path, true)
}

// writeQuery writes the parameters sorted by their escaped names and values,
// all but the signature itself.
func writeQuery(b *strings.Builder, query url.Values) {
	escaped := map[string][]string{}
	for name, values := range query {
		if name == "X-Amz-Signature" {
			continue
		}
		list := make([]string, len(values))
		for i, value := range values {
			list[i] = escape(value, false)
		}
		slices.Sort(list)
		escaped[escape(name, false)] = list
	}
	first := true
	for _, name := range slices.Sorted(maps.Keys(escaped)) {
		for _, value := range escaped[name] {
			if !first {
				b.WriteByte('&')
			}
			first = false
			b.WriteString(name + "=" + value)
		}
	}
}

// headerValue returns a signed header's values, trimmed, runs of spaces made
// one, joined with commas. Go keeps two headers elsewhere than in Header.
func headerValue(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		if r.Header.Get("Content-Length") == "" {
			return strconv.FormatInt(r.ContentLength, 10)
		}
	}
	values := r.Header.Values(name)
	clean := make([]string, len(values))
	for i, value := range values {
		clean[i] = squeeze(value)
	}
	return strings.Join(clean, ",")
}

// squeeze trims spaces around a value and makes runs of them within it one.
func squeeze(value string) string {
	value = strings.Trim(value, " ")
	for strings.Contains(value, "  ") {
		value = strings.ReplaceAll(value, "  ", " ")
	}
	return value
}

const upperHex = "0123456789ABCDEF"

// escape percent-encodes all but RFC 3986's unreserved characters, and slashes
// if they are to be kept.
func escape(s string, keepSlash bool) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if unreserved(c) || c == '/' && keepSlash {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(upperHex[c>>4])
		b.WriteByte(upperHex[c&15])
	}
	return b.String()
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}
