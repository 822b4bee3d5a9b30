package ec2

import (
	"net/netip"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
)

func allocateAddress(c change, in *ec2api.AllocateAddressRequest) (*ec2api.AllocateAddressResult, error) {
	if api.Or(in.Domain, ec2api.DomainTypeVpc) != ec2api.DomainTypeVpc || in.PublicIpv4Pool != nil || in.CustomerOwnedIpv4Pool != nil {
		return nil, unsupported("addresses of this region come from its own pool, for VPCs")
	}
	public, err := publicAddress(c.r)
	if err != nil {
		return nil, err
	}
	a := Address{Key: c.key(awsid.New("eipalloc")), Spec: AddressSpec{PublicIP: public}}
	Addresses.Put(c.tx, a)
	if err := c.tagNew("elastic-ip", a.ID(), in.TagSpecifications); err != nil {
		return nil, err
	}
	return &ec2api.AllocateAddressResult{
		AllocationId: api.Ptr(a.ID()), PublicIp: api.Ptr(public.String()), Domain: api.Ptr(ec2api.DomainTypeVpc),
		NetworkBorderGroup: &c.scope.Region, PublicIpv4Pool: api.Ptr("amazon"),
	}, nil
}

func releaseAddress(c change, in *ec2api.ReleaseAddressRequest) (*ec2api.ReleaseAddressOutput, error) {
	a, err := c.getAddress(in.AllocationId, in.PublicIp)
	if err != nil {
		return nil, err
	}
	if a.Spec.AssociationID != "" {
		return nil, api.Invalid("InvalidIPAddress.InUse", "Address %s is in use.", a.Spec.PublicIP)
	}
	c.remove(a.ID(), Addresses.Delete(c.tx, a.Key))
	return nil, nil
}

// getAddress finds an address by its allocation, or by itself.
func (v view) getAddress(allocation, public *string) (Address, error) {
	if allocation == nil && public != nil {
		for _, a := range Addresses.Prefix(v.r, v.scope.Prefix()) {
			if a.Spec.PublicIP.String() == *public {
				return a, nil
			}
		}
		return Address{}, api.Invalid("InvalidAddress.NotFound", "Address '%s' not found.", *public)
	}
	a, ok := Addresses.Get(v.r, v.key(api.Val(allocation)))
	if !ok {
		return a, notFound("InvalidAllocationID.NotFound", "allocation", api.Val(allocation))
	}
	return a, nil
}

func associateAddress(c change, in *ec2api.AssociateAddressRequest) (*ec2api.AssociateAddressResult, error) {
	if in.InstanceId != nil {
		return nil, notFound("InvalidInstanceID.NotFound", "instance", *in.InstanceId)
	}
	a, err := c.getAddress(in.AllocationId, in.PublicIp)
	if err != nil {
		return nil, err
	}
	i, err := c.getInterface(in.NetworkInterfaceId)
	if err != nil {
		return nil, err
	}
	if a.Spec.AssociationID != "" && !api.Val(in.AllowReassociation) {
		return nil, api.Invalid("Resource.AlreadyAssociated", "resource %s is already associated with associate-id %s", a.ID(), a.Spec.AssociationID)
	}
	private, err := addressOrNone(in.PrivateIpAddress)
	if err != nil {
		return nil, err
	}
	if private == i.Spec.PrivateIP {
		private = netip.Addr{}
	}
	if private.IsValid() && !slices.Contains(i.Spec.Secondary, private) {
		return nil, invalidValue("address %s is not assigned to interface %s", private, i.ID())
	}
	for _, other := range c.elasticOf(i.ID()) {
		if other.Spec.PrivateIP != private || other.Key == a.Key {
			continue
		}
		if !api.Val(in.AllowReassociation) {
			return nil, api.Invalid("Resource.AlreadyAssociated", "resource %s is already associated with associate-id %s", i.ID(), other.Spec.AssociationID)
		}
		c.dissociate(other)
	}
	return &ec2api.AssociateAddressResult{AssociationId: api.Ptr(c.associate(a, i.ID(), private))}, nil
}

func (c change) associate(a Address, interfaceID string, private netip.Addr) string {
	id := awsid.New("eipassoc")
	Addresses.Modify(c.tx, a.Key, func(a *Address) {
		a.Spec.AssociationID, a.Spec.InterfaceID, a.Spec.PrivateIP = id, interfaceID, private
	})
	return id
}

func (c change) dissociate(a Address) {
	Addresses.Modify(c.tx, a.Key, func(a *Address) {
		a.Spec.AssociationID, a.Spec.InterfaceID, a.Spec.PrivateIP = "", "", netip.Addr{}
	})
}

func disassociateAddress(c change, in *ec2api.DisassociateAddressRequest) (*ec2api.DisassociateAddressOutput, error) {
	for _, a := range Addresses.Prefix(c.r, c.scope.Prefix()) {
		named := in.AssociationId != nil && a.Spec.AssociationID == *in.AssociationId ||
			in.AssociationId == nil && a.Spec.PublicIP.String() == api.Val(in.PublicIp)
		if !named || a.Spec.AssociationID == "" {
			continue
		}
		if i, ok := NetworkInterfaces.Get(c.r, c.key(a.Spec.InterfaceID)); ok && i.Spec.Type == natInterface {
			return nil, api.Invalid("AuthFailure", "You do not have permission to access the specified resource: %s belongs to a NAT gateway", a.Spec.AssociationID)
		}
		c.dissociate(a)
		return nil, nil
	}
	return nil, notFound("InvalidAssociationID.NotFound", "association", api.Or(in.AssociationId, api.Val(in.PublicIp)))
}

// elastic returns the elastic address that stands for an address of an interface;
// the zero one is its primary address.
func (v view) elastic(interfaceID string, private netip.Addr) (Address, bool) {
	all := v.elasticOf(interfaceID)
	at := slices.IndexFunc(all, func(a Address) bool { return a.Spec.PrivateIP == private })
	if at < 0 {
		return Address{}, false
	}
	return all[at], true
}

// publicIP is an interface's address outside: its elastic one, else its own.
func (v view) publicIP(i NetworkInterface) netip.Addr {
	if a, ok := v.elastic(i.ID(), netip.Addr{}); ok {
		return a.Spec.PublicIP
	}
	return i.Spec.PublicIP
}

func (v view) address(o Address) ec2api.Address {
	id := o.ID()
	out := ec2api.Address{
		AllocationId: &id, PublicIp: api.Ptr(o.Spec.PublicIP.String()), Domain: api.Ptr(ec2api.DomainTypeVpc),
		PublicIpv4Pool: api.Ptr("amazon"), NetworkBorderGroup: &v.scope.Region, Tags: v.tags(id),
	}
	if i, ok := NetworkInterfaces.Get(v.r, v.key(o.Spec.InterfaceID)); ok && o.Spec.AssociationID != "" {
		out.AssociationId, out.NetworkInterfaceId = &o.Spec.AssociationID, &o.Spec.InterfaceID
		out.NetworkInterfaceOwnerId, out.PrivateIpAddress = &v.scope.Account, api.Ptr(i.Spec.PrivateIP.String())
		if o.Spec.PrivateIP.IsValid() {
			out.PrivateIpAddress = api.Ptr(o.Spec.PrivateIP.String())
		}
	}
	return out
}

var addressCatalog = catalog[ec2api.Address]{
	id:      func(o *ec2api.Address) string { return *o.AllocationId },
	tags:    func(o *ec2api.Address) []ec2api.Tag { return o.Tags },
	missing: func(id string) error { return notFound("InvalidAllocationID.NotFound", "allocation", id) },
	filters: map[string]func(*ec2api.Address) []string{
		"allocation-id":              one(func(o *ec2api.Address) *string { return o.AllocationId }),
		"association-id":             one(func(o *ec2api.Address) *string { return o.AssociationId }),
		"public-ip":                  one(func(o *ec2api.Address) *string { return o.PublicIp }),
		"domain":                     one(func(o *ec2api.Address) *string { return o.Domain }),
		"instance-id":                one(func(o *ec2api.Address) *string { return o.InstanceId }),
		"network-interface-id":       one(func(o *ec2api.Address) *string { return o.NetworkInterfaceId }),
		"network-interface-owner-id": one(func(o *ec2api.Address) *string { return o.NetworkInterfaceOwnerId }),
		"network-border-group":       one(func(o *ec2api.Address) *string { return o.NetworkBorderGroup }),
		"private-ip-address":         one(func(o *ec2api.Address) *string { return o.PrivateIpAddress }),
	},
}

func describeAddresses(v view, in *ec2api.DescribeAddressesRequest) (*ec2api.DescribeAddressesResult, error) {
	filters := in.Filters
	if len(in.PublicIps) > 0 {
		filters = append(filters, ec2api.Filter{Name: api.Ptr("public-ip"), Values: in.PublicIps})
	}
	page, _, err := listed(v, Addresses, v.address, addressCatalog, query{ids: in.AllocationIds, filters: filters})
	if err == nil && len(page) < len(in.PublicIps) {
		return nil, api.Invalid("InvalidAddress.NotFound", "Address '%s' not found.", in.PublicIps[0])
	}
	return &ec2api.DescribeAddressesResult{Addresses: page}, err
}

func (o Address) attribute() ec2api.AddressAttribute {
	out := ec2api.AddressAttribute{AllocationId: api.Ptr(o.ID()), PublicIp: api.Ptr(o.Spec.PublicIP.String())}
	if o.Spec.DomainName != "" {
		out.PtrRecord = &o.Spec.DomainName
	}
	return out
}

var addressAttributeCatalog = catalog[ec2api.AddressAttribute]{
	id:      func(o *ec2api.AddressAttribute) string { return *o.AllocationId },
	tags:    func(*ec2api.AddressAttribute) []ec2api.Tag { return nil },
	missing: func(id string) error { return notFound("InvalidAllocationID.NotFound", "allocation", id) },
}

func describeAddressesAttribute(v view, in *ec2api.DescribeAddressesAttributeRequest) (*ec2api.DescribeAddressesAttributeResult, error) {
	var all []ec2api.AddressAttribute
	for _, o := range Addresses.Prefix(v.r, v.scope.Prefix()) {
		all = append(all, o.attribute())
	}
	page, next, err := addressAttributeCatalog.list(all, query{ids: in.AllocationIds, max: in.MaxResults, token: in.NextToken})
	return &ec2api.DescribeAddressesAttributeResult{Addresses: page, NextToken: next}, err
}

func modifyAddressAttribute(c change, in *ec2api.ModifyAddressAttributeRequest) (*ec2api.ModifyAddressAttributeResult, error) {
	out, err := c.putDomainName(in.AllocationId, api.Val(in.DomainName))
	return &ec2api.ModifyAddressAttributeResult{Address: out}, err
}

func resetAddressAttribute(c change, in *ec2api.ResetAddressAttributeRequest) (*ec2api.ResetAddressAttributeResult, error) {
	out, err := c.putDomainName(in.AllocationId, "")
	return &ec2api.ResetAddressAttributeResult{Address: out}, err
}

func (c change) putDomainName(allocation *string, name string) (*ec2api.AddressAttribute, error) {
	a, err := c.getAddress(allocation, nil)
	if err != nil {
		return nil, err
	}
	Addresses.Modify(c.tx, a.Key, func(a *Address) { a.Spec.DomainName = name })
	a.Spec.DomainName = name
	return api.Ptr(a.attribute()), nil
}
