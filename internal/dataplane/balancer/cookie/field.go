package cookie

import (
	"bytes"
	"net/http"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

// Find returns the value of the cookie in a request's fields; nil if there is
// none. It is a view of the field.
func Find(fields []http1.Field, name string) []byte {
	for i := range fields {
		if fields[i].Kind != http1.Cookie {
			continue
		}
		for rest := fields[i].Value; len(rest) > 0; {
			var pair []byte
			pair, rest, _ = bytes.Cut(rest, []byte(";"))
			if key, value, ok := bytes.Cut(bytes.TrimSpace(pair), []byte("=")); ok && string(key) == name {
				return value
			}
		}
	}
	return nil
}

// Sets reports whether a response's fields set the cookie.
func Sets(fields []http1.Field, name string) bool {
	for i := range fields {
		if http1.EqualFold(fields[i].Name, "set-cookie") {
			if key, _, ok := bytes.Cut(fields[i].Value, []byte("=")); ok && string(bytes.TrimSpace(key)) == name {
				return true
			}
		}
	}
	return false
}

// A Setting is a cookie to set, for all paths of the host.
type Setting struct {
	Name, Value string
	Expires     time.Time
	CrossSite   bool // SameSite=None; Secure: sent with requests from other sites too
	Private     bool // HttpOnly: not for scripts
	Secret      bool // Secure: over TLS only
}

// AppendValue appends the value of the Set-Cookie field.
func (c Setting) AppendValue(b []byte) []byte {
	b = append(append(append(b, c.Name...), '='), c.Value...)
	b = append(b, "; Expires="...)
	b = c.Expires.UTC().AppendFormat(b, http.TimeFormat)
	b = append(b, "; Path=/"...)
	if c.CrossSite {
		b = append(b, "; SameSite=None; Secure"...)
	}
	if c.Secret {
		b = append(b, "; Secure"...)
	}
	if c.Private {
		b = append(b, "; HttpOnly"...)
	}
	return b
}
