package elbv2

import (
	"regexp"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/dataplane/balancer"
)

const serverHeader = "routing.http.response.server.enabled"

// A headerAttribute sets a field of every response of a listener.
type headerAttribute struct {
	key, field string
	check      func(string) *api.Error
}

var headerAttributes = []headerAttribute{
	{"strict_transport_security", "Strict-Transport-Security", orEmpty(directive)},
	{"access_control_allow_origin", "Access-Control-Allow-Origin", orEmpty(headerText)},
	{"access_control_allow_methods", "Access-Control-Allow-Methods", orEmpty(methods)},
	{"access_control_allow_headers", "Access-Control-Allow-Headers", orEmpty(headerText)},
	{"access_control_allow_credentials", "Access-Control-Allow-Credentials", oneOf("", "true")},
	{"access_control_expose_headers", "Access-Control-Expose-Headers", orEmpty(headerText)},
	{"access_control_max_age", "Access-Control-Max-Age", orEmpty(number(0, 86_400))},
	{"content_security_policy", "Content-Security-Policy", orEmpty(headerText)},
	{"x_content_type_options", "X-Content-Type-Options", oneOf("", "nosniff")},
	{"x_frame_options", "X-Frame-Options", orEmpty(frameOptions)},
}

// listenerAttributes are those of an HTTP or HTTPS listener.
var listenerAttributes = withHeaders(attribute{serverHeader, "true", boolean})

func withHeaders(first ...attribute) []attribute {
	for _, h := range headerAttributes {
		first = append(first, attribute{h.setting(), "", h.check})
	}
	return first
}

func (h headerAttribute) setting() string { return "routing.http.response." + h.key + ".header_value" }

func orEmpty(check func(string) *api.Error) func(string) *api.Error {
	return func(v string) *api.Error {
		if v == "" {
			return nil
		}
		return check(v)
	}
}

var visible = regexp.MustCompile(`^[!-~]([ -~]*[!-~])?$`)

func headerText(v string) *api.Error {
	if len(v) > 1024 || !visible.MatchString(v) {
		return invalid("The value '%s' must be 1 to 1024 visible ASCII characters", v)
	}
	return nil
}

func directive(v string) *api.Error {
	if !strings.Contains(strings.ToLower(v), "max-age=") {
		return invalid("The value '%s' must have a max-age", v)
	}
	return headerText(v)
}

func methods(v string) *api.Error {
	known := []string{"GET", "HEAD", "POST", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PUT", "*"}
	for m := range strings.SplitSeq(v, ",") {
		if !slices.Contains(known, strings.TrimSpace(m)) {
			return invalid("The value '%s' must be methods, or *", v)
		}
	}
	return nil
}

func frameOptions(v string) *api.Error {
	if v == "DENY" || v == "SAMEORIGIN" || strings.HasPrefix(v, "ALLOW-FROM ") {
		return headerText(v)
	}
	return invalid("The value '%s' must be DENY, SAMEORIGIN or ALLOW-FROM with an address", v)
}

// dress sets what a listener says of every response's fields.
func dress(out *balancer.Listener, set map[string]string) {
	out.HideServer = valueOf(listenerAttributes, set, serverHeader) == "false"
	for _, h := range headerAttributes {
		if v := valueOf(listenerAttributes, set, h.setting()); v != "" {
			out.Headers = append(out.Headers, balancer.Header{Name: h.field, Value: v})
		}
	}
}
