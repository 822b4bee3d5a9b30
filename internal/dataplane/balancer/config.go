package balancer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"apex/internal/dataplane/balancer/route"
)

// A Config is all that a balancer serves.
type Config struct {
	Nodes     []Node // none: the process's own namespace
	Listeners []Listener
	Groups    []Group
	Options   Options
	// Outside are the ports at which clients of Listener.Host find listeners, by
	// the listeners' ports: redirects name them to who came in there.
	Outside map[int]int `json:",omitempty"`
	Records Records
	// Key seals the cookies that clients keep for the balancer: 32 bytes, the
	// same for as long as those cookies are to mean something.
	Key []byte `json:",omitempty"`
}

// A Node is the balancer's presence in one zone.
type Node struct {
	Zone      string
	Namespace string // path of the network namespace it listens in and dials from; empty: the process's own
	Addr      netip.Addr
}

// A Listener accepts connections on Port at every node, and at Host.
type Listener struct {
	ID      string
	Port    int
	Host    []netip.AddrPort // in the process's own namespace: the way in from outside
	TLS     *TLS             `json:",omitempty"` // nil: connections are plain
	Rules   []route.Rule
	Default route.Action
	Headers []Header `json:",omitempty"` // of every response
	// HideServer drops the Server field of every response.
	HideServer bool `json:",omitempty"`
}

// A Group is targets that do the same.
type Group struct {
	ID        string
	Name      string `json:",omitempty"` // what records call it: its ID if empty
	Speech    Speech
	Algorithm Algorithm
	// SlowStart is how long a target's share grows after it has become healthy;
	// with RoundRobin only. 0: it gets a full share at once.
	SlowStart time.Duration `json:",omitempty"`
	// Mitigate lets targets that fail far more often than their peers get less;
	// with WeightedRandom only.
	Mitigate bool `json:",omitempty"`
	// Least is how many targets must be healthy; below that all are used.
	Least   Threshold
	Sticky  Sticky
	Check   Check
	Targets []Target
}

// A Threshold is a least number of targets; the zero value means one.
type Threshold struct {
	Count   int
	Percent int // of all targets that do not drain
}

// Sticky says how a client's requests stay with one target.
type Sticky struct {
	Kind     StickyKind    `json:",omitempty"`
	Duration time.Duration `json:",omitempty"` // since the last request
	Cookie   string        `json:",omitempty"` // of AppCookie: the cookie that targets set
}

// A StickyKind names what makes a client's requests stay.
type StickyKind string

// The kinds of stickiness; "" is none.
const (
	LBCookie  StickyKind = "lb_cookie"  // a cookie of the balancer's
	AppCookie StickyKind = "app_cookie" // one of the application's, and one of the balancer's beside it
)

// An Algorithm chooses among healthy targets.
type Algorithm string

// The algorithms.
const (
	RoundRobin       Algorithm = "round_robin"
	LeastOutstanding Algorithm = "least_outstanding_requests"
	WeightedRandom   Algorithm = "weighted_random"
)

// A Check is how a group's targets are probed.
type Check struct {
	Disabled  bool `json:",omitempty"` // every target counts as healthy
	Speech    Speech
	Path      string
	Port      uint16 `json:",omitempty"` // 0: the target's own
	Interval  time.Duration
	Timeout   time.Duration
	Healthy   int    // passes in a row that make an unhealthy target healthy
	Unhealthy int    // failures in a row that make a target unhealthy
	Matcher   string // statuses that pass: "200", "200-299,301"; of GRPC, the numbers of gRPC's: "0-99"
}

// A Target is one address that serves requests.
type Target struct {
	Addr     netip.AddrPort
	Zone     string
	Draining bool      `json:",omitempty"` // takes no new requests
	Until    time.Time `json:",omitzero"`  // when a draining target's requests are cut; zero: never
}

// Options are the balancer's attributes; the zero value of each means AWS's
// default.
type Options struct {
	IdleTimeout     time.Duration // 60 s
	ClientKeepAlive time.Duration // 3600 s: the age at which a client connection is asked to close
	ConnectTimeout  time.Duration // 10 s
	ForwardedFor    string        // "append", "preserve" or "remove"
	ClientPort      bool          // X-Forwarded-For carries the client's port
	PreserveHost    bool          // Host goes on as the client sent it
	TLSHeaders      bool          // targets are told what was agreed on with the client, in X-Amzn-TLS-Version and -Cipher-Suite
	Compression     bool          // responses are compressed for clients that like it: our own, an ALB never does
	Desync          string        // "monitor", "defensive" (the default) or "strictest"
	DropInvalid     bool          // fields whose names hold other characters than letters, digits and hyphens
}

func (o Options) withDefaults() Options {
	defaultTo := func(d *time.Duration, def time.Duration) {
		if *d == 0 {
			*d = def
		}
	}
	defaultTo(&o.IdleTimeout, time.Minute)
	defaultTo(&o.ClientKeepAlive, time.Hour)
	defaultTo(&o.ConnectTimeout, 10*time.Second)
	if o.ForwardedFor == "" {
		o.ForwardedFor = "append"
	}
	if o.Desync == "" {
		o.Desync = "defensive"
	}
	return o
}

// Digest is a short name of the configuration: equal ones have the same.
func (c *Config) Digest() string {
	text, _ := json.Marshal(c) // nothing in it can fail
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// Validate says what a Config cannot mean.
func (c *Config) Validate() error {
	groups := map[string]bool{}
	for _, g := range c.Groups {
		if groups[g.ID] {
			return fmt.Errorf("target group %s: given twice", g.ID)
		}
		groups[g.ID] = true
		if err := g.Speech.validate(); err != nil {
			return fmt.Errorf("target group %s: %w", g.ID, err)
		}
		if err := g.Check.validate(); err != nil {
			return fmt.Errorf("target group %s: %w", g.ID, err)
		}
	}
	for _, l := range c.Listeners {
		if err := l.TLS.validate(); err != nil {
			return fmt.Errorf("listener %s: %w", l.ID, err)
		}
		for i := range l.Rules {
			if err := l.Rules[i].Check(); err != nil {
				return fmt.Errorf("listener %s: %w", l.ID, err)
			}
		}
		for _, a := range append(actionsOf(l.Rules), l.Default) {
			if err := checkAction(a, groups); err != nil {
				return fmt.Errorf("listener %s: %w", l.ID, err)
			}
		}
	}
	return nil
}

func actionsOf(rules []route.Rule) (actions []route.Action) {
	for _, r := range rules {
		actions = append(actions, r.Action)
	}
	return actions
}

func checkAction(a route.Action, groups map[string]bool) error {
	switch {
	case a.Forward != nil:
		for _, w := range a.Forward.Groups {
			if !groups[w.Group] {
				return fmt.Errorf("target group %s: not in the configuration", w.Group)
			}
		}
	case a.Redirect == nil && a.Fixed == nil:
		return fmt.Errorf("action: empty")
	}
	return nil
}

func (c Check) validate() error {
	if c.Disabled {
		return nil
	}
	if c.Interval <= 0 || c.Timeout <= 0 || c.Healthy < 1 || c.Unhealthy < 1 {
		return fmt.Errorf("health check: interval, timeout and thresholds must be positive")
	}
	_, err := c.parseMatcher()
	return err
}
