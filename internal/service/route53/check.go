package route53

import (
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/route53api"
)

// check looks at one record set by itself. Faults of the batch are collected; an
// error is of the call.
func (b *batch) check(r *route53api.ResourceRecordSet) error {
	if err := checkLayout(r); err != nil {
		return err
	}
	if id := r.HealthCheckId; id != nil {
		if _, ok := HealthChecks.Get(b.tx, b.scopeKey(*id)); !ok {
			return route53api.NewNoSuchHealthCheck("No health check found with ID %s", *id)
		}
	}
	apex := *r.Name == b.zone.Spec.Name
	switch {
	case apex && *r.Type == route53api.RRTypeCname:
		b.fault("RRSet of type CNAME with DNS name %s is not permitted at apex in zone %s", *r.Name, b.zone.Spec.Name)
	case !apex && *r.Type == route53api.RRTypeSoa:
		b.fault("RRSet of type SOA with DNS name %s is only permitted at the apex of zone %s", *r.Name, b.zone.Spec.Name)
	}
	if r.AliasTarget != nil {
		b.checkAlias(r)
		return nil
	}
	b.checkValues(r)
	return nil
}

func (b *batch) scopeKey(id string) string {
	return strings.TrimSuffix(b.zone.Key, b.zone.ID()) + id
}

// checkLayout wants a record set to be of one kind, and to have one policy.
func checkLayout(r *route53api.ResourceRecordSet) error {
	plain := r.TTL != nil || len(r.ResourceRecords) > 0
	switch {
	case r.TrafficPolicyInstanceId != nil:
		return route53api.NewInvalidInput("TrafficPolicyInstanceId: traffic policies are not built")
	case r.CidrRoutingConfig != nil:
		return route53api.NewInvalidInput("CidrRoutingConfig: CIDR collections are not built")
	case r.AliasTarget != nil && plain:
		return route53api.NewInvalidInput("Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found more than one in Change with [Name=%s, Type=%s]", *r.Name, *r.Type)
	case r.AliasTarget == nil && (r.TTL == nil || len(r.ResourceRecords) == 0):
		return route53api.NewInvalidInput("Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Name=%s, Type=%s]", *r.Name, *r.Type)
	}
	policies := policiesOf(r)
	switch {
	case len(policies) > 1:
		return route53api.NewInvalidInput("Invalid request: Expected at most one of [Weight, Region, Failover, GeoLocation, GeoProximityLocation, MultiValueAnswer], but found %s in Change with [Name=%s, Type=%s]", strings.Join(policies, ", "), *r.Name, *r.Type)
	case len(policies) == 1 && r.SetIdentifier == nil:
		return route53api.NewInvalidInput("Invalid request: Missing field 'SetIdentifier' in Change with [Name=%s, Type=%s]", *r.Name, *r.Type)
	case len(policies) == 0 && r.SetIdentifier != nil:
		return route53api.NewInvalidInput("Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, GeoProximityLocation, MultiValueAnswer], but found none in Change with [Name=%s, Type=%s, SetIdentifier=%s]", *r.Name, *r.Type, *r.SetIdentifier)
	case r.AliasTarget != nil && r.MultiValueAnswer != nil:
		return route53api.NewInvalidInput("Invalid request: a multivalue answer cannot be an alias in Change with [Name=%s, Type=%s]", *r.Name, *r.Type)
	}
	return nil
}

// policiesOf names the routing policies that a record set has.
func policiesOf(r *route53api.ResourceRecordSet) (names []string) {
	for _, p := range []struct {
		name string
		has  bool
	}{
		{"Weight", r.Weight != nil},
		{"Region", r.Region != nil},
		{"Failover", r.Failover != nil},
		{"GeoLocation", r.GeoLocation != nil},
		{"GeoProximityLocation", r.GeoProximityLocation != nil},
		{"MultiValueAnswer", r.MultiValueAnswer != nil},
	} {
		if p.has {
			names = append(names, p.name)
		}
	}
	return names
}

func (b *batch) checkValues(r *route53api.ResourceRecordSet) {
	single := []string{route53api.RRTypeCname, route53api.RRTypeSoa}
	if len(r.ResourceRecords) > 1 && slices.Contains(single, *r.Type) {
		b.fault("Invalid Resource Record: 'FATAL problem: %sRecordCannotHaveMultipleValues (%d values) encountered with '%s''", *r.Type, len(r.ResourceRecords), *r.Name)
	}
	seen := map[string]bool{}
	for _, rr := range r.ResourceRecords {
		value := *rr.Value
		if err := checkValue(*r.Type, value); err != nil {
			b.fault("Invalid Resource Record: 'FATAL problem: InvalidRecordData (%v) encountered with '%s''", err, value)
		}
		if seen[value] {
			b.fault("Duplicate Resource Record: '%s'", value)
		}
		seen[value] = true
	}
}

// checkAlias wants an alias inside the zone to lead to a record of its type.
// Whether an alias to another service's resource leads anywhere is not checked,
// as AWS does not.
func (b *batch) checkAlias(r *route53api.ResourceRecordSet) {
	target, err := canonical(*r.AliasTarget.DNSName)
	if err != nil {
		b.fault("Tried to create an alias that targets %s, type %s, but that is no domain name", *r.AliasTarget.DNSName, *r.Type)
		return
	}
	r.AliasTarget.DNSName = &target
	if bareID(*r.AliasTarget.HostedZoneId) != b.zone.ID() {
		return
	}
	what := "Tried to create an alias that targets " + target + ", type " + *r.Type + " in zone " + b.zone.ID()
	switch {
	case !within(target, b.zone.Spec.Name):
		b.fault("%s, but the alias target name does not lie within the target zone", what)
	case target == *r.Name:
		b.fault("%s, but it targets itself", what)
	}
}

// checkTarget wants what an alias inside the zone leads to, which the same batch
// may make.
func (b *batch) checkTarget(r *route53api.ResourceRecordSet) {
	if a := r.AliasTarget; a != nil && bareID(*a.HostedZoneId) == b.zone.ID() && !b.has(*a.DNSName, *r.Type) {
		b.fault("Tried to create an alias that targets %s, type %s in zone %s, but that target was not found", *a.DNSName, *r.Type, b.zone.ID())
	}
}

// has reports whether the zone has a record of the name and type.
func (b *batch) has(name, kind string) bool {
	for range Records.Prefix(b.tx, recordPrefix(b.zone)+reversed(name)+" "+kind+" ") {
		return true
	}
	return false
}

// checkTogether looks at the record sets of each touched name.
func (b *batch) checkTogether() {
	for name := range b.touched {
		byType := map[string][]route53api.ResourceRecordSet{}
		for _, r := range Records.Prefix(b.tx, recordPrefix(b.zone)+reversed(name)+" ") {
			byType[*r.Spec.Type] = append(byType[*r.Spec.Type], r.Spec)
			b.checkTarget(&r.Spec)
		}
		if len(byType[route53api.RRTypeCname]) > 0 && len(byType) > 1 {
			b.fault("RRSet of type CNAME with DNS name %s is not permitted as it conflicts with other records with the same DNS name in zone %s", name, b.zone.Spec.Name)
		}
		for kind, sets := range byType {
			b.checkPolicies(name, kind, sets)
		}
	}
}

// checkPolicies wants the record sets of one name and type to have one policy.
func (b *batch) checkPolicies(name, kind string, sets []route53api.ResourceRecordSet) {
	first := policiesOf(&sets[0])
	places := map[string]bool{}
	for i := range sets {
		if !slices.Equal(policiesOf(&sets[i]), first) || len(first) == 0 && len(sets) > 1 {
			b.fault("RRSet with DNS name %s, type %s, SetIdentifier %s cannot be created as a record set of another routing policy exists with the same name and type", name, kind, api.Val(sets[i].SetIdentifier))
			return
		}
		if place := placeOf(&sets[i]); place != "" {
			if places[place] {
				b.fault("RRSet with DNS name %s, type %s, SetIdentifier %s cannot be created as another one exists for %s", name, kind, api.Val(sets[i].SetIdentifier), place)
			}
			places[place] = true
		}
	}
}

// placeOf is what at most one record set of a name and type may stand for.
func placeOf(r *route53api.ResourceRecordSet) string {
	switch {
	case r.Failover != nil:
		return "failover " + *r.Failover
	case r.Region != nil:
		return "region " + *r.Region
	case r.GeoLocation != nil:
		g := r.GeoLocation
		return "location " + strings.Join([]string{api.Val(g.ContinentCode), api.Val(g.CountryCode), api.Val(g.SubdivisionCode)}, "/")
	}
	return ""
}
