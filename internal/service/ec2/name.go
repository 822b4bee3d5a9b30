package ec2

import (
	"net/netip"
	"slices"
	"strings"

	"apex/internal/arn"
	"apex/internal/store"
)

// PutName gives a private name inside a VPC its addresses.
func PutName(tx *store.Tx, scope arn.Scope, vpcID, name string, addrs []netip.Addr) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	key := scope.Key(vpcID + "/" + name)
	if have, ok := Names.Get(tx, key); ok && slices.Equal(have.Spec.Addresses, addrs) {
		return
	}
	Names.Put(tx, Name{Key: key, Spec: NameSpec{VPCID: vpcID, Name: name, Addresses: slices.Clone(addrs)}})
}

// DeleteName takes a private name away. What is gone is no error.
func DeleteName(tx *store.Tx, scope arn.Scope, vpcID, name string) {
	Names.Delete(tx, scope.Key(vpcID+"/"+strings.ToLower(strings.TrimSuffix(name, "."))))
}
