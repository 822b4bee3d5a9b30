package ecs

import (
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
)

// The capacity providers of every cluster. A Spot task runs here as any other
// until somebody interrupts it: see spotReason.
const (
	providerFargate = "FARGATE"
	providerSpot    = "FARGATE_SPOT"
)

var providers = []string{providerFargate, providerSpot}

// setProviders checks and sets a cluster's providers and default strategy.
func setProviders(spec *ClusterSpec, names []string, strategy []ecsapi.CapacityProviderStrategyItem) error {
	for _, name := range names {
		if !slices.Contains(providers, name) {
			return invalid("The specified capacity provider %s was not found.", name)
		}
	}
	if err := checkStrategy(strategy, names); err != nil {
		return err
	}
	spec.Providers, spec.DefaultStrategy = names, withWeights(strategy)
	return nil
}

// checkStrategy checks that a strategy uses the cluster's providers only.
func checkStrategy(strategy []ecsapi.CapacityProviderStrategyItem, of []string) error {
	for _, item := range strategy {
		if name := api.Val(item.CapacityProvider); !slices.Contains(of, name) {
			return invalid("The specified capacity provider '%s' is not associated with the cluster.", name)
		}
	}
	return checkWeights(strategy)
}

// withWeights fills in what AWS gives back for what was left out.
func withWeights(strategy []ecsapi.CapacityProviderStrategyItem) []ecsapi.CapacityProviderStrategyItem {
	var out []ecsapi.CapacityProviderStrategyItem
	for _, item := range strategy {
		item.Weight, item.Base = api.Ptr(api.Val(item.Weight)), api.Ptr(api.Val(item.Base))
		out = append(out, item)
	}
	return out
}

func (s *Service) describeCapacityProviders(_ context.Context, call *api.Call, in *ecsapi.DescribeCapacityProvidersRequest) (*ecsapi.DescribeCapacityProvidersResponse, error) {
	out := &ecsapi.DescribeCapacityProvidersResponse{CapacityProviders: []ecsapi.CapacityProvider{}, Failures: []ecsapi.Failure{}}
	names := in.CapacityProviders
	if len(names) == 0 {
		names = providers
	}
	scope := scopeOf(call)
	for _, ref := range names {
		name, ok := refer(scope, "capacity-provider", ref)
		if !ok || !slices.Contains(providers, name) {
			out.Failures = append(out.Failures, missing(ref))
			continue
		}
		out.CapacityProviders = append(out.CapacityProviders, ecsapi.CapacityProvider{
			CapacityProviderArn: api.Ptr(scope.ARN("ecs", "capacity-provider/"+name)), Name: &name,
			Status: api.Ptr(ecsapi.CapacityProviderStatusActive), Tags: []ecsapi.Tag{},
		})
	}
	return out, nil
}
