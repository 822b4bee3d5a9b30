package ecs

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
)

func strategyOf(base, fargate, spot int64) []ecsapi.CapacityProviderStrategyItem {
	return []ecsapi.CapacityProviderStrategyItem{
		{CapacityProvider: api.Ptr(providerFargate), Base: &base, Weight: &fargate},
		{CapacityProvider: api.Ptr(providerSpot), Weight: &spot},
	}
}

func TestProvidersKeepBaseAndWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, fargate := rapid.Int64Range(0, 5).Draw(t, "base"), rapid.Int64Range(0, 9).Draw(t, "weight")
		spot := rapid.Int64Range(1, 9).Draw(t, "spot weight")
		n := rapid.IntRange(0, 60).Draw(t, "tasks")
		counts := map[string]int{}
		for range n {
			counts[nextProvider(strategyOf(base, fargate, spot), counts)]++
		}
		if counts[providerFargate] < min(int(base), n) {
			t.Fatalf("%d tasks: %v, base %d", n, counts, base)
		}
		beyond := float64(max(n-int(base), 0))
		if want := beyond * float64(spot) / float64(fargate+spot); math.Abs(float64(counts[providerSpot])-want) > 1 {
			t.Fatalf("%d tasks, base %d, weights %d to %d: %v, want %.1f on Spot", n, base, fargate, spot, counts, want)
		}
	})
}

func TestNextProvider(t *testing.T) {
	for name, tt := range map[string]struct {
		strategy []ecsapi.CapacityProviderStrategyItem
		counts   map[string]int
		want     string
	}{
		"none":                   {nil, nil, ""},
		"one of weight 0":        {strategyOf(0, 0, 0)[:1], nil, ""},
		"base first":             {strategyOf(2, 0, 1), map[string]int{providerFargate: 1, providerSpot: 7}, providerFargate},
		"then by weight":         {strategyOf(2, 0, 1), map[string]int{providerFargate: 2}, providerSpot},
		"the lighter loaded":     {strategyOf(0, 1, 3), map[string]int{providerFargate: 1, providerSpot: 2}, providerSpot},
		"until it has its share": {strategyOf(0, 1, 3), map[string]int{providerFargate: 0, providerSpot: 3}, providerFargate},
	} {
		t.Run(name, func(t *testing.T) {
			if got := nextProvider(tt.strategy, tt.counts); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestStrategyErrors(t *testing.T) {
	for name, strategy := range map[string][]ecsapi.CapacityProviderStrategyItem{
		"no weight":  strategyOf(0, 0, 0),
		"too heavy":  strategyOf(0, 1001, 0),
		"base below": strategyOf(-1, 1, 1),
		"two bases": {
			{CapacityProvider: api.Ptr(providerFargate), Base: api.Ptr[int64](1), Weight: api.Ptr[int64](1)},
			{CapacityProvider: api.Ptr(providerSpot), Base: api.Ptr[int64](1)},
		},
	} {
		if err := checkStrategy(strategy, providers); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
