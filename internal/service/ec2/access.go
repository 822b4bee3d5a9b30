package ec2

import (
	"strings"

	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

// Find returns what deciding on access must know of a resource: its tags, and the
// VPC that it is in.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	_, id, _ := strings.Cut(name.Resource, "/")
	key := name.Scope().Key(id)
	tags, ok := TagSets.Get(r, key)
	found := service.Resource{Tags: tags.Tags}
	if vpc := networkOf(r, key); vpc != "" {
		found.Keys, ok = map[string][]string{"ec2:vpc": {name.Scope().ARN("ec2", "vpc/"+vpc)}}, true
	}
	return found, ok
}

// networkOf returns the VPC that a resource is in, or nothing.
func networkOf(r store.Reader, key string) string {
	if s, ok := Subnets.Get(r, key); ok {
		return s.Spec.VPCID
	}
	if g, ok := SecurityGroups.Get(r, key); ok {
		return g.Spec.VPCID
	}
	if t, ok := RouteTables.Get(r, key); ok {
		return t.Spec.VPCID
	}
	if i, ok := NetworkInterfaces.Get(r, key); ok {
		return i.Spec.VPCID
	}
	a, _ := NetworkACLs.Get(r, key)
	return a.Spec.VPCID
}
