package config

import (
	"fmt"
	"io"
	"net/url"
	"strings"
)

// A setting is one that was read, as it may be shown.
type setting struct {
	name, value string
	given       bool // rather than a default
}

// Print writes all settings as they are used, by the names that they have in
// the environment and without secrets.
func (c Config) Print(w io.Writer) {
	for _, s := range c.settings {
		line := s.name + "=" + s.value
		if !s.given {
			line += "  # default"
		}
		fmt.Fprintln(w, line) // the reader may be gone
	}
}

// note keeps what a setting is, once.
func (r *reader) note(name, value string, given bool) {
	for _, s := range r.noted {
		if s.name == name {
			return
		}
	}
	r.noted = append(r.noted, setting{name, shown(name, value), given})
}

// shown is a value without the secret that it is, or that is in it. That of a
// Firebase web app only names its project.
func shown(name, value string) string {
	switch {
	case value == "":
		return ""
	case strings.HasSuffix(name, "_API_KEY") && name != "FIREBASE_API_KEY", name == "FIREBASE_CONFIG", name == "DB_PASSWORD":
		return "***"
	case !strings.Contains(value, "@") || name == "MAIL_FROM":
		return value
	}
	u, err := url.Parse(value)
	if err != nil || u.User == nil {
		return "***"
	}
	return strings.Replace(u.Redacted(), ":xxxxx@", ":***@", 1)
}
