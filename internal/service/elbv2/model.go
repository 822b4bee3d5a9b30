package elbv2

import (
	"net/netip"
	"time"

	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// The tables of the service. Keys are scope.Key of an ARN's resource part.
var (
	LoadBalancers = store.NewTable("elbv2.load-balancers", func(b *LoadBalancer) string { return b.Key })
	Listeners     = store.NewTable("elbv2.listeners", func(l *Listener) string { return l.Key })
	Rules         = store.NewTable("elbv2.rules", func(r *Rule) string { return r.Key })
	TargetGroups  = store.NewTable("elbv2.target-groups", func(g *TargetGroup) string { return g.Key })
	Registrations = store.NewTable("elbv2.registrations", func(r *Registration) string { return r.Key })
)

// Tables lists the service's tables.
func Tables() []store.AnyTable {
	return []store.AnyTable{LoadBalancers, Listeners, Rules, TargetGroups, Registrations, TrustStores}
}

const signingName = "elasticloadbalancing"

// arnOf returns the ARN that a key stands for.
func arnOf(key string) string {
	scope, resource := arn.SplitKey(key)
	return scope.ARN(signingName, resource)
}

// keyOf returns the key of an ARN, or "" if it is none of this service.
func keyOf(name string) string {
	a, err := arn.Parse(name)
	if err != nil || a.Service != signingName {
		return ""
	}
	return a.Scope().Key(a.Resource)
}

// A LoadBalancer spreads requests over targets.
type LoadBalancer struct {
	Key    string // "…/loadbalancer/app/name/0123456789abcdef"
	Spec   LoadBalancerSpec
	Status LoadBalancerStatus
}

// ARN returns the load balancer's name.
func (b *LoadBalancer) ARN() string { return arnOf(b.Key) }

// LoadBalancerSpec is what the caller asked for.
type LoadBalancerSpec struct {
	Name           string
	ID             string // sixteen hexadecimal digits, the end of its ARN
	Scheme         string
	VPCID          string
	Nodes          []Node // one for each zone
	SecurityGroups []string
	DNSName        string
	Attributes     map[string]string // those that were set
	CookieKey      []byte            // sealed: what clients' cookies are encrypted with
	Tags           tag.Tags
	CreatedAt      time.Time
}

// A Node is the load balancer's interface in one zone.
type Node struct {
	Zone, SubnetID, InterfaceID string
}

// LoadBalancerStatus is what is true.
type LoadBalancerStatus struct {
	State  string // "provisioning", "active" or "failed"; empty until the controller saw it
	Reason string
	// Addresses are where listeners are open on the host, by the listener's port.
	Addresses map[int]netip.AddrPort
	// Targets is what the balancer says of each target, by the registration's key.
	Targets map[string]Observed
}

// Observed is what a balancer says of a target.
type Observed struct {
	Health  string
	Reason  string
	Detail  string
	Drained bool
	// Anomalous: it fails far more often than its peers; Mitigated: it gets fewer
	// requests than they.
	Anomalous, Mitigated bool
}

// A Listener takes requests at a port.
type Listener struct {
	Key  string // "…/listener/app/name/<load balancer>/<listener>"
	Spec ListenerSpec
}

// ARN returns the listener's name.
func (l *Listener) ARN() string { return arnOf(l.Key) }

// ListenerSpec is what the caller asked for.
type ListenerSpec struct {
	LoadBalancer string // its key
	Port         int
	Protocol     string
	TLS          *TLSSpec // of an HTTPS listener; nil for others
	Actions      []elbv2api.Action
	DefaultRule  string // the key of the rule that stands for Actions
	// Front: on the host it has the port that the environment sets for it;
	// otherwise HostPort.
	Front      bool
	HostPort   int
	Attributes map[string]string
	Tags       tag.Tags
	CreatedAt  time.Time
}

// A Rule sends the requests that meet its conditions elsewhere.
type Rule struct {
	Key  string // "…/listener-rule/app/name/<load balancer>/<listener>/<rule>"
	Spec RuleSpec
}

// ARN returns the rule's name.
func (r *Rule) ARN() string { return arnOf(r.Key) }

// RuleSpec is what the caller asked for.
type RuleSpec struct {
	Listener   string // its key
	Priority   int
	Conditions []elbv2api.RuleCondition
	Transforms []elbv2api.RuleTransform
	Actions    []elbv2api.Action
	Tags       tag.Tags
}

// A TargetGroup is targets that do the same.
type TargetGroup struct {
	Key  string // "…/targetgroup/name/0123456789abcdef"
	Spec TargetGroupSpec
}

// ARN returns the target group's name.
func (g *TargetGroup) ARN() string { return arnOf(g.Key) }

// TargetGroupSpec is what the caller asked for.
type TargetGroupSpec struct {
	Name       string
	Protocol   string // to the targets: HTTP or HTTPS
	Version    string // HTTP2 or GRPC; empty is HTTP1
	Port       int
	VPCID      string
	Check      HealthCheck
	Attributes map[string]string
	Tags       tag.Tags
	CreatedAt  time.Time
}

// A HealthCheck is how targets are probed; durations are seconds.
type HealthCheck struct {
	Enabled            bool
	Protocol           string
	Port               string // a number or "traffic-port"
	Path               string
	Interval, Timeout  int
	Healthy, Unhealthy int
	Matcher            string
}

// A Registration is one target in one group.
type Registration struct {
	Key    string // the group's key + "|" + address and port
	Spec   RegistrationSpec
	Status RegistrationStatus
}

// RegistrationSpec is what the caller asked for.
type RegistrationSpec struct {
	Group        string // its key
	Target       Target
	Deregistered bool // it takes no new requests and goes when it has drained
}

// A Target is an address that serves requests.
type Target struct {
	IP   netip.Addr
	Port int
	Zone string
}

// Addr returns the target's address with its port.
func (t Target) Addr() netip.AddrPort { return netip.AddrPortFrom(t.IP, uint16(t.Port)) }

// RegistrationStatus is what is true.
type RegistrationStatus struct {
	State       string // as DescribeTargetHealth says it
	Reason      string
	Description string
	DrainUntil  time.Time // when the last requests are cut; zero unless it is draining
}
