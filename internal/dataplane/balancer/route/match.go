package route

import (
	"bytes"
	"net/netip"
	"net/url"
	"regexp"

	"apex/internal/dataplane/balancer/http1"
)

// A Request is what conditions look at.
type Request struct {
	Method, Host, Path, Query []byte
	Fields                    []http1.Field
	Source                    netip.Addr // the peer of the connection, never a forwarded address
}

// Matches reports whether any value of the condition matches.
func (c *Condition) Matches(r *Request) bool {
	switch c.Field {
	case PathPattern:
		return anyGlob(c.Values, r.Path, true) || anyRegex(c.compiled, r.Path)
	case HostHeader:
		host := withoutPort(r.Host)
		return anyGlob(c.Values, host, false) || anyRegex(c.compiled, host)
	case HTTPHeader:
		return c.matchesHeader(r.Fields)
	case RequestMethod:
		return anyEqual(c.Values, r.Method)
	case QueryString:
		return c.matchesQuery(r.Query)
	case SourceIP:
		return c.matchesSource(r.Source)
	}
	return false
}

func anyGlob(patterns []string, s []byte, exactCase bool) bool {
	for _, p := range patterns {
		if Glob(p, s, exactCase) {
			return true
		}
	}
	return false
}

func anyRegex(expressions []*regexp.Regexp, s []byte) bool {
	for _, e := range expressions {
		if e.Match(s) {
			return true
		}
	}
	return false
}

func anyEqual(values []string, b []byte) bool {
	for _, v := range values {
		if v == string(b) {
			return true
		}
	}
	return false
}

func (c *Condition) matchesHeader(fields []http1.Field) bool {
	for i := range fields {
		f := &fields[i]
		if sameName(c.Header, f.Name) && (anyGlob(c.Values, f.Value, false) || anyRegex(c.compiled, f.Value)) {
			return true
		}
	}
	return false
}

// sameName compares a field's name without regard to case.
func sameName(name string, b []byte) bool {
	if len(name) != len(b) {
		return false
	}
	for i := range b {
		if lower(name[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func (c *Condition) matchesSource(a netip.Addr) bool {
	for _, p := range c.Sources {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// matchesQuery compares each parameter as it is written and, if that fails,
// decoded.
func (c *Condition) matchesQuery(query []byte) bool {
	for len(query) > 0 {
		var param []byte
		param, query, _ = bytes.Cut(query, []byte("&"))
		key, value, _ := bytes.Cut(param, []byte("="))
		if c.matchesParam(key, value) {
			return true
		}
		if bytes.ContainsAny(param, "%+") && c.matchesParam(decoded(key), decoded(value)) {
			return true
		}
	}
	return false
}

func (c *Condition) matchesParam(key, value []byte) bool {
	for _, p := range c.Query {
		if (p.Key == "" || Glob(p.Key, key, false)) && Glob(p.Value, value, false) {
			return true
		}
	}
	return false
}

func decoded(b []byte) []byte {
	s, err := url.QueryUnescape(string(b))
	if err != nil {
		return b
	}
	return []byte(s)
}

func withoutPort(host []byte) []byte {
	i := bytes.LastIndexByte(host, ':')
	if i < 0 || bytes.IndexByte(host[i:], ']') >= 0 {
		return host
	}
	return host[:i]
}
