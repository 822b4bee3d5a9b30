package ec2

import (
	"reflect"
	"slices"

	"apex/internal/arn"
	"apex/internal/dataplane/dns"
	"apex/internal/store"
)

// Zones holds the hosted zones that a region's networks see, by scope and id.
var Zones = store.NewTable("ec2.zones", func(z *Zone) string { return z.Key })

// A Zone is a domain that the resolvers of some VPCs answer for.
type Zone struct {
	Key  string
	Spec ZoneSpec
}

// ZoneSpec says what is answered, and to whom.
type ZoneSpec struct {
	VPCs   []string // their ids; nil means every VPC of the scope
	Domain dns.Domain
}

// PutZone has the resolvers of a scope's VPCs answer for a domain.
func PutZone(tx *store.Tx, scope arn.Scope, id string, spec ZoneSpec) {
	key := scope.Key(id)
	if have, ok := Zones.Get(tx, key); ok && reflect.DeepEqual(have.Spec, spec) {
		return
	}
	Zones.Put(tx, Zone{Key: key, Spec: spec})
}

// DeleteZone ends that. What is gone is no error.
func DeleteZone(tx *store.Tx, scope arn.Scope, id string) { Zones.Delete(tx, scope.Key(id)) }

// domains are those that a VPC's resolver answers for.
func (v view) domains(vpcID string) []dns.Domain {
	var found []dns.Domain
	for _, z := range Zones.Prefix(v.r, v.scope.Prefix()) {
		if z.Spec.VPCs == nil || slices.Contains(z.Spec.VPCs, vpcID) {
			found = append(found, z.Spec.Domain)
		}
	}
	return found
}
