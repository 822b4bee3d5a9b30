package elbv2

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/dataplane/balancer"
	"apex/internal/dataplane/balancer/route"
	"apex/internal/seal"
	"apex/internal/service"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

// theInternet is the peer that a client on the host's loopback counts as.
var theInternet = netip.MustParseAddr("127.0.0.1")

// The ports on the host that stand for 80 and 443, unless the environment says.
const (
	defaultHTTPPort  = 8080
	defaultHTTPSPort = 8443
)

// A planner compiles a load balancer's rows into its balancer's configuration.
type planner struct {
	profile             service.Profile
	httpPort, httpsPort int
	sealer              *seal.Sealer
}

func newPlanner(env service.Env) planner {
	p := planner{profile: env.Profile, httpPort: env.HTTPPort, httpsPort: env.HTTPSPort, sealer: env.Sealer}
	if p.httpPort == 0 {
		p.httpPort = defaultHTTPPort
	}
	if p.httpsPort == 0 {
		p.httpsPort = defaultHTTPSPort
	}
	return p
}

// config returns what a load balancer's balancer is to serve, the private keys
// of its certificates unsealed in it; false while an interface of it is not ready.
func (p planner) config(r store.Reader, b *LoadBalancer) (balancer.Config, bool, error) {
	cfg := balancer.Config{Outside: map[int]int{}, Options: optionsOf(b.Spec.Attributes), Records: p.records(b)}
	if len(b.Spec.CookieKey) > 0 {
		var err error
		if cfg.Key, err = p.sealer.Open(b.Spec.CookieKey, []byte(b.Key)); err != nil {
			return cfg, false, fmt.Errorf("cookie key: %w", err)
		}
	}
	scope, _ := arn.SplitKey(b.Key)
	for _, n := range b.Spec.Nodes {
		eni, ok := ec2.NetworkInterfaces.Get(r, scope.Key(n.InterfaceID))
		if !ok || !eni.Status.Ready {
			return cfg, false, nil
		}
		cfg.Nodes = append(cfg.Nodes, balancer.Node{Zone: n.Zone, Namespace: eni.Status.Namespace, Addr: eni.Spec.PrivateIP})
	}
	for _, l := range listenersOf(r, b.Key) {
		secure, err := secureListener(r, p.sealer, &l)
		if err != nil {
			return cfg, false, err
		}
		if secure != nil {
			secure.HTTP2 = valueOf(loadBalancerAttributes, b.Spec.Attributes, "routing.http2.enabled") == "true"
		}
		bl := balancer.Listener{ID: l.Key, Port: l.Spec.Port, TLS: secure}
		dress(&bl, l.Spec.Attributes)
		if addr, open := p.hostAddr(r, b, &l); open {
			bl.Host = []netip.AddrPort{addr}
			cfg.Outside[l.Spec.Port] = int(addr.Port())
		}
		if err := p.rules(r, &bl, &l); err != nil {
			return cfg, false, err
		}
		cfg.Listeners = append(cfg.Listeners, bl)
	}
	for _, key := range groupsUsedBy(r, b.Key) {
		if g, ok := TargetGroups.Get(r, key); ok {
			cfg.Groups = append(cfg.Groups, p.group(r, &g))
		}
	}
	return cfg, true, nil
}

// rules compiles a listener's rules.
func (p planner) rules(r store.Reader, out *balancer.Listener, l *Listener) (err error) {
	if out.Default, err = routeAction(p.sealer, l.Spec.LoadBalancer, l.Spec.Actions); err != nil {
		return err
	}
	for _, rule := range rulesOf(r, l.Key) {
		action, err := routeAction(p.sealer, l.Spec.LoadBalancer, rule.Spec.Actions)
		if err != nil {
			return err
		}
		out.Rules = append(out.Rules, route.Rule{
			ID: rule.Key, Priority: rule.Spec.Priority, Conditions: routeConditions(rule.Spec.Conditions),
			Transforms: routeTransforms(rule.Spec.Transforms), Action: action,
		})
	}
	return nil
}

// hostAddr is where a listener is open on the host; false if it is closed
// there, because the load balancer is internal or its security groups do not
// admit the internet at the port.
func (p planner) hostAddr(r store.Reader, b *LoadBalancer, l *Listener) (netip.AddrPort, bool) {
	scope, _ := arn.SplitKey(b.Key)
	if b.Spec.Scheme != elbv2api.LoadBalancerSchemeEnumInternetFacing ||
		!ec2.AdmitsFrom(r, scope, b.Spec.SecurityGroups, theInternet, l.Spec.Port) {
		return netip.AddrPort{}, false
	}
	port := l.Spec.HostPort
	switch {
	case l.Spec.Front && l.Spec.Port == 443:
		port = p.httpsPort
	case l.Spec.Front:
		port = p.httpPort
	}
	return netip.AddrPortFrom(theInternet, uint16(port)), true
}

func (p planner) group(r store.Reader, g *TargetGroup) balancer.Group {
	c := g.Spec.Check
	port, _ := strconv.Atoi(c.Port) // "traffic-port" is 0: the target's own
	out := balancer.Group{
		ID: g.Key, Name: g.ARN(), Speech: g.speech(),
		Check: balancer.Check{
			Speech: g.checkSpeech(), Path: c.Path, Port: uint16(port), Matcher: c.Matcher, Healthy: c.Healthy, Unhealthy: c.Unhealthy,
			Interval: p.profile.Check(time.Duration(c.Interval) * time.Second),
			Timeout:  p.profile.Timeout(time.Duration(c.Timeout) * time.Second),
		},
	}
	p.balance(&out, g.Spec.Attributes)
	for _, reg := range registrationsOf(r, g.Key) {
		t := balancer.Target{Addr: reg.Spec.Target.Addr(), Zone: reg.Spec.Target.Zone}
		if reg.Spec.Deregistered {
			t.Draining, t.Until = true, reg.Status.DrainUntil
		}
		out.Targets = append(out.Targets, t)
	}
	return out
}

// drainFor is a group's deregistration delay.
func (p planner) drainFor(g *TargetGroup) time.Duration {
	seconds := intOf(targetGroupAttributes, g.Spec.Attributes, "deregistration_delay.timeout_seconds")
	return p.profile.DrainFor(time.Duration(seconds) * time.Second)
}

func optionsOf(set map[string]string) balancer.Options {
	value := func(key string) string { return valueOf(loadBalancerAttributes, set, key) }
	return balancer.Options{
		IdleTimeout:     seconds(loadBalancerAttributes, set, "idle_timeout.timeout_seconds"),
		ClientKeepAlive: seconds(loadBalancerAttributes, set, "client_keep_alive.seconds"),
		ForwardedFor:    value("routing.http.xff_header_processing.mode"),
		ClientPort:      value("routing.http.xff_client_port.enabled") == "true",
		PreserveHost:    value("routing.http.preserve_host_header.enabled") == "true",
		TLSHeaders:      value("routing.http.x_amzn_tls_version_and_cipher_suite.enabled") == "true",
		Compression:     set[compression] == "true",
		Desync:          value("routing.http.desync_mitigation_mode"),
		DropInvalid:     value("routing.http.drop_invalid_header_fields.enabled") == "true",
	}
}
