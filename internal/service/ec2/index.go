package ec2

import "apex/internal/store"

// An index answers, for one snapshot, what would else be a look through a whole
// table for each resource that is shown. A transaction has none: its state moves.
type index struct {
	used    map[string]int        // interfaces of a subnet
	elastic map[string][]Address  // elastic addresses of an interface
	byACL   map[string][]Subnet   // subnets of a network ACL
	byTable map[string][]Endpoint // gateway endpoints of a route table
}

// gather makes a part of an index when it is first asked for.
func gather[T, V any](v view, part *map[string]V, table *store.Table[T], add func(map[string]V, T)) map[string]V {
	if *part == nil {
		*part = map[string]V{}
		for _, row := range table.Prefix(v.r, v.scope.Prefix()) {
			add(*part, row)
		}
	}
	return *part
}

// indexed returns the index of a snapshot, and a new one in a transaction.
func (v view) indexed() *index {
	if v.index == nil {
		return &index{}
	}
	return v.index
}

// usedIn counts the addresses of a subnet that interfaces have.
func (v view) usedIn(subnetID string) int {
	return gather(v, &v.indexed().used, NetworkInterfaces, func(m map[string]int, i NetworkInterface) {
		m[i.Spec.SubnetID] += 1 + len(i.Spec.Secondary)
	})[subnetID]
}

// elasticOf lists the elastic addresses of an interface.
func (v view) elasticOf(interfaceID string) []Address {
	return gather(v, &v.indexed().elastic, Addresses, func(m map[string][]Address, a Address) {
		m[a.Spec.InterfaceID] = append(m[a.Spec.InterfaceID], a)
	})[interfaceID]
}

// subnetsOf lists the subnets that have a network ACL.
func (v view) subnetsOf(aclID string) []Subnet {
	return gather(v, &v.indexed().byACL, Subnets, func(m map[string][]Subnet, s Subnet) {
		m[s.Spec.ACLID] = append(m[s.Spec.ACLID], s)
	})[aclID]
}
