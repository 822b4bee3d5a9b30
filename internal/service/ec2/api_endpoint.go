package ec2

import (
	"encoding/json"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
)

func createVpcEndpoint(c change, in *ec2api.CreateVpcEndpointRequest) (*ec2api.CreateVpcEndpointResult, error) {
	vpc, err := c.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	kind := api.Or(in.VpcEndpointType, ec2api.VpcEndpointTypeGateway)
	if kind != ec2api.VpcEndpointTypeGateway && kind != ec2api.VpcEndpointTypeInterface {
		return nil, unsupported("endpoints of this region are of the types Gateway and Interface, not %s", kind)
	}
	if !offered(c.scope, api.Val(in.ServiceName), kind) {
		return nil, api.Invalid("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", api.Val(in.ServiceName))
	}
	if api.Or(in.IpAddressType, ec2api.IpAddressTypeIpv4) != ec2api.IpAddressTypeIpv4 || len(in.SubnetConfigurations) > 0 {
		return nil, unsupported("endpoints of this region have IPv4 addresses that the region chooses")
	}
	e := Endpoint{Key: c.key(awsid.New("vpce")), Spec: EndpointSpec{
		VPCID: vpc.ID(), Service: *in.ServiceName, Type: kind, Policy: fullAccess, IPType: ec2api.IpAddressTypeIpv4, CreatedAt: c.now(),
	}}
	want := endpointChange{
		policy: in.PolicyDocument, addTables: in.RouteTableIds, addSubnets: in.SubnetIds, addGroups: in.SecurityGroupIds,
		privateDNS: in.PrivateDnsEnabled, dns: in.DnsOptions,
	}
	if kind == ec2api.VpcEndpointTypeInterface {
		e.Spec.RecordType, e.Spec.PrivateDNS = ec2api.DnsRecordIpTypeIpv4, true
		if len(want.addGroups) == 0 {
			want.addGroups = []string{defaultGroup(c.r, c.scope, vpc.ID())}
		}
	}
	if err := c.alter(&e, want); err != nil {
		return nil, err
	}
	if err := c.tagNew("vpc-endpoint", e.ID(), in.TagSpecifications); err != nil {
		return nil, err
	}
	return &ec2api.CreateVpcEndpointResult{VpcEndpoint: api.Ptr(c.endpoint(e)), ClientToken: in.ClientToken}, nil
}

// An endpointChange is what a request asks of an endpoint.
type endpointChange struct {
	policy                    *string
	addTables, removeTables   []string
	addSubnets, removeSubnets []string
	addGroups, removeGroups   []string
	privateDNS                *bool
	dns                       *ec2api.DnsOptionsSpecification
}

// alter checks a change and makes it.
func (c change) alter(e *Endpoint, want endpointChange) error {
	gateway := e.Spec.Type == ec2api.VpcEndpointTypeGateway
	switch {
	case gateway && (len(want.addSubnets)+len(want.removeSubnets)+len(want.addGroups)+len(want.removeGroups) > 0 || api.Val(want.privateDNS)):
		return api.Invalid("InvalidParameter", "Subnets, security groups and private DNS are for interface endpoints only")
	case !gateway && len(want.addTables)+len(want.removeTables) > 0:
		return api.Invalid("InvalidParameter", "Route table IDs are only supported for gateway endpoints")
	}
	if want.policy != nil && *want.policy != "" {
		if !json.Valid([]byte(*want.policy)) {
			return api.Invalid("InvalidPolicyDocument", "This policy contains invalid Json")
		}
		e.Spec.Policy = *want.policy
	}
	if want.privateDNS != nil {
		e.Spec.PrivateDNS = *want.privateDNS
	}
	if want.dns != nil {
		e.Spec.RecordType = api.Or(want.dns.DnsRecordIpType, e.Spec.RecordType)
		e.Spec.InboundOnly = api.Val(want.dns.PrivateDnsOnlyForInboundResolverEndpoint)
	}
	if err := c.alterTables(e, want); err != nil {
		return err
	}
	if err := c.alterGroups(e, want); err != nil {
		return err
	}
	if err := c.alterSubnets(e, want); err != nil {
		return err
	}
	Endpoints.Put(c.tx, *e)
	return nil
}

func (c change) alterTables(e *Endpoint, want endpointChange) error {
	for _, id := range want.addTables {
		table, err := c.getRouteTable(&id)
		if err != nil {
			return api.Invalid("InvalidRouteTableId.NotFound", "The routeTable ID '%s' does not exist", id)
		}
		if table.Spec.VPCID != e.Spec.VPCID {
			return invalidValue("Route table %s and endpoint %s belong to different networks", id, e.ID())
		}
		for _, r := range c.endpointRoutes(id) {
			if list, _ := findManaged(c.scope, e.Spec.Service); r.PrefixList == list.id && r.Target != e.ID() {
				return api.Invalid("RouteAlreadyExists", "route table %s already has a route with destination-prefix-list-id %s", id, r.PrefixList)
			}
		}
	}
	e.Spec.RouteTables = altered(e.Spec.RouteTables, want.addTables, want.removeTables)
	return nil
}

func (c change) alterGroups(e *Endpoint, want endpointChange) error {
	if e.Spec.Type == ec2api.VpcEndpointTypeGateway {
		return nil
	}
	if _, err := interfaceGroups(c.r, c.scope, e.Spec.VPCID, want.addGroups); err != nil {
		return err
	}
	e.Spec.Groups = altered(e.Spec.Groups, want.addGroups, want.removeGroups)
	if len(e.Spec.Groups) == 0 {
		return api.Invalid("InvalidParameter", "An interface endpoint has at least one security group")
	}
	for _, at := range e.Spec.Interfaces {
		NetworkInterfaces.Modify(c.tx, c.key(at.InterfaceID), func(i *NetworkInterface) { i.Spec.GroupIDs = e.Spec.Groups })
	}
	return nil
}

// alterSubnets gives the endpoint an interface in each subnet that it is to be in.
func (c change) alterSubnets(e *Endpoint, want endpointChange) error {
	kept := slices.Clone(e.Spec.Interfaces)
	for _, id := range want.removeSubnets {
		if at := slices.IndexFunc(kept, func(i EndpointInterface) bool { return i.SubnetID == id }); at >= 0 {
			ReleaseInterface(c.tx, c.scope, kept[at].InterfaceID)
			kept = slices.Delete(kept, at, at+1)
		}
	}
	for _, id := range want.addSubnets {
		if slices.ContainsFunc(kept, func(i EndpointInterface) bool { return i.SubnetID == id }) {
			continue
		}
		subnet, err := c.getSubnet(&id)
		if err != nil {
			return api.Invalid("InvalidSubnetId.NotFound", "The subnet ID '%s' does not exist", id)
		}
		if subnet.Spec.VPCID != e.Spec.VPCID {
			return invalidValue("Subnet %s and endpoint %s belong to different networks", id, e.ID())
		}
		for _, other := range kept {
			if o, _ := Subnets.Get(c.r, c.key(other.SubnetID)); o.Spec.Zone == subnet.Spec.Zone {
				return api.Invalid("DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet in the availability zone of %s. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.", id)
			}
		}
		i, err := RequestInterface(c.tx, c.scope, InterfaceSpec{
			SubnetID: id, GroupIDs: e.Spec.Groups, Description: "VPC Endpoint Interface " + e.ID(), Requester: "vpce",
			Type: endpointInterface, CreatedAt: c.now(),
		})
		if err != nil {
			return err
		}
		kept = append(kept, EndpointInterface{id, i.ID()})
	}
	e.Spec.Interfaces = kept
	return nil
}

// altered adds some ids to a list and takes others away.
func altered(have, add, remove []string) []string {
	out := slices.DeleteFunc(slices.Clone(have), func(id string) bool { return slices.Contains(remove, id) })
	for _, id := range add {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func (v view) getEndpoint(id *string) (Endpoint, error) {
	e, ok := Endpoints.Get(v.r, v.key(api.Val(id)))
	if !ok {
		return e, noEndpoint(api.Val(id))
	}
	return e, nil
}

func noEndpoint(id string) error {
	return api.Invalid("InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '%s' does not exist", id)
}

func modifyVpcEndpoint(c change, in *ec2api.ModifyVpcEndpointRequest) (*ec2api.ModifyVpcEndpointResult, error) {
	e, err := c.getEndpoint(in.VpcEndpointId)
	if err != nil {
		return nil, err
	}
	if api.Or(in.IpAddressType, e.Spec.IPType) != e.Spec.IPType || len(in.SubnetConfigurations) > 0 {
		return nil, unsupported("endpoints of this region have IPv4 addresses that the region chooses")
	}
	if api.Val(in.ResetPolicy) {
		e.Spec.Policy = fullAccess
	}
	err = c.alter(&e, endpointChange{
		policy: in.PolicyDocument, addTables: in.AddRouteTableIds, removeTables: in.RemoveRouteTableIds,
		addSubnets: in.AddSubnetIds, removeSubnets: in.RemoveSubnetIds, addGroups: in.AddSecurityGroupIds, removeGroups: in.RemoveSecurityGroupIds,
		privateDNS: in.PrivateDnsEnabled, dns: in.DnsOptions,
	})
	return &ec2api.ModifyVpcEndpointResult{Return: api.Ptr(true)}, err
}

func deleteVpcEndpoints(c change, in *ec2api.DeleteVpcEndpointsRequest) (*ec2api.DeleteVpcEndpointsResult, error) {
	out := &ec2api.DeleteVpcEndpointsResult{}
	for _, id := range in.VpcEndpointIds {
		e, err := c.getEndpoint(&id)
		if err != nil {
			out.Unsuccessful = append(out.Unsuccessful, unsuccessful(id, "InvalidVpcEndpoint.NotFound", err))
			continue
		}
		for _, at := range e.Spec.Interfaces {
			ReleaseInterface(c.tx, c.scope, at.InterfaceID)
		}
		c.remove(id, Endpoints.Delete(c.tx, e.Key))
	}
	return out, nil
}

func unsuccessful(id, code string, err error) ec2api.UnsuccessfulItem {
	return ec2api.UnsuccessfulItem{ResourceId: &id, Error: &ec2api.UnsuccessfulItemError{Code: &code, Message: api.Ptr(err.Error())}}
}

func (v view) endpoint(e Endpoint) ec2api.VpcEndpoint {
	out := ec2api.VpcEndpoint{
		VpcEndpointId: api.Ptr(e.ID()), VpcEndpointType: &e.Spec.Type, VpcId: &e.Spec.VPCID, ServiceName: &e.Spec.Service,
		State: api.Ptr("available"), PolicyDocument: &e.Spec.Policy, RouteTableIds: e.Spec.RouteTables, IpAddressType: &e.Spec.IPType,
		PrivateDnsEnabled: &e.Spec.PrivateDNS, RequesterManaged: api.Ptr(false), CreationTimestamp: &e.Spec.CreatedAt, Tags: v.tags(e.ID()),
		OwnerId: &v.scope.Account, DnsEntries: v.dnsEntries(e), ServiceRegion: api.Ptr(v.scope.Region),
	}
	if e.Spec.Type == ec2api.VpcEndpointTypeInterface {
		out.DnsOptions = &ec2api.DnsOptions{DnsRecordIpType: &e.Spec.RecordType}
		if e.Spec.InboundOnly {
			out.DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint = &e.Spec.InboundOnly
		}
	}
	for _, at := range e.Spec.Interfaces {
		out.SubnetIds = append(out.SubnetIds, at.SubnetID)
		out.NetworkInterfaceIds = append(out.NetworkInterfaceIds, at.InterfaceID)
	}
	for _, g := range v.groups(e.Spec.Groups) {
		out.Groups = append(out.Groups, ec2api.SecurityGroupIdentifier(ec2api.SecurityGroupIdentifier{GroupId: g.GroupId, GroupName: g.GroupName}))
	}
	return out
}

var endpointCatalog = catalog[ec2api.VpcEndpoint]{
	least:   1,
	id:      func(o *ec2api.VpcEndpoint) string { return *o.VpcEndpointId },
	tags:    func(o *ec2api.VpcEndpoint) []ec2api.Tag { return o.Tags },
	missing: noEndpoint,
	filters: map[string]func(*ec2api.VpcEndpoint) []string{
		"vpc-endpoint-id":    one(func(o *ec2api.VpcEndpoint) *string { return o.VpcEndpointId }),
		"vpc-endpoint-type":  one(func(o *ec2api.VpcEndpoint) *string { return o.VpcEndpointType }),
		"vpc-endpoint-state": one(func(o *ec2api.VpcEndpoint) *string { return o.State }),
		"vpc-id":             one(func(o *ec2api.VpcEndpoint) *string { return o.VpcId }),
		"service-name":       one(func(o *ec2api.VpcEndpoint) *string { return o.ServiceName }),
		"service-region":     one(func(o *ec2api.VpcEndpoint) *string { return o.ServiceRegion }),
		"ip-address-type":    one(func(o *ec2api.VpcEndpoint) *string { return o.IpAddressType }),
	},
}

func describeVpcEndpoints(v view, in *ec2api.DescribeVpcEndpointsRequest) (*ec2api.DescribeVpcEndpointsResult, error) {
	page, next, err := listed(v, Endpoints, v.endpoint, endpointCatalog, query{in.VpcEndpointIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeVpcEndpointsResult{VpcEndpoints: page, NextToken: next}, err
}

func serviceTypesOf(o *ec2api.ServiceDetail) []ec2api.ServiceTypeDetail { return o.ServiceType }

var serviceCatalog = catalog[ec2api.ServiceDetail]{
	least: 1,
	id:    func(o *ec2api.ServiceDetail) string { return *o.ServiceName + " " + *o.ServiceType[0].ServiceType },
	tags:  func(*ec2api.ServiceDetail) []ec2api.Tag { return nil },
	filters: map[string]func(*ec2api.ServiceDetail) []string{
		"service-name":               one(func(o *ec2api.ServiceDetail) *string { return o.ServiceName }),
		"service-type":               each(serviceTypesOf, func(t *ec2api.ServiceTypeDetail) *string { return t.ServiceType }),
		"service-region":             one(func(o *ec2api.ServiceDetail) *string { return o.ServiceRegion }),
		"owner":                      one(func(o *ec2api.ServiceDetail) *string { return o.Owner }),
		"supported-ip-address-types": func(o *ec2api.ServiceDetail) []string { return o.SupportedIpAddressTypes },
	},
}

func describeVpcEndpointServices(v view, in *ec2api.DescribeVpcEndpointServicesRequest) (*ec2api.DescribeVpcEndpointServicesResult, error) {
	all := serviceDetails(v.scope)
	for _, name := range in.ServiceNames {
		if !slices.ContainsFunc(all, func(d ec2api.ServiceDetail) bool { return *d.ServiceName == name }) {
			return nil, api.Invalid("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", name)
		}
	}
	if len(in.ServiceNames) > 0 {
		all = slices.DeleteFunc(all, func(d ec2api.ServiceDetail) bool { return !slices.Contains(in.ServiceNames, *d.ServiceName) })
	}
	page, next, err := serviceCatalog.list(all, query{filters: in.Filters, max: in.MaxResults, token: in.NextToken})
	out := &ec2api.DescribeVpcEndpointServicesResult{ServiceDetails: page, NextToken: next}
	for _, d := range page {
		out.ServiceNames = append(out.ServiceNames, *d.ServiceName)
	}
	out.ServiceNames = slices.Compact(out.ServiceNames)
	return out, err
}
