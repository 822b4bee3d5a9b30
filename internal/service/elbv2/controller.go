package elbv2

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/balancer"
	"apex/internal/dataplane/supervisor"
	"apex/internal/service/acm"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

const (
	steadyLook = 500 * time.Millisecond // how often a balancer is asked what it sees,
	drainLook  = 200 * time.Millisecond // while targets drain,
	eagerLook  = 50 * time.Millisecond  // and while new ones are about to be healthy
	applyLimit = 5 * time.Second        // how long a balancer may take to start and answer
)

// balancerController keeps one balancer running for each load balancer.
func (s *Service) balancerController() controller.Controller {
	ofScope := func(snap store.Snapshot, key string) (keys []string) {
		scope, _ := arn.SplitKey(key)
		for k := range LoadBalancers.Prefix(snap, scope.Prefix()) {
			keys = append(keys, k)
		}
		return keys
	}
	ofCertificate := func(snap store.Snapshot, key string) (keys []string) {
		scope, resource := arn.SplitKey(key)
		for _, name := range CertificateUsers(snap, scope.ARN("acm", resource)) {
			keys = append(keys, keyOf(name))
		}
		return keys
	}
	ofTrustStore := func(snap store.Snapshot, key string) (keys []string) {
		for _, l := range trustUsers(snap, arnOf(key)) {
			keys = append(keys, l.Spec.LoadBalancer)
		}
		return keys
	}
	ofListener := func(_ store.Snapshot, key string) []string { return []string{balancerOfListener(key)} }
	return controller.New(controller.Spec[LoadBalancer, LoadBalancerStatus]{
		Name: "elbv2/load-balancer", Table: LoadBalancers,
		Status:    func(b *LoadBalancer) *LoadBalancerStatus { return &b.Status },
		Reconcile: s.reconcileBalancer,
		Start:     s.prune,
		Watch: []controller.Trigger{
			controller.On(Listeners, ofListener), controller.On(Rules, ofListener),
			controller.On(TargetGroups, ofScope), controller.On(Registrations, ofScope),
			controller.On(ec2.NetworkInterfaces, ofScope), controller.On(ec2.SecurityGroups, ofScope),
			controller.On(acm.Certificates, ofCertificate), controller.On(TrustStores, ofTrustStore),
		},
		Workers: 4,
	})
}

// root is the directory of all balancers of the home.
func (s *Service) root() string { return filepath.Join(s.env.Home, "balancers") }

// secureDir is the directory of the balancer that serves a load balancer's HTTPS
// listeners, if it has any. It holds the keys of their certificates.
func (s *Service) secureDir(key string) string { return s.dir(key) + "-tls" }

// dir is the directory of one balancer: the load balancer's id is its name.
func (s *Service) dir(key string) string {
	return filepath.Join(s.root(), key[strings.LastIndexByte(key, '/')+1:])
}

func (s *Service) reconcileBalancer(ctx context.Context, snap store.Snapshot, key string) (LoadBalancerStatus, error) {
	b, ok := LoadBalancers.Get(snap, key)
	if !ok {
		return LoadBalancerStatus{}, errors.Join(s.end(ctx, s.dir(key)), s.end(ctx, s.secureDir(key)))
	}
	cfg, ready, err := newPlanner(s.env).config(snap, &b)
	if err != nil {
		return b.Status, err
	}
	if !ready {
		return LoadBalancerStatus{State: elbv2api.LoadBalancerStateEnumProvisioning}, nil // the interfaces' rows wake us
	}
	seen, err := s.serve(ctx, &b, cfg)
	if err != nil {
		status := b.Status
		status.State, status.Reason = elbv2api.LoadBalancerStateEnumFailed, "the balancer does not answer"
		return status, err
	}
	status := statusOfBalancer(cfg, &seen)
	return status, controller.Again(pause(status))
}

// serve makes the balancers of a load balancer run and serve their parts of the
// configuration, and returns what they see together.
func (s *Service) serve(ctx context.Context, b *LoadBalancer, cfg balancer.Config) (balancer.State, error) {
	plain, secure := cfg.Split()
	seen, err := s.ensure(ctx, b.Spec.Name, s.dir(b.Key), plain)
	if err != nil {
		return seen, err
	}
	if len(secure.Listeners) == 0 {
		return seen, s.end(ctx, s.secureDir(b.Key))
	}
	more, err := s.ensure(ctx, b.Spec.Name+" (TLS)", s.secureDir(b.Key), secure)
	return balancer.Merge(seen, more), err
}

// ensure makes the balancer run and serve the configuration, and returns what it
// sees.
func (s *Service) ensure(ctx context.Context, name, dir string, cfg balancer.Config) (balancer.State, error) {
	ctx, cancel := context.WithTimeout(ctx, applyLimit)
	defer cancel()
	seen, err := balancer.Observe(ctx, dir)
	if err == nil && seen.Config == cfg.Digest() {
		return seen, nil
	}
	if err != nil {
		if err := s.launch(ctx, name, dir); err != nil {
			return seen, err
		}
	}
	return balancer.Apply(ctx, dir, cfg)
}

// launch starts the balancer's process unless it runs.
func (s *Service) launch(ctx context.Context, name, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("balancer %s: %w", name, err)
	}
	return supervisor.Apply(ctx, supervisor.Spec{
		Name: "balancer " + name, Dir: supervisorDir(dir),
		Path: s.env.Executable, Args: []string{"balancer", dir}, Env: []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"},
		Restart: true, KeepFiles: true, Executable: s.env.Executable,
	})
}

func supervisorDir(dir string) string { return filepath.Join(dir, "process") }

// end stops a balancer and removes what it kept.
func (s *Service) end(ctx context.Context, dir string) error {
	if err := supervisor.Stop(ctx, supervisorDir(dir)); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// prune ends the balancers of load balancers that are gone.
func (s *Service) prune(ctx context.Context, snap store.Snapshot) error {
	wanted := map[string]bool{}
	for key := range LoadBalancers.All(snap) {
		wanted[s.dir(key)], wanted[s.secureDir(key)] = true, true
	}
	return s.endAll(ctx, func(dir string) bool { return !wanted[dir] })
}

// Stop ends every balancer of the home. What they served is in the store.
func (s *Service) Stop(ctx context.Context) error {
	return s.endAll(ctx, func(string) bool { return true })
}

func (s *Service) endAll(ctx context.Context, which func(dir string) bool) error {
	entries, err := os.ReadDir(s.root())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("balancers: %w", err)
	}
	var faults []error
	for _, e := range entries {
		if dir := filepath.Join(s.root(), e.Name()); which(dir) {
			faults = append(faults, s.end(ctx, dir))
		}
	}
	return errors.Join(faults...)
}

// statusOfBalancer says what is true of a load balancer whose balancer answers.
func statusOfBalancer(cfg balancer.Config, seen *balancer.State) LoadBalancerStatus {
	status := LoadBalancerStatus{
		State: elbv2api.LoadBalancerStateEnumActive, Addresses: map[int]netip.AddrPort{}, Targets: map[string]Observed{},
	}
	for _, l := range cfg.Listeners {
		for _, addr := range l.Host {
			status.Addresses[l.Port] = addr
		}
	}
	if closed := seen.Unopened(); len(closed) > 0 {
		status.State = elbv2api.LoadBalancerStateEnumFailed
		status.Reason = fmt.Sprintf("port %d: %s", closed[0].Addr.Port(), closed[0].Error)
	}
	for _, g := range seen.Groups {
		for _, t := range g.Targets {
			status.Targets[g.ID+"|"+t.Addr.String()] = Observed{
				Health: string(t.Health), Reason: string(t.Reason), Detail: t.Detail, Drained: t.Drained,
				Anomalous: t.Anomalous, Mitigated: t.Mitigated,
			}
		}
	}
	return status
}

// pause is when to look again: soon while targets come or go.
func pause(status LoadBalancerStatus) time.Duration {
	look := steadyLook
	for _, t := range status.Targets {
		switch balancer.Health(t.Health) {
		case balancer.Initial:
			look = min(look, eagerLook)
		case balancer.Draining:
			look = min(look, drainLook)
		}
	}
	return look
}
