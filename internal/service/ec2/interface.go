package ec2

import (
	"net/netip"
	"slices"
	"time"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/cidr"
	"apex/internal/store"
)

// An InterfaceSpec is what a service wants of an interface.
type InterfaceSpec struct {
	SubnetID    string
	GroupIDs    []string // empty: the VPC's default group
	Description string
	Requester   string     // the service that asks: "ecs"
	Type        string     // empty: "interface"
	PublicIP    bool       // give it a public address of its own
	PrivateIP   netip.Addr // zero: any free one
	CreatedAt   time.Time
}

// RequestInterface records an interface in a subnet at a free address. Its row's
// Status says when packets can flow.
func RequestInterface(tx *store.Tx, scope arn.Scope, want InterfaceSpec) (NetworkInterface, error) {
	subnet, ok := Subnets.Get(tx, scope.Key(want.SubnetID))
	if !ok {
		return NetworkInterface{}, notFound("InvalidSubnetID.NotFound", "subnet", want.SubnetID)
	}
	groups, err := interfaceGroups(tx, scope, subnet.Spec.VPCID, want.GroupIDs)
	if err != nil {
		return NetworkInterface{}, err
	}
	address, err := privateAddress(tx, scope, subnet, want.PrivateIP)
	if err != nil {
		return NetworkInterface{}, err
	}
	if want.Type == "" {
		want.Type = "interface"
	}
	i := NetworkInterface{Key: scope.Key(awsid.New("eni")), Spec: NetworkInterfaceSpec{
		VPCID: subnet.Spec.VPCID, SubnetID: want.SubnetID, Zone: subnet.Spec.Zone, GroupIDs: groups,
		PrivateIP: address, Description: want.Description, Requester: want.Requester, Type: want.Type,
		SourceDestCheck: want.Type != natInterface, CreatedAt: want.CreatedAt,
	}}
	if want.PublicIP {
		if i.Spec.PublicIP, err = publicAddress(tx); err != nil {
			return NetworkInterface{}, err
		}
	}
	NetworkInterfaces.Put(tx, i)
	return i, nil
}

// ReleaseInterface removes an interface. What is gone is no error.
func ReleaseInterface(tx *store.Tx, scope arn.Scope, id string) {
	for key, a := range Addresses.Prefix(tx, scope.Prefix()) {
		if a.Spec.InterfaceID == id {
			Addresses.Modify(tx, key, func(a *Address) {
				a.Spec.InterfaceID, a.Spec.AssociationID, a.Spec.PrivateIP = "", "", netip.Addr{}
			})
		}
	}
	NetworkInterfaces.Delete(tx, scope.Key(id))
	TagSets.Delete(tx, scope.Key(id))
}

// natInterface is the type of a NAT gateway's interface: packets never pass it,
// since the router hands them to the gateway's proxy.
const natInterface = "nat_gateway"

// interfaceGroups checks the groups of an interface, or finds the default one.
func interfaceGroups(r store.Reader, scope arn.Scope, vpcID string, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return []string{defaultGroup(r, scope, vpcID)}, nil
	}
	for _, id := range ids {
		g, ok := SecurityGroups.Get(r, scope.Key(id))
		if !ok {
			return nil, notFound("InvalidGroup.NotFound", "security group", id)
		}
		if g.Spec.VPCID != vpcID {
			return nil, api.Invalid("InvalidParameterValue", "security group %s and the subnet belong to different networks", id)
		}
	}
	return slices.Clone(ids), nil
}

func defaultGroup(r store.Reader, scope arn.Scope, vpcID string) string {
	for _, g := range SecurityGroups.Prefix(r, scope.Prefix()) {
		if g.Spec.VPCID == vpcID && g.Spec.Name == "default" {
			return g.ID()
		}
	}
	return ""
}

// privateAddress checks the address that is wanted in a subnet, or finds one.
func privateAddress(r store.Reader, scope arn.Scope, subnet Subnet, want netip.Addr) (netip.Addr, error) {
	taken := takenIn(r, scope, subnet.ID())
	if want.IsValid() {
		if !cidr.IsHost(subnet.Spec.CIDR, want) {
			return want, api.Invalid("InvalidParameterValue", "address %s is not within the usable range of subnet %s", want, subnet.Spec.CIDR)
		}
		if taken[want] {
			return want, api.Invalid("InvalidIPAddress.InUse", "address %s is in use", want)
		}
		return want, nil
	}
	return privateAddressBut(subnet, taken)
}

// privateAddressBut finds a free address in a subnet.
func privateAddressBut(subnet Subnet, taken map[netip.Addr]bool) (netip.Addr, error) {
	address, ok := cidr.Free(subnet.Spec.CIDR, func(a netip.Addr) bool { return taken[a] })
	if !ok {
		return address, api.Invalid("InsufficientFreeAddressesInSubnet", "subnet %s has no free address", subnet.ID())
	}
	return address, nil
}

func takenIn(r store.Reader, scope arn.Scope, subnetID string) map[netip.Addr]bool {
	taken := map[netip.Addr]bool{}
	for _, i := range NetworkInterfaces.Prefix(r, scope.Prefix()) {
		if i.Spec.SubnetID == subnetID {
			taken[i.Spec.PrivateIP] = true
			for _, a := range i.Spec.Secondary {
				taken[a] = true
			}
		}
	}
	return taken
}

// publicPool is where public addresses come from. The block is reserved for
// benchmarks of networks, so that none of them is anybody's: on this machine a
// public address is a name for an attachment to the internet.
var publicPool = netip.MustParsePrefix("198.18.0.0/15")

// publicAddress finds a public address that no account has.
func publicAddress(r store.Reader) (netip.Addr, error) {
	taken := map[netip.Addr]bool{}
	for _, a := range Addresses.All(r) {
		taken[a.Spec.PublicIP] = true
	}
	for _, i := range NetworkInterfaces.All(r) {
		taken[i.Spec.PublicIP] = true
	}
	address, ok := cidr.Free(publicPool, func(a netip.Addr) bool { return taken[a] })
	if !ok {
		return address, api.Invalid("AddressLimitExceeded", "all public addresses are in use")
	}
	return address, nil
}
