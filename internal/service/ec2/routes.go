package ec2

import (
	"slices"

	"apex/internal/api"
	"apex/internal/api/ec2api"
)

// What does not happen by endpoints and peerings.
const (
	endpointNote = "the region's services answer every VPC at its router, with or without an endpoint; policies are not evaluated"
	peeringNote  = "rules of security groups name the other side by its blocks, not by its groups"
)

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	return slices.Concat(s.networkRoutes(), s.guardRoutes(), s.reachRoutes(), s.accountRoutes())
}

// networkRoutes are those of VPCs, subnets, route tables and gateways.
func (s *Service) networkRoutes() []api.Route {
	return []api.Route{
		write(s, ec2api.CreateVpc, createVpc).Limited("an IPv6 block is kept and given back; packets are IPv4"),
		write(s, ec2api.DeleteVpc, deleteVpc),
		read(s, ec2api.DescribeVpcs, describeVpcs),
		read(s, ec2api.DescribeVpcAttribute, describeVpcAttribute),
		write(s, ec2api.ModifyVpcAttribute, modifyVpcAttribute),
		write(s, ec2api.AssociateVpcCidrBlock, associateVpcCidrBlock),
		write(s, ec2api.DisassociateVpcCidrBlock, disassociateVpcCidrBlock),
		write(s, ec2api.ModifyVpcTenancy, modifyVpcTenancy),
		write(s, ec2api.CreateDefaultVpc, createDefaultVpc),
		write(s, ec2api.CreateDhcpOptions, createDhcpOptions).StoredOnly("a VPC's resolver and names stay the region's own"),
		write(s, ec2api.DeleteDhcpOptions, deleteDhcpOptions),
		read(s, ec2api.DescribeDhcpOptions, describeDhcpOptions),
		write(s, ec2api.AssociateDhcpOptions, associateDhcpOptions).StoredOnly("a VPC's resolver and names stay the region's own"),

		write(s, ec2api.CreateSubnet, createSubnet).Limited("an IPv6 block is kept and given back; packets are IPv4"),
		write(s, ec2api.CreateDefaultSubnet, createDefaultSubnet),
		write(s, ec2api.AssociateSubnetCidrBlock, associateSubnetCidrBlock).StoredOnly("packets are IPv4"),
		write(s, ec2api.DisassociateSubnetCidrBlock, disassociateSubnetCidrBlock).StoredOnly("packets are IPv4"),
		write(s, ec2api.DeleteSubnet, deleteSubnet),
		read(s, ec2api.DescribeSubnets, describeSubnets),
		write(s, ec2api.ModifySubnetAttribute, modifySubnetAttribute),

		write(s, ec2api.CreateRouteTable, createRouteTable),
		write(s, ec2api.DeleteRouteTable, deleteRouteTable),
		read(s, ec2api.DescribeRouteTables, describeRouteTables),
		write(s, ec2api.AssociateRouteTable, associateRouteTable),
		write(s, ec2api.DisassociateRouteTable, disassociateRouteTable),
		write(s, ec2api.ReplaceRouteTableAssociation, replaceRouteTableAssociation),
		write(s, ec2api.CreateRoute, createRoute).Limited("to internet gateways, NAT gateways and VPC peering connections; IPv6 routes are kept and given back"),
		write(s, ec2api.ReplaceRoute, replaceRoute),
		write(s, ec2api.DeleteRoute, deleteRoute),

		write(s, ec2api.CreateInternetGateway, createInternetGateway),
		write(s, ec2api.DeleteInternetGateway, deleteInternetGateway),
		read(s, ec2api.DescribeInternetGateways, describeInternetGateways),
		write(s, ec2api.AttachInternetGateway, attachInternetGateway),
		write(s, ec2api.DetachInternetGateway, detachInternetGateway),

		write(s, ec2api.CreateEgressOnlyInternetGateway, createEgressOnlyInternetGateway).StoredOnly("packets are IPv4"),
		write(s, ec2api.DeleteEgressOnlyInternetGateway, deleteEgressOnlyInternetGateway).StoredOnly("packets are IPv4"),
		read(s, ec2api.DescribeEgressOnlyInternetGateways, describeEgressOnlyInternetGateways).StoredOnly("packets are IPv4"),

		write(s, ec2api.CreateNatGateway, createNatGateway).Limited("public and zonal, with one address; carries TCP and UDP"),
		write(s, ec2api.DeleteNatGateway, deleteNatGateway),
		read(s, ec2api.DescribeNatGateways, describeNatGateways),
	}
}

// guardRoutes are those of addresses, interfaces and what guards them.
func (s *Service) guardRoutes() []api.Route {
	return []api.Route{
		write(s, ec2api.AllocateAddress, allocateAddress),
		write(s, ec2api.ReleaseAddress, releaseAddress),
		write(s, ec2api.AssociateAddress, associateAddress),
		write(s, ec2api.DisassociateAddress, disassociateAddress),
		read(s, ec2api.DescribeAddresses, describeAddresses),
		read(s, ec2api.DescribeAddressesAttribute, describeAddressesAttribute),
		write(s, ec2api.ModifyAddressAttribute, modifyAddressAttribute).StoredOnly("the reverse name is not published"),
		write(s, ec2api.ResetAddressAttribute, resetAddressAttribute).StoredOnly("the reverse name is not published"),

		write(s, ec2api.CreateNetworkInterface, createNetworkInterface).Limited("secondary addresses are kept and given back; packets are carried for the primary one"),
		write(s, ec2api.DeleteNetworkInterface, deleteNetworkInterface),
		read(s, ec2api.DescribeNetworkInterfaces, describeNetworkInterfaces),
		read(s, ec2api.DescribeNetworkInterfaceAttribute, describeNetworkInterfaceAttribute),
		write(s, ec2api.ModifyNetworkInterfaceAttribute, modifyNetworkInterfaceAttribute).Limited("groups and description"),

		write(s, ec2api.AssignPrivateIpAddresses, assignPrivateIpAddresses).StoredOnly("packets are carried for the primary address"),
		write(s, ec2api.UnassignPrivateIpAddresses, unassignPrivateIpAddresses).StoredOnly("packets are carried for the primary address"),
		write(s, ec2api.AttachNetworkInterface, attachNetworkInterface).Limited("refused: there are no instances"),
		write(s, ec2api.DetachNetworkInterface, detachNetworkInterface).Limited("refused: attachments are those of services"),
		write(s, ec2api.ResetNetworkInterfaceAttribute, resetNetworkInterfaceAttribute).Limited("the source/destination check is always on"),

		write(s, ec2api.CreateSecurityGroup, createSecurityGroup),
		write(s, ec2api.DeleteSecurityGroup, deleteSecurityGroup),
		read(s, ec2api.DescribeSecurityGroups, describeSecurityGroups),
		write(s, ec2api.AuthorizeSecurityGroupIngress, authorizeSecurityGroupIngress),
		write(s, ec2api.AuthorizeSecurityGroupEgress, authorizeSecurityGroupEgress),
		write(s, ec2api.RevokeSecurityGroupIngress, revokeSecurityGroupIngress),
		write(s, ec2api.RevokeSecurityGroupEgress, revokeSecurityGroupEgress),
		write(s, ec2api.ModifySecurityGroupRules, modifySecurityGroupRules),
		write(s, ec2api.UpdateSecurityGroupRuleDescriptionsIngress, updateRuleDescriptionsIngress),
		write(s, ec2api.UpdateSecurityGroupRuleDescriptionsEgress, updateRuleDescriptionsEgress),
		read(s, ec2api.DescribeSecurityGroupRules, describeSecurityGroupRules),
		read(s, ec2api.DescribeSecurityGroupReferences, describeSecurityGroupReferences).Limited("a rule's group is of the rule's own VPC"),
		read(s, ec2api.DescribeStaleSecurityGroups, describeStaleSecurityGroups).Limited("a rule's group is of the rule's own VPC"),
		read(s, ec2api.GetSecurityGroupsForVpc, getSecurityGroupsForVpc),

		write(s, ec2api.CreateNetworkAcl, createNetworkAcl),
		write(s, ec2api.DeleteNetworkAcl, deleteNetworkAcl),
		read(s, ec2api.DescribeNetworkAcls, describeNetworkAcls),
		write(s, ec2api.CreateNetworkAclEntry, createNetworkAclEntry).Limited("what a NAT gateway carries is judged at the sender's subnet, not at the gateway's"),
		write(s, ec2api.ReplaceNetworkAclEntry, replaceNetworkAclEntry),
		write(s, ec2api.DeleteNetworkAclEntry, deleteNetworkAclEntry),
		write(s, ec2api.ReplaceNetworkAclAssociation, replaceNetworkAclAssociation),
	}
}

// reachRoutes are those of prefix lists, endpoints, peerings and flow logs.
func (s *Service) reachRoutes() []api.Route {
	return []api.Route{
		write(s, ec2api.CreateManagedPrefixList, createManagedPrefixList),
		write(s, ec2api.ModifyManagedPrefixList, modifyManagedPrefixList),
		write(s, ec2api.RestoreManagedPrefixListVersion, restoreManagedPrefixListVersion),
		write(s, ec2api.DeleteManagedPrefixList, deleteManagedPrefixList),
		read(s, ec2api.DescribeManagedPrefixLists, describeManagedPrefixLists),
		read(s, ec2api.GetManagedPrefixListEntries, getManagedPrefixListEntries),
		read(s, ec2api.DescribePrefixLists, describePrefixLists),

		write(s, ec2api.CreateVpcEndpoint, createVpcEndpoint).StoredOnly(endpointNote),
		write(s, ec2api.ModifyVpcEndpoint, modifyVpcEndpoint).StoredOnly(endpointNote),
		write(s, ec2api.DeleteVpcEndpoints, deleteVpcEndpoints),
		read(s, ec2api.DescribeVpcEndpoints, describeVpcEndpoints),
		read(s, ec2api.DescribeVpcEndpointServices, describeVpcEndpointServices),

		write(s, ec2api.CreateVpcPeeringConnection, createVpcPeeringConnection).Limited(peeringNote),
		write(s, ec2api.AcceptVpcPeeringConnection, acceptVpcPeeringConnection),
		write(s, ec2api.RejectVpcPeeringConnection, rejectVpcPeeringConnection),
		write(s, ec2api.DeleteVpcPeeringConnection, deleteVpcPeeringConnection),
		write(s, ec2api.ModifyVpcPeeringConnectionOptions, modifyVpcPeeringConnectionOptions).StoredOnly("names of the other side are not resolved"),
		read(s, ec2api.DescribeVpcPeeringConnections, describeVpcPeeringConnections),

		write(s, ec2api.CreateFlowLogs, createFlowLogs).StoredOnly("no records are written"),
		write(s, ec2api.DeleteFlowLogs, deleteFlowLogs),
		read(s, ec2api.DescribeFlowLogs, describeFlowLogs),
	}
}

// accountRoutes are those of tags and of the account.
func (s *Service) accountRoutes() []api.Route {
	return []api.Route{
		write(s, ec2api.CreateTags, createTags),
		write(s, ec2api.DeleteTags, deleteTags),
		read(s, ec2api.DescribeTags, describeTags),

		read(s, ec2api.DescribeAvailabilityZones, describeAvailabilityZones),
		read(s, ec2api.DescribeRegions, describeRegions).Limited("the caller's own region"),
		read(s, ec2api.DescribeAccountAttributes, describeAccountAttributes),
		read(s, ec2api.DescribeInstances, describeInstances).Limited("there are no instances"),
	}
}
