package ecs

import (
	"apex/internal/api"
	"apex/internal/api/ecsapi"
)

// nextProvider is the capacity provider of one more task, or "" if there is no
// strategy: the one with a base gets that many tasks first, and then each has as
// many as its weight says. Counts are the tasks that each has.
func nextProvider(strategy []ecsapi.CapacityProviderStrategyItem, counts map[string]int) string {
	var next string
	var lowest float64
	for _, item := range strategy {
		name, weight := api.Val(item.CapacityProvider), float64(api.Val(item.Weight))
		beyond := counts[name] - int(api.Val(item.Base))
		if beyond < 0 {
			return name
		}
		if weight == 0 {
			continue
		}
		if load := float64(beyond+1) / weight; next == "" || load < lowest {
			next, lowest = name, load
		}
	}
	return next
}

// checkWeights holds a strategy to what AWS takes.
func checkWeights(strategy []ecsapi.CapacityProviderStrategyItem) error {
	based, weighted := 0, len(strategy) < 2
	for _, item := range strategy {
		if w := api.Val(item.Weight); w < 0 || w > 1000 {
			return invalid("The weight of a capacity provider must be from 0 to 1000, not %d.", w)
		}
		if b := api.Val(item.Base); b < 0 || b > 100_000 {
			return invalid("The base of a capacity provider must be from 0 to 100000, not %d.", b)
		}
		if api.Val(item.Base) > 0 {
			based++
		}
		weighted = weighted || api.Val(item.Weight) > 0
	}
	if based > 1 {
		return invalid("Only one capacity provider in a strategy can have a base.")
	}
	if !weighted {
		return invalid("At least one capacity provider in the strategy must have a weight greater than 0.")
	}
	return nil
}

// providerCounts counts the tasks of a revision that have not ended nor been told
// to, by capacity provider.
func providerCounts(tasks []Task, revision string) map[string]int {
	counts := map[string]int{}
	for _, t := range tasks {
		if t.Spec.Deployment == revision && desiredStatus(t) == ecsapi.DesiredStatusRunning {
			counts[t.Spec.Provider]++
		}
	}
	return counts
}
