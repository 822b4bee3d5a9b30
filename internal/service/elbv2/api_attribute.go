package elbv2

import (
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/store"
)

// withAttributes applies a list of settings, each a key and a value.
func withAttributes(known []attribute, set map[string]string, pairs [][2]*string) (map[string]string, error) {
	for _, p := range pairs {
		var err *api.Error
		if set, err = withAttribute(known, set, api.Val(p[0]), api.Val(p[1])); err != nil {
			return nil, err
		}
	}
	return set, nil
}

func balancerAttributes(set map[string]string) (out []elbv2api.LoadBalancerAttribute) {
	for _, a := range loadBalancerAttributes {
		out = append(out, elbv2api.LoadBalancerAttribute{Key: api.Ptr(a.key), Value: api.Ptr(valueOf(loadBalancerAttributes, set, a.key))})
	}
	for _, a := range balancerExtensions {
		if v, ok := set[a.key]; ok {
			out = append(out, elbv2api.LoadBalancerAttribute{Key: api.Ptr(a.key), Value: api.Ptr(v)})
		}
	}
	return out
}

func (s *Service) describeLoadBalancerAttributes(_ context.Context, call *api.Call, in *elbv2api.DescribeLoadBalancerAttributesInput) (*elbv2api.DescribeLoadBalancerAttributesOutput, error) {
	b, ok := LoadBalancers.Get(s.env.Store.Snapshot(), keyOf(api.Val(in.LoadBalancerArn)))
	if !ok {
		return nil, balancerNotFound(api.Val(in.LoadBalancerArn))
	}
	return &elbv2api.DescribeLoadBalancerAttributesOutput{Attributes: balancerAttributes(b.Spec.Attributes)}, nil
}

func (s *Service) modifyLoadBalancerAttributes(ctx context.Context, call *api.Call, in *elbv2api.ModifyLoadBalancerAttributesInput) (*elbv2api.ModifyLoadBalancerAttributesOutput, error) {
	key := keyOf(api.Val(in.LoadBalancerArn))
	var pairs [][2]*string
	for _, a := range in.Attributes {
		pairs = append(pairs, [2]*string{a.Key, a.Value})
	}
	var set map[string]string
	err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		b, ok := LoadBalancers.Get(tx, key)
		if !ok {
			return balancerNotFound(api.Val(in.LoadBalancerArn))
		}
		if set, err = withAttributes(slices.Concat(loadBalancerAttributes, balancerExtensions), b.Spec.Attributes, pairs); err != nil {
			return err
		}
		if err := checkLogs(tx, scopeOf(call), set); err != nil {
			return err
		}
		LoadBalancers.Modify(tx, key, func(b *LoadBalancer) { b.Spec.Attributes = set })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &elbv2api.ModifyLoadBalancerAttributesOutput{Attributes: balancerAttributes(set)}, nil
}

func groupAttributes(set map[string]string) (out []elbv2api.TargetGroupAttribute) {
	for _, a := range targetGroupAttributes {
		out = append(out, elbv2api.TargetGroupAttribute{Key: api.Ptr(a.key), Value: api.Ptr(valueOf(targetGroupAttributes, set, a.key))})
	}
	return out
}

func (s *Service) describeTargetGroupAttributes(_ context.Context, call *api.Call, in *elbv2api.DescribeTargetGroupAttributesInput) (*elbv2api.DescribeTargetGroupAttributesOutput, error) {
	g, ok := TargetGroups.Get(s.env.Store.Snapshot(), keyOf(api.Val(in.TargetGroupArn)))
	if !ok {
		return nil, groupNotFound(api.Val(in.TargetGroupArn))
	}
	return &elbv2api.DescribeTargetGroupAttributesOutput{Attributes: groupAttributes(g.Spec.Attributes)}, nil
}

func (s *Service) modifyTargetGroupAttributes(ctx context.Context, call *api.Call, in *elbv2api.ModifyTargetGroupAttributesInput) (*elbv2api.ModifyTargetGroupAttributesOutput, error) {
	key := keyOf(api.Val(in.TargetGroupArn))
	var pairs [][2]*string
	for _, a := range in.Attributes {
		pairs = append(pairs, [2]*string{a.Key, a.Value})
	}
	var set map[string]string
	err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		g, ok := TargetGroups.Get(tx, key)
		if !ok {
			return groupNotFound(api.Val(in.TargetGroupArn))
		}
		if set, err = withAttributes(targetGroupAttributes, g.Spec.Attributes, pairs); err != nil {
			return err
		}
		if err := checkGroupAttributes(set); err != nil {
			return err
		}
		TargetGroups.Modify(tx, key, func(g *TargetGroup) { g.Spec.Attributes = set })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &elbv2api.ModifyTargetGroupAttributesOutput{Attributes: groupAttributes(set)}, nil
}

func attributesOfListener(set map[string]string) (out []elbv2api.ListenerAttribute) {
	for _, a := range listenerAttributes {
		out = append(out, elbv2api.ListenerAttribute{Key: api.Ptr(a.key), Value: api.Ptr(valueOf(listenerAttributes, set, a.key))})
	}
	return out
}

func (s *Service) describeListenerAttributes(_ context.Context, call *api.Call, in *elbv2api.DescribeListenerAttributesInput) (*elbv2api.DescribeListenerAttributesOutput, error) {
	l, ok := Listeners.Get(s.env.Store.Snapshot(), keyOf(api.Val(in.ListenerArn)))
	if !ok {
		return nil, listenerNotFound(api.Val(in.ListenerArn))
	}
	return &elbv2api.DescribeListenerAttributesOutput{Attributes: attributesOfListener(l.Spec.Attributes)}, nil
}

func (s *Service) modifyListenerAttributes(ctx context.Context, call *api.Call, in *elbv2api.ModifyListenerAttributesInput) (*elbv2api.ModifyListenerAttributesOutput, error) {
	key := keyOf(api.Val(in.ListenerArn))
	var pairs [][2]*string
	for _, a := range in.Attributes {
		pairs = append(pairs, [2]*string{a.Key, a.Value})
	}
	var set map[string]string
	err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		l, ok := Listeners.Get(tx, key)
		if !ok {
			return listenerNotFound(api.Val(in.ListenerArn))
		}
		if set, err = withAttributes(listenerAttributes, l.Spec.Attributes, pairs); err != nil {
			return err
		}
		Listeners.Modify(tx, key, func(l *Listener) { l.Spec.Attributes = set })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &elbv2api.ModifyListenerAttributesOutput{Attributes: attributesOfListener(set)}, nil
}
