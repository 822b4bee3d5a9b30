package elbv2

import (
	"context"
	"strconv"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
)

// limits are the quotas that hold here, by AWS's names for them.
var limits = []struct {
	name string
	max  int
}{
	{"application-load-balancers", maxBalancers},
	{"condition-values-per-alb-rule", maxValues},
	{"condition-wildcards-per-alb-rule", maxWildcards},
	{"listeners-per-application-load-balancer", maxListeners},
	{"rules-per-application-load-balancer", maxRules},
	{"target-groups", maxGroups},
	{"target-groups-per-action-on-application-load-balancer", maxGroupsPerAction},
	{"target-groups-per-application-load-balancer", maxGroupsPerBalancer},
	{"targets-per-application-load-balancer", maxTargets},
	{"targets-per-target-group", maxTargets},
}

func (s *Service) describeAccountLimits(_ context.Context, call *api.Call, in *elbv2api.DescribeAccountLimitsInput) (*elbv2api.DescribeAccountLimitsOutput, error) {
	var all []elbv2api.Limit
	for _, l := range limits {
		all = append(all, elbv2api.Limit{Name: api.Ptr(l.name), Max: api.Ptr(strconv.Itoa(l.max))})
	}
	part, next, err := page(all, func(l *elbv2api.Limit) string { return *l.Name }, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	return &elbv2api.DescribeAccountLimitsOutput{Limits: part, NextMarker: next}, nil
}
