package elbv2

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/store"
)

const (
	maxListeners  = 50
	firstHostPort = 8081 // of listeners that are not the first on their port
)

func (s *Service) createListener(ctx context.Context, call *api.Call, in *elbv2api.CreateListenerInput) (*elbv2api.CreateListenerOutput, error) {
	balancer := keyOf(api.Val(in.LoadBalancerArn))
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if in.Port == nil || in.Protocol == nil {
		return nil, invalid("A listener protocol and a port must be specified")
	}
	asked := listenerAsked{in.Protocol, in.Port, in.Certificates, in.SslPolicy, in.AlpnPolicy, in.MutualAuthentication}
	if err := asked.check(*in.Protocol); err != nil {
		return nil, err
	}
	var made Listener
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := LoadBalancers.Get(tx, balancer); !ok {
			return balancerNotFound(api.Val(in.LoadBalancerArn))
		}
		others := listenersOf(tx, balancer)
		if len(others) >= maxListeners {
			return elbv2api.NewTooManyListenersException("%d listeners are the most of a load balancer", maxListeners)
		}
		actions, err := actionCheck{
			r: tx, balancer: balancer, secure: *in.Protocol == elbv2api.ProtocolEnumHttps, sealer: s.env.Sealer,
		}.normal(in.DefaultActions)
		if err != nil {
			return err
		}
		for _, l := range others {
			if l.Spec.Port == int(*in.Port) {
				return elbv2api.NewDuplicateListenerException("A listener already exists on port %d for this load balancer", *in.Port)
			}
		}
		made = newListener(balancer, int(*in.Port), *in.Protocol)
		if made.Spec.TLS, err = asked.tls(tx, *in.Protocol, nil, call.Now); err != nil {
			return err
		}
		made.Spec.Actions, made.Spec.Tags, made.Spec.CreatedAt = actions, tags, call.Now
		made.Spec.Front, made.Spec.HostPort = s.hostPort(tx, made.Spec.Port)
		Listeners.Put(tx, made)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &elbv2api.CreateListenerOutput{Listeners: []elbv2api.Listener{describeListener(&made)}}, nil
}

func newListener(balancer string, port int, protocol string) Listener {
	scope, resource := arn.SplitKey(balancer)
	path := strings.TrimPrefix(resource, "loadbalancer/") + "/" + awsid.Hex(16)
	return Listener{Key: scope.Key("listener/" + path), Spec: ListenerSpec{
		LoadBalancer: balancer, Port: port, Protocol: protocol,
		DefaultRule: scope.Key("listener-rule/" + path + "/" + awsid.Hex(16)),
	}}
}

// hostPort chooses where a listener is open on the host: at the port that the
// environment sets, if no other listener of the home is, else at the first that
// none has.
func (s *Service) hostPort(r store.Reader, port int) (front bool, number int) {
	taken := map[int]bool{s.env.HTTPPort: true, s.env.HTTPSPort: true}
	front = port == 80 || port == 443
	for _, l := range Listeners.All(r) {
		taken[l.Spec.HostPort] = true
		if l.Spec.Front && l.Spec.Port == port {
			front = false
		}
	}
	if front {
		return true, 0
	}
	number = firstHostPort
	for taken[number] {
		number++
	}
	return false, number
}

func (s *Service) modifyListener(ctx context.Context, call *api.Call, in *elbv2api.ModifyListenerInput) (*elbv2api.ModifyListenerOutput, error) {
	key := keyOf(api.Val(in.ListenerArn))
	asked := listenerAsked{in.Protocol, in.Port, in.Certificates, in.SslPolicy, in.AlpnPolicy, in.MutualAuthentication}
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		l, ok := Listeners.Get(tx, key)
		if !ok {
			return listenerNotFound(api.Val(in.ListenerArn))
		}
		protocol := api.Or(in.Protocol, l.Spec.Protocol)
		if err := asked.check(protocol); err != nil {
			return err
		}
		setup, err := asked.tls(tx, protocol, l.Spec.TLS, call.Now)
		if err != nil {
			return err
		}
		actions, port := l.Spec.Actions, int(api.Or(in.Port, int64(l.Spec.Port)))
		if len(in.DefaultActions) > 0 {
			check := actionCheck{
				r: tx, balancer: l.Spec.LoadBalancer, secure: protocol == elbv2api.ProtocolEnumHttps,
				sealer: s.env.Sealer, old: l.Spec.Actions,
			}
			if actions, err = check.normal(in.DefaultActions); err != nil {
				return err
			}
		}
		moved := port != l.Spec.Port
		for _, other := range listenersOf(tx, l.Spec.LoadBalancer) {
			if moved && other.Spec.Port == port {
				return elbv2api.NewDuplicateListenerException("A listener already exists on port %d for this load balancer", port)
			}
		}
		front, hostPort := l.Spec.Front, l.Spec.HostPort
		if moved {
			front, hostPort = s.hostPort(tx, port)
		}
		Listeners.Modify(tx, key, func(l *Listener) {
			l.Spec.Actions, l.Spec.Port, l.Spec.Front, l.Spec.HostPort = actions, port, front, hostPort
			l.Spec.Protocol, l.Spec.TLS = protocol, setup
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	l, _ := Listeners.Get(s.env.Store.Snapshot(), key)
	return &elbv2api.ModifyListenerOutput{Listeners: []elbv2api.Listener{describeListener(&l)}}, nil
}

func (s *Service) deleteListener(ctx context.Context, call *api.Call, in *elbv2api.DeleteListenerInput) (*elbv2api.DeleteListenerOutput, error) {
	return nil, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		l, ok := Listeners.Get(tx, keyOf(api.Val(in.ListenerArn)))
		if !ok {
			return listenerNotFound(api.Val(in.ListenerArn))
		}
		removeListener(tx, l)
		return nil
	})
}

// removeListener deletes a listener with its rules.
func removeListener(tx *store.Tx, l Listener) {
	for _, rule := range rulesOf(tx, l.Key) {
		Rules.Delete(tx, rule.Key)
	}
	Listeners.Delete(tx, l.Key)
}

func describeListener(l *Listener) elbv2api.Listener {
	out := elbv2api.Listener{
		ListenerArn: api.Ptr(l.ARN()), LoadBalancerArn: api.Ptr(arnOf(l.Spec.LoadBalancer)),
		Port: api.Ptr(int64(l.Spec.Port)), Protocol: api.Ptr(l.Spec.Protocol), DefaultActions: shownActions(l.Spec.Actions),
	}
	if t := l.Spec.TLS; t != nil {
		out.SslPolicy, out.Certificates = &t.Policy, []elbv2api.Certificate{{CertificateArn: &t.Certificate}}
		out.MutualAuthentication = t.Mutual.describe()
	}
	return out
}

func (s *Service) describeListeners(_ context.Context, call *api.Call, in *elbv2api.DescribeListenersInput) (*elbv2api.DescribeListenersOutput, error) {
	snap := s.env.Store.Snapshot()
	var found []Listener
	switch {
	case in.LoadBalancerArn != nil && len(in.ListenerArns) > 0:
		return nil, invalid("A load balancer ARN and listener ARNs cannot be specified at the same time")
	case in.LoadBalancerArn != nil:
		key := keyOf(*in.LoadBalancerArn)
		if _, ok := LoadBalancers.Get(snap, key); !ok {
			return nil, balancerNotFound(*in.LoadBalancerArn)
		}
		found = listenersOf(snap, key)
	case len(in.ListenerArns) == 0:
		return nil, invalid("Either a load balancer ARN or listener ARNs must be specified")
	}
	for _, name := range slices.Sorted(slices.Values(in.ListenerArns)) {
		l, ok := Listeners.Get(snap, keyOf(name))
		if !ok {
			return nil, listenerNotFound(name)
		}
		found = append(found, l)
	}
	part, next, err := page(found, func(l *Listener) string { return l.Key }, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	out := &elbv2api.DescribeListenersOutput{Listeners: []elbv2api.Listener{}, NextMarker: next}
	for i := range part {
		out.Listeners = append(out.Listeners, describeListener(&part[i]))
	}
	return out, nil
}
