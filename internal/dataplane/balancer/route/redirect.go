package route

import (
	"strconv"
	"strings"
)

// Redirect answers with a Location. Each part may hold #{protocol}, #{host},
// #{port}, #{path} and #{query}, which stand for the request's own.
type Redirect struct {
	Status                            int // 301 or 302
	Protocol, Host, Port, Path, Query string
}

// Origin is what the parts of a Redirect are filled from.
type Origin struct {
	Protocol string // "http"
	Host     string // without port
	Port     int    // the listener's
	// Outside are the ports that stand for listeners' where the client is, as 8443
	// for 443; without an entry a port is itself.
	Outside map[int]int
	Path    string
	Query   string
}

// Location returns the address to go to.
func (r *Redirect) Location(o Origin) string {
	fill := strings.NewReplacer(
		"#{protocol}", o.Protocol, "#{host}", o.Host, "#{port}", strconv.Itoa(o.Port),
		"#{path}", strings.TrimPrefix(o.Path, "/"), "#{query}", o.Query).Replace
	part := func(given, otherwise string) string {
		if given == "" {
			return fill(otherwise)
		}
		return fill(given)
	}
	port := part(r.Port, "#{port}")
	if n, err := strconv.Atoi(port); err == nil && o.Outside[n] != 0 {
		port = strconv.Itoa(o.Outside[n])
	}
	location := strings.ToLower(part(r.Protocol, "#{protocol}")) + "://" + part(r.Host, "#{host}") +
		":" + port + part(r.Path, "/#{path}")
	if q := fill(r.Query); q != "" {
		location += "?" + q
	}
	return location
}
