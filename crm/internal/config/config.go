// Package config reads the server's settings from the environment, once, and
// refuses to go on with any that is wrong, naming all of them.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// An Environment is where the server runs.
type Environment string

// The environments. Production is the default: what is for development only
// must be asked for.
const (
	Development Environment = "dev"
	Production  Environment = "production"
)

// Config is what the server is told.
type Config struct {
	Serving
	Environment Environment
	Roles       Roles
	Database    Database
	Redis       Secret   // URL
	PublicURL   *url.URL // nil: not known
	Firebase    Firebase
	Limits      Limits
	Mail        Mail
	AI          AI
	Telemetry   Telemetry
	// WebhookNetworks are private networks that webhooks may be sent to, in
	// development.
	WebhookNetworks []netip.Prefix

	settings []setting
}

// Serving is what everything that serves HTTP is told.
type Serving struct {
	Port           int
	LogLevel       slog.Level
	DrainDelay     time.Duration
	TrustedProxies []netip.Prefix
}

// Database says where MySQL is and how many connections to hold.
type Database struct {
	Address  string // host:port
	User     string
	Password Secret
	Name     string
	TLS      string    // "", true, skip-verify or preferred
	MaxOpen  int       // 0: work it out from the server's limit
	MaxTasks int       // how many tasks may run beside this one
	Login    AWSSecret // where user and password are read again when they are refused
}

// A Secret prints as ***.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// LogValue hides the secret in logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Load reads all settings through get and reports every one that is wrong.
func Load(get func(string) string) (Config, error) {
	r := reader{get: get}
	c := Config{
		Serving:     r.serving(),
		Environment: Environment(r.oneOf("APP_ENV", string(Production), string(Development), string(Production))),
		Roles:       r.roles(),
		Database:    r.database(),
		Redis:       r.redis("REDIS_URL"),
		Mail:        r.mail(),
	}
	c.PublicURL, c.Firebase, c.Limits = r.publicURL(c.Environment), r.firebase(c.Environment), r.limits()
	c.AI = r.ai(c.Environment)
	c.Telemetry = r.telemetry()
	c.WebhookNetworks = r.webhooks(c.Environment)
	c.settings = r.noted
	return c, errors.Join(r.faults...)
}

func (r *reader) serving() Serving {
	return Serving{
		Port:           r.integer("PORT", 3000, 1, 65535),
		LogLevel:       r.level("LOG_LEVEL"),
		DrainDelay:     r.duration("DRAIN_DELAY", 3*time.Second),
		TrustedProxies: r.prefixes("TRUSTED_PROXIES", "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,::1/128,fc00::/7"),
	}
}

// notSet is what the platform puts into a secret that nobody has given yet.
const notSet = "not-set"

type reader struct {
	get    func(string) string
	faults []error
	noted  []setting
}

func (r *reader) fault(name, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
}

func (r *reader) text(name, otherwise string) string {
	if v := strings.TrimSpace(r.get(name)); v != "" && v != notSet {
		r.note(name, v, true)
		return v
	}
	r.note(name, otherwise, false)
	return otherwise
}

func (r *reader) oneOf(name, otherwise string, allowed ...string) string {
	v := r.text(name, otherwise)
	for _, a := range allowed {
		if v == a {
			return v
		}
	}
	r.fault(name, "%q is not one of %s", v, strings.Join(allowed, ", "))
	return otherwise
}

func (r *reader) integer(name string, otherwise, low, high int) int {
	v := r.text(name, strconv.Itoa(otherwise))
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		r.fault(name, "%q is not a number from %d to %d", v, low, high)
	}
	return n
}

func (r *reader) duration(name string, otherwise time.Duration) time.Duration {
	v := r.text(name, otherwise.String())
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 || d > 2*time.Minute {
		r.fault(name, "%q is not a time from 0s to 2m", v)
	}
	return d
}

func (r *reader) level(name string) slog.Level {
	var level slog.Level
	v := r.text(name, "info")
	if err := level.UnmarshalText([]byte(v)); err != nil {
		r.fault(name, "%q is not one of debug, info, warn, error", v)
	}
	return level
}

func (r *reader) prefixes(name, otherwise string) []netip.Prefix {
	var all []netip.Prefix
	for _, v := range strings.Split(r.text(name, otherwise), ",") {
		p, err := netip.ParsePrefix(strings.TrimSpace(v))
		if err != nil {
			r.fault(name, "%q is not a CIDR block", v)
			continue
		}
		all = append(all, p)
	}
	return all
}

func (r *reader) redis(name string) Secret {
	v := r.text(name, "")
	u, err := url.Parse(v)
	switch {
	case v == "":
		r.fault(name, "is missing; it looks like redis://:password@host:6379/0")
	case err != nil || u.Host == "" || u.Scheme != "redis" && u.Scheme != "rediss":
		r.fault(name, "is not a redis:// or rediss:// URL") // never echoed: it holds a password
	}
	return Secret(v)
}
