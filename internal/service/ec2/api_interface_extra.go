package ec2

import (
	"net/netip"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/cidr"
)

// assign gives an interface more addresses: those that are named, and as many
// free ones as are asked for.
func (c change) assign(i NetworkInterface, named []netip.Addr, count int, reassign bool) ([]netip.Addr, error) {
	subnet, err := c.getSubnet(&i.Spec.SubnetID)
	if err != nil {
		return nil, err
	}
	taken := takenIn(c.r, c.scope, subnet.ID())
	added := slices.Clone(named)
	for _, a := range named {
		switch {
		case !cidr.IsHost(subnet.Spec.CIDR, a):
			return nil, invalidValue("address %s is not within the usable range of subnet %s", a, subnet.Spec.CIDR)
		case taken[a] && !reassign:
			return nil, api.Invalid("InvalidIPAddress.InUse", "address %s is in use", a)
		case taken[a]:
			if err := c.takeAway(subnet.ID(), a); err != nil {
				return nil, err
			}
		}
		taken[a] = true
	}
	for range count {
		a, err := privateAddressBut(subnet, taken)
		if err != nil {
			return nil, err
		}
		taken[a] = true
		added = append(added, a)
	}
	all := slices.Concat(i.Spec.Secondary, added)
	NetworkInterfaces.Modify(c.tx, i.Key, func(i *NetworkInterface) { i.Spec.Secondary = all })
	return all, nil
}

// takeAway moves a secondary address from the interface that has it.
func (c change) takeAway(subnetID string, a netip.Addr) error {
	for key, other := range NetworkInterfaces.Prefix(c.r, c.scope.Prefix()) {
		if other.Spec.SubnetID != subnetID || !slices.Contains(other.Spec.Secondary, a) {
			continue
		}
		NetworkInterfaces.Modify(c.tx, key, func(i *NetworkInterface) {
			i.Spec.Secondary = slices.DeleteFunc(i.Spec.Secondary, func(b netip.Addr) bool { return b == a })
		})
		return nil
	}
	return api.Invalid("InvalidIPAddress.InUse", "address %s is the primary address of an interface", a)
}

func assignPrivateIpAddresses(c change, in *ec2api.AssignPrivateIpAddressesRequest) (*ec2api.AssignPrivateIpAddressesResult, error) {
	i, err := c.getInterface(in.NetworkInterfaceId)
	if err != nil {
		return nil, err
	}
	if len(in.Ipv4Prefixes) > 0 || api.Val(in.Ipv4PrefixCount) > 0 {
		return nil, unsupported("interfaces of this region have no prefixes")
	}
	named, err := addressesIn(in.PrivateIpAddresses)
	if err != nil {
		return nil, err
	}
	all, err := c.assign(i, named, int(api.Val(in.SecondaryPrivateIpAddressCount)), api.Val(in.AllowReassignment))
	if err != nil {
		return nil, err
	}
	out := &ec2api.AssignPrivateIpAddressesResult{NetworkInterfaceId: in.NetworkInterfaceId}
	for _, a := range all[len(i.Spec.Secondary):] {
		out.AssignedPrivateIpAddresses = append(out.AssignedPrivateIpAddresses, ec2api.AssignedPrivateIpAddress{PrivateIpAddress: api.Ptr(a.String())})
	}
	return out, nil
}

func addressesIn(texts []string) ([]netip.Addr, error) {
	var addrs []netip.Addr
	for _, text := range texts {
		a, err := addressOrNone(&text)
		if err != nil {
			return nil, err
		}
		addrs = append(addrs, a)
	}
	return addrs, nil
}

func unassignPrivateIpAddresses(c change, in *ec2api.UnassignPrivateIpAddressesRequest) (*ec2api.UnassignPrivateIpAddressesOutput, error) {
	i, err := c.getInterface(in.NetworkInterfaceId)
	if err != nil {
		return nil, err
	}
	gone, err := addressesIn(in.PrivateIpAddresses)
	if err != nil {
		return nil, err
	}
	for _, a := range gone {
		if !slices.Contains(i.Spec.Secondary, a) {
			return nil, invalidValue("Some of the specified addresses are not assigned to interface %s as secondary ones: %s", i.ID(), a)
		}
		if elastic, ok := c.elastic(i.ID(), a); ok {
			c.dissociate(elastic)
		}
	}
	NetworkInterfaces.Modify(c.tx, i.Key, func(i *NetworkInterface) {
		i.Spec.Secondary = slices.DeleteFunc(i.Spec.Secondary, func(a netip.Addr) bool { return slices.Contains(gone, a) })
	})
	return nil, nil
}

// attachNetworkInterface finds no instance: the region runs tasks.
func attachNetworkInterface(c change, in *ec2api.AttachNetworkInterfaceRequest) (*ec2api.AttachNetworkInterfaceResult, error) {
	if _, err := c.getInterface(in.NetworkInterfaceId); err != nil {
		return nil, err
	}
	return nil, notFound("InvalidInstanceID.NotFound", "instance", api.Val(in.InstanceId))
}

// detachNetworkInterface finds attachments to services only, which are theirs.
func detachNetworkInterface(c change, in *ec2api.DetachNetworkInterfaceRequest) (*ec2api.DetachNetworkInterfaceOutput, error) {
	for _, i := range NetworkInterfaces.Prefix(c.r, c.scope.Prefix()) {
		if i.Spec.Requester != "" && i.attachment() == api.Val(in.AttachmentId) {
			return nil, api.Invalid("OperationNotPermitted", "You are not allowed to manage '%s' attachments.", i.ID())
		}
	}
	return nil, notFound("InvalidAttachmentID.NotFound", "attachment", api.Val(in.AttachmentId))
}

func resetNetworkInterfaceAttribute(c change, in *ec2api.ResetNetworkInterfaceAttributeRequest) (*ec2api.ResetNetworkInterfaceAttributeOutput, error) {
	_, err := c.getInterface(in.NetworkInterfaceId) // the source/destination check is always on
	return nil, err
}
