package ec2

import (
	"net/netip"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/dataplane/dns"
	"apex/internal/dataplane/vnet"
)

func createNetworkInterface(c change, in *ec2api.CreateNetworkInterfaceRequest) (*ec2api.CreateNetworkInterfaceResult, error) {
	if len(in.Ipv6Addresses)+len(in.Ipv6Prefixes)+len(in.Ipv4Prefixes) > 0 ||
		api.Val(in.Ipv6AddressCount)+api.Val(in.Ipv6PrefixCount)+api.Val(in.Ipv4PrefixCount) > 0 {
		return nil, unsupported("interfaces of this region have IPv4 addresses only, and no prefixes")
	}
	if api.Or(in.InterfaceType, "interface") != "interface" {
		return nil, unsupported("interfaces of the type %s are not supported", *in.InterfaceType)
	}
	address, secondary, err := wantedAddresses(in)
	if err != nil {
		return nil, err
	}
	i, err := RequestInterface(c.tx, c.scope, InterfaceSpec{
		SubnetID: api.Val(in.SubnetId), GroupIDs: in.Groups, Description: api.Val(in.Description), PrivateIP: address, CreatedAt: c.now(),
	})
	if err != nil {
		return nil, err
	}
	if err := c.tagNew("network-interface", i.ID(), in.TagSpecifications); err != nil {
		return nil, err
	}
	if i.Spec.Secondary, err = c.assign(i, secondary, int(api.Val(in.SecondaryPrivateIpAddressCount)), false); err != nil {
		return nil, err
	}
	shown := c.networkInterface(i)
	shown.Status = api.Ptr("pending")
	return &ec2api.CreateNetworkInterfaceResult{NetworkInterface: &shown, ClientToken: in.ClientToken}, nil
}

// wantedAddresses reads the primary address that a request wants, if any, and the
// secondary ones.
func wantedAddresses(in *ec2api.CreateNetworkInterfaceRequest) (primary netip.Addr, secondary []netip.Addr, err error) {
	if primary, err = addressOrNone(in.PrivateIpAddress); err != nil {
		return primary, nil, err
	}
	for _, p := range in.PrivateIpAddresses {
		a, err := addressOrNone(p.PrivateIpAddress)
		switch {
		case err != nil:
			return primary, nil, err
		case !api.Val(p.Primary):
			secondary = append(secondary, a)
		case primary.IsValid():
			return primary, nil, api.Invalid("InvalidParameterCombination", "Only one primary private IP address can be specified.")
		default:
			primary = a
		}
	}
	if !primary.IsValid() && len(secondary) > 0 && len(secondary) == len(in.PrivateIpAddresses) {
		primary, secondary = secondary[0], secondary[1:] // the first one, where none says that it is the primary
	}
	return primary, secondary, nil
}

func addressOrNone(text *string) (netip.Addr, error) {
	if text == nil {
		return netip.Addr{}, nil
	}
	a, err := netip.ParseAddr(*text)
	if err != nil || !a.Is4() {
		return a, invalidValue("Value (%s) for parameter privateIpAddress is invalid.", *text)
	}
	return a, nil
}

func deleteNetworkInterface(c change, in *ec2api.DeleteNetworkInterfaceRequest) (*ec2api.DeleteNetworkInterfaceOutput, error) {
	i, err := c.getInterface(in.NetworkInterfaceId)
	if err != nil {
		return nil, err
	}
	if i.Spec.Requester != "" {
		return nil, api.Invalid("InvalidParameterValue", "Network interface '%s' is currently in use.", i.ID())
	}
	ReleaseInterface(c.tx, c.scope, i.ID())
	return nil, nil
}

func (v view) getInterface(id *string) (NetworkInterface, error) {
	i, ok := NetworkInterfaces.Get(v.r, v.key(api.Val(id)))
	if !ok {
		return i, notFound("InvalidNetworkInterfaceID.NotFound", "networkInterface", api.Val(id))
	}
	return i, nil
}

// attachment is the id of an interface's attachment to a service.
func (i NetworkInterface) attachment() string {
	return "eni-attach-" + strings.TrimPrefix(i.ID(), "eni-")
}

func (v view) networkInterface(o NetworkInterface) ec2api.NetworkInterface {
	id, private := o.ID(), o.Spec.PrivateIP.String()
	hostName := dns.HostName(o.Spec.PrivateIP, internalDomain(v.scope.Region))
	out := ec2api.NetworkInterface{
		NetworkInterfaceId: &id, VpcId: &o.Spec.VPCID, SubnetId: &o.Spec.SubnetID, OwnerId: &v.scope.Account,
		AvailabilityZone: &o.Spec.Zone, AvailabilityZoneId: api.Ptr(zoneID(o.Spec.Zone)), Description: &o.Spec.Description,
		InterfaceType: &o.Spec.Type, MacAddress: api.Ptr(vnet.MAC(id).String()), PrivateDnsName: &hostName, PrivateIpAddress: &private,
		RequesterManaged: api.Ptr(o.Spec.Requester != ""), SourceDestCheck: &o.Spec.SourceDestCheck,
		Status: api.Ptr(ec2api.NetworkInterfaceStatusAvailable), Groups: v.groups(o.Spec.GroupIDs), TagSet: v.tags(id),
		Association: v.interfaceAssociation(o, netip.Addr{}),
	}
	if o.Spec.Requester != "" {
		out.RequesterId, out.Status = api.Ptr("amazon-"+o.Spec.Requester), api.Ptr(ec2api.NetworkInterfaceStatusInUse)
		out.Attachment = &ec2api.NetworkInterfaceAttachment{
			AttachmentId: api.Ptr(o.attachment()), InstanceOwnerId: api.Ptr("amazon-aws"),
			Status: api.Ptr(ec2api.AttachmentStatusAttached), DeleteOnTermination: api.Ptr(false), DeviceIndex: api.Ptr(int64(1)),
			AttachTime: &o.Spec.CreatedAt,
		}
	}
	out.PrivateIpAddresses = []ec2api.NetworkInterfacePrivateIpAddress{{
		PrivateIpAddress: &private, PrivateDnsName: &hostName, Primary: api.Ptr(true), Association: out.Association,
	}}
	for _, a := range o.Spec.Secondary {
		out.PrivateIpAddresses = append(out.PrivateIpAddresses, ec2api.NetworkInterfacePrivateIpAddress{
			PrivateIpAddress: api.Ptr(a.String()), PrivateDnsName: api.Ptr(dns.HostName(a, internalDomain(v.scope.Region))),
			Primary: api.Ptr(false), Association: v.interfaceAssociation(o, a),
		})
	}
	return out
}

// interfaceAssociation is the public side of an interface's address; the zero one
// is its primary address.
func (v view) interfaceAssociation(o NetworkInterface, private netip.Addr) *ec2api.NetworkInterfaceAssociation {
	if a, ok := v.elastic(o.ID(), private); ok {
		return &ec2api.NetworkInterfaceAssociation{
			AllocationId: api.Ptr(a.ID()), AssociationId: &a.Spec.AssociationID, IpOwnerId: &v.scope.Account, PublicIp: api.Ptr(a.Spec.PublicIP.String()),
		}
	}
	if o.Spec.PublicIP.IsValid() && !private.IsValid() {
		return &ec2api.NetworkInterfaceAssociation{IpOwnerId: api.Ptr("amazon"), PublicIp: api.Ptr(o.Spec.PublicIP.String())}
	}
	return nil
}

func (v view) groups(ids []string) []ec2api.GroupIdentifier {
	var out []ec2api.GroupIdentifier
	for _, id := range ids {
		g, _ := SecurityGroups.Get(v.r, v.key(id))
		out = append(out, ec2api.GroupIdentifier{GroupId: &id, GroupName: api.Ptr(g.Spec.Name)})
	}
	return out
}

func groupsOf(o *ec2api.NetworkInterface) []ec2api.GroupIdentifier { return o.Groups }

func addressesOf(o *ec2api.NetworkInterface) []ec2api.NetworkInterfacePrivateIpAddress {
	return o.PrivateIpAddresses
}

// associationOf makes a filter look at the association, which may be missing.
func associationOf(look func(*ec2api.NetworkInterfaceAssociation) *string) func(*ec2api.NetworkInterface) []string {
	return one(func(o *ec2api.NetworkInterface) *string {
		if o.Association == nil {
			return nil
		}
		return look(o.Association)
	})
}

// attachmentOf is associationOf for the attachment.
func attachmentOf(look func(*ec2api.NetworkInterfaceAttachment) *string) func(*ec2api.NetworkInterface) []string {
	return one(func(o *ec2api.NetworkInterface) *string {
		if o.Attachment == nil {
			return nil
		}
		return look(o.Attachment)
	})
}

var interfaceCatalog = catalog[ec2api.NetworkInterface]{
	id:   func(o *ec2api.NetworkInterface) string { return *o.NetworkInterfaceId },
	tags: func(o *ec2api.NetworkInterface) []ec2api.Tag { return o.TagSet },
	missing: func(id string) error {
		return notFound("InvalidNetworkInterfaceID.NotFound", "networkInterface", id)
	},
	filters: map[string]func(*ec2api.NetworkInterface) []string{
		"network-interface-id":         one(func(o *ec2api.NetworkInterface) *string { return o.NetworkInterfaceId }),
		"vpc-id":                       one(func(o *ec2api.NetworkInterface) *string { return o.VpcId }),
		"subnet-id":                    one(func(o *ec2api.NetworkInterface) *string { return o.SubnetId }),
		"status":                       one(func(o *ec2api.NetworkInterface) *string { return o.Status }),
		"description":                  one(func(o *ec2api.NetworkInterface) *string { return o.Description }),
		"owner-id":                     one(func(o *ec2api.NetworkInterface) *string { return o.OwnerId }),
		"mac-address":                  one(func(o *ec2api.NetworkInterface) *string { return o.MacAddress }),
		"availability-zone":            one(func(o *ec2api.NetworkInterface) *string { return o.AvailabilityZone }),
		"interface-type":               one(func(o *ec2api.NetworkInterface) *string { return o.InterfaceType }),
		"private-ip-address":           one(func(o *ec2api.NetworkInterface) *string { return o.PrivateIpAddress }),
		"private-dns-name":             one(func(o *ec2api.NetworkInterface) *string { return o.PrivateDnsName }),
		"requester-id":                 one(func(o *ec2api.NetworkInterface) *string { return o.RequesterId }),
		"requester-managed":            flag(func(o *ec2api.NetworkInterface) *bool { return o.RequesterManaged }),
		"source-dest-check":            flag(func(o *ec2api.NetworkInterface) *bool { return o.SourceDestCheck }),
		"group-id":                     each(groupsOf, func(g *ec2api.GroupIdentifier) *string { return g.GroupId }),
		"group-name":                   each(groupsOf, func(g *ec2api.GroupIdentifier) *string { return g.GroupName }),
		"addresses.private-ip-address": each(addressesOf, func(a *ec2api.NetworkInterfacePrivateIpAddress) *string { return a.PrivateIpAddress }),
		"association.public-ip":        associationOf(func(a *ec2api.NetworkInterfaceAssociation) *string { return a.PublicIp }),
		"association.allocation-id":    associationOf(func(a *ec2api.NetworkInterfaceAssociation) *string { return a.AllocationId }),
		"association.association-id":   associationOf(func(a *ec2api.NetworkInterfaceAssociation) *string { return a.AssociationId }),
		"attachment.attachment-id":     attachmentOf(func(a *ec2api.NetworkInterfaceAttachment) *string { return a.AttachmentId }),
		"attachment.instance-id":       attachmentOf(func(a *ec2api.NetworkInterfaceAttachment) *string { return a.InstanceId }),
		"attachment.instance-owner-id": attachmentOf(func(a *ec2api.NetworkInterfaceAttachment) *string { return a.InstanceOwnerId }),
		"attachment.status":            attachmentOf(func(a *ec2api.NetworkInterfaceAttachment) *string { return a.Status }),
	},
}

func describeNetworkInterfaces(v view, in *ec2api.DescribeNetworkInterfacesRequest) (*ec2api.DescribeNetworkInterfacesResult, error) {
	page, next, err := listed(v, NetworkInterfaces, v.networkInterface, interfaceCatalog, query{in.NetworkInterfaceIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeNetworkInterfacesResult{NetworkInterfaces: page, NextToken: next}, err
}

func describeNetworkInterfaceAttribute(v view, in *ec2api.DescribeNetworkInterfaceAttributeRequest) (*ec2api.DescribeNetworkInterfaceAttributeResult, error) {
	i, err := v.getInterface(in.NetworkInterfaceId)
	if err != nil {
		return nil, err
	}
	shown := v.networkInterface(i)
	out := &ec2api.DescribeNetworkInterfaceAttributeResult{NetworkInterfaceId: in.NetworkInterfaceId}
	switch api.Val(in.Attribute) {
	case ec2api.NetworkInterfaceAttributeDescription:
		out.Description = &ec2api.AttributeValue{Value: shown.Description}
	case ec2api.NetworkInterfaceAttributeGroupSet:
		out.Groups = shown.Groups
	case ec2api.NetworkInterfaceAttributeSourceDestCheck:
		out.SourceDestCheck = &ec2api.AttributeBooleanValue{Value: shown.SourceDestCheck}
	case ec2api.NetworkInterfaceAttributeAttachment:
		out.Attachment = shown.Attachment
	default:
		return nil, invalidValue("Value (%s) for parameter attribute is invalid.", api.Val(in.Attribute))
	}
	return out, nil
}

func modifyNetworkInterfaceAttribute(c change, in *ec2api.ModifyNetworkInterfaceAttributeRequest) (*ec2api.ModifyNetworkInterfaceAttributeOutput, error) {
	i, err := c.getInterface(in.NetworkInterfaceId)
	if err != nil {
		return nil, err
	}
	if in.SourceDestCheck != nil && !api.Val(in.SourceDestCheck.Value) {
		return nil, unsupported("the source/destination check cannot be turned off")
	}
	groups := i.Spec.GroupIDs
	if len(in.Groups) > 0 {
		if groups, err = interfaceGroups(c.r, c.scope, i.Spec.VPCID, in.Groups); err != nil {
			return nil, err
		}
	}
	NetworkInterfaces.Modify(c.tx, i.Key, func(i *NetworkInterface) {
		i.Spec.GroupIDs = groups
		if in.Description != nil {
			i.Spec.Description = api.Val(in.Description.Value)
		}
	})
	return nil, nil
}
