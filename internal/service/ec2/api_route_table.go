package ec2

import (
	"slices"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
)

func createRouteTable(c change, in *ec2api.CreateRouteTableRequest) (*ec2api.CreateRouteTableResult, error) {
	vpc, err := c.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	table := RouteTable{Key: c.key(awsid.New("rtb")), Spec: RouteTableSpec{VPCID: vpc.ID()}}
	RouteTables.Put(c.tx, table)
	if err := c.tagNew("route-table", table.ID(), in.TagSpecifications); err != nil {
		return nil, err
	}
	return &ec2api.CreateRouteTableResult{RouteTable: api.Ptr(c.routeTable(table)), ClientToken: in.ClientToken}, nil
}

func deleteRouteTable(c change, in *ec2api.DeleteRouteTableRequest) (*ec2api.DeleteRouteTableOutput, error) {
	table, err := c.getRouteTable(in.RouteTableId)
	if err != nil {
		return nil, err
	}
	if table.Spec.MainAssociation != "" || len(table.Spec.Associations) > 0 {
		return nil, inUse("routeTable", table.ID())
	}
	for key, e := range Endpoints.Prefix(c.r, c.scope.Prefix()) {
		if slices.Contains(e.Spec.RouteTables, table.ID()) {
			Endpoints.Modify(c.tx, key, func(e *Endpoint) { e.Spec.RouteTables = altered(e.Spec.RouteTables, nil, []string{table.ID()}) })
		}
	}
	c.remove(table.ID(), RouteTables.Delete(c.tx, table.Key))
	return nil, nil
}

func (v view) getRouteTable(id *string) (RouteTable, error) {
	table, ok := RouteTables.Get(v.r, v.key(api.Val(id)))
	if !ok {
		return RouteTable{}, notFound("InvalidRouteTableID.NotFound", "routeTable", api.Val(id))
	}
	return table, nil
}

func associateRouteTable(c change, in *ec2api.AssociateRouteTableRequest) (*ec2api.AssociateRouteTableResult, error) {
	if in.GatewayId != nil {
		return nil, unsupported("route tables of gateways are not supported: associate a subnet")
	}
	table, err := c.getRouteTable(in.RouteTableId)
	if err != nil {
		return nil, err
	}
	subnet, err := c.getSubnet(in.SubnetId)
	if err != nil {
		return nil, err
	}
	if subnet.Spec.VPCID != table.Spec.VPCID {
		return nil, invalidValue("Route table %s and subnet %s belong to different networks", table.ID(), subnet.ID())
	}
	for _, t := range RouteTables.Prefix(c.r, c.scope.Prefix()) {
		if i := slices.IndexFunc(t.Spec.Associations, subnet.associated); i >= 0 {
			if t.ID() == table.ID() {
				return associated(t.Spec.Associations[i].ID), nil
			}
			return nil, api.Invalid("Resource.AlreadyAssociated", "the specified association for route table %s conflicts with an existing association", table.ID())
		}
	}
	a := Association{awsid.New("rtbassoc"), subnet.ID()}
	RouteTables.Modify(c.tx, table.Key, func(t *RouteTable) { t.Spec.Associations = append(t.Spec.Associations, a) })
	return associated(a.ID), nil
}

func associated(id string) *ec2api.AssociateRouteTableResult {
	return &ec2api.AssociateRouteTableResult{AssociationId: &id, AssociationState: associatedState()}
}

func associatedState() *ec2api.RouteTableAssociationState {
	return &ec2api.RouteTableAssociationState{State: api.Ptr(ec2api.RouteTableAssociationStateCodeAssociated)}
}

// association finds the table that holds an association, and the subnet's part
// of it; the main association has no subnet.
func (v view) association(id *string) (RouteTable, Association, error) {
	for _, t := range RouteTables.Prefix(v.r, v.scope.Prefix()) {
		if t.Spec.MainAssociation != "" && t.Spec.MainAssociation == api.Val(id) {
			return t, Association{ID: *id}, nil
		}
		for _, a := range t.Spec.Associations {
			if a.ID == api.Val(id) {
				return t, a, nil
			}
		}
	}
	return RouteTable{}, Association{}, notFound("InvalidAssociationID.NotFound", "association", api.Val(id))
}

func disassociateRouteTable(c change, in *ec2api.DisassociateRouteTableRequest) (*ec2api.DisassociateRouteTableOutput, error) {
	table, a, err := c.association(in.AssociationId)
	if err != nil {
		return nil, err
	}
	if a.SubnetID == "" {
		return nil, invalidValue("cannot disassociate the main route table association %s", a.ID)
	}
	c.dissolve(table, a)
	return nil, nil
}

func (c change) dissolve(table RouteTable, a Association) {
	RouteTables.Modify(c.tx, table.Key, func(t *RouteTable) {
		t.Spec.Associations = slices.DeleteFunc(t.Spec.Associations, func(b Association) bool { return b.ID == a.ID })
	})
}

// replaceRouteTableAssociation moves a subnet to another table, or makes another
// table the main one.
func replaceRouteTableAssociation(c change, in *ec2api.ReplaceRouteTableAssociationRequest) (*ec2api.ReplaceRouteTableAssociationResult, error) {
	old, a, err := c.association(in.AssociationId)
	if err != nil {
		return nil, err
	}
	table, err := c.getRouteTable(in.RouteTableId)
	if err != nil {
		return nil, err
	}
	if table.Spec.VPCID != old.Spec.VPCID {
		return nil, invalidValue("Route tables %s and %s belong to different networks", table.ID(), old.ID())
	}
	id := awsid.New("rtbassoc")
	if a.SubnetID == "" {
		RouteTables.Modify(c.tx, old.Key, func(t *RouteTable) { t.Spec.MainAssociation = "" })
		RouteTables.Modify(c.tx, table.Key, func(t *RouteTable) { t.Spec.MainAssociation = id })
	} else {
		c.dissolve(old, a)
		RouteTables.Modify(c.tx, table.Key, func(t *RouteTable) {
			t.Spec.Associations = append(t.Spec.Associations, Association{id, a.SubnetID})
		})
	}
	return &ec2api.ReplaceRouteTableAssociationResult{NewAssociationId: &id, AssociationState: associatedState()}, nil
}

func (v view) routeTable(o RouteTable) ec2api.RouteTable {
	id := o.ID()
	out := ec2api.RouteTable{RouteTableId: &id, VpcId: &o.Spec.VPCID, OwnerId: &v.scope.Account, Tags: v.tags(id)}
	vpc, _ := VPCs.Get(v.r, v.key(o.Spec.VPCID))
	for _, b := range slices.Concat(vpc.Spec.Blocks, vpc.Spec.Blocks6) {
		local := v.route("", Route{Destination: b.CIDR, Target: localTarget})
		local.Origin = api.Ptr(ec2api.RouteOriginCreateRouteTable)
		out.Routes = append(out.Routes, local)
	}
	for _, r := range slices.Concat(o.Spec.Routes, v.endpointRoutes(id)) {
		out.Routes = append(out.Routes, v.route(o.Spec.VPCID, r))
	}
	if o.Spec.MainAssociation != "" {
		out.Associations = append(out.Associations, ec2api.RouteTableAssociation{
			RouteTableAssociationId: &o.Spec.MainAssociation, RouteTableId: &id, Main: api.Ptr(true), AssociationState: associatedState(),
		})
	}
	for _, a := range o.Spec.Associations {
		out.Associations = append(out.Associations, ec2api.RouteTableAssociation{
			RouteTableAssociationId: &a.ID, RouteTableId: &id, SubnetId: &a.SubnetID, Main: api.Ptr(false), AssociationState: associatedState(),
		})
	}
	return out
}

func routesOf(o *ec2api.RouteTable) []ec2api.Route { return o.Routes }

func associationsOf(o *ec2api.RouteTable) []ec2api.RouteTableAssociation { return o.Associations }

var routeTableCatalog = catalog[ec2api.RouteTable]{
	id:      func(o *ec2api.RouteTable) string { return *o.RouteTableId },
	tags:    func(o *ec2api.RouteTable) []ec2api.Tag { return o.Tags },
	missing: func(id string) error { return notFound("InvalidRouteTableID.NotFound", "routeTable", id) },
	filters: map[string]func(*ec2api.RouteTable) []string{
		"route-table-id":                         one(func(o *ec2api.RouteTable) *string { return o.RouteTableId }),
		"vpc-id":                                 one(func(o *ec2api.RouteTable) *string { return o.VpcId }),
		"owner-id":                               one(func(o *ec2api.RouteTable) *string { return o.OwnerId }),
		"association.subnet-id":                  each(associationsOf, func(a *ec2api.RouteTableAssociation) *string { return a.SubnetId }),
		"association.gateway-id":                 each(associationsOf, func(a *ec2api.RouteTableAssociation) *string { return a.GatewayId }),
		"association.route-table-id":             each(associationsOf, func(a *ec2api.RouteTableAssociation) *string { return a.RouteTableId }),
		"association.route-table-association-id": each(associationsOf, func(a *ec2api.RouteTableAssociation) *string { return a.RouteTableAssociationId }),
		"association.main":                       each(associationsOf, mainOf),
		"route.destination-cidr-block":           each(routesOf, func(r *ec2api.Route) *string { return r.DestinationCidrBlock }),
		"route.destination-ipv6-cidr-block":      each(routesOf, func(r *ec2api.Route) *string { return r.DestinationIpv6CidrBlock }),
		"route.destination-prefix-list-id":       each(routesOf, func(r *ec2api.Route) *string { return r.DestinationPrefixListId }),
		"route.egress-only-internet-gateway-id":  each(routesOf, func(r *ec2api.Route) *string { return r.EgressOnlyInternetGatewayId }),
		"route.vpc-peering-connection-id":        each(routesOf, func(r *ec2api.Route) *string { return r.VpcPeeringConnectionId }),
		"route.instance-id":                      each(routesOf, func(r *ec2api.Route) *string { return r.InstanceId }),
		"route.transit-gateway-id":               each(routesOf, func(r *ec2api.Route) *string { return r.TransitGatewayId }),
		"route.gateway-id":                       each(routesOf, func(r *ec2api.Route) *string { return r.GatewayId }),
		"route.nat-gateway-id":                   each(routesOf, func(r *ec2api.Route) *string { return r.NatGatewayId }),
		"route.origin":                           each(routesOf, func(r *ec2api.Route) *string { return r.Origin }),
		"route.state":                            each(routesOf, func(r *ec2api.Route) *string { return r.State }),
	},
}

func mainOf(a *ec2api.RouteTableAssociation) *string {
	if api.Val(a.Main) {
		return api.Ptr("true")
	}
	return api.Ptr("false")
}

func describeRouteTables(v view, in *ec2api.DescribeRouteTablesRequest) (*ec2api.DescribeRouteTablesResult, error) {
	page, next, err := listed(v, RouteTables, v.routeTable, routeTableCatalog, query{in.RouteTableIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeRouteTablesResult{RouteTables: page, NextToken: next}, err
}
