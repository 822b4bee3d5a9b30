package ec2

import (
	"context"
	"path/filepath"
	"strconv"
	"sync"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/dataplane/vnet"
	"apex/internal/service"
)

// A Service answers the API and runs the VPCs.
type Service struct {
	env     service.Env
	network *vnet.Network
	runDir  string
	uplink  string
	turns   turns
}

// New returns the service.
func New(env service.Env) *Service { return newService(env, "") }

// newService takes the namespace that is to be the internet; empty is the host.
func newService(env service.Env, uplink string) *Service {
	runDir := filepath.Join(env.Home, "run", "vnet")
	network := vnet.Open(vnet.Options{
		Hash: env.Hash, RunDir: runDir, Executable: env.Executable, Uplink: uplink,
		Endpoint: "127.0.0.1:" + strconv.Itoa(env.Port), Metadata: filepath.Join(env.Home, "run", "metadata.sock"),
	})
	return &Service{env: env, network: network, runDir: runDir, uplink: uplink, turns: turns{byKey: map[string]*sync.Mutex{}}}
}

// Stop ends the agents and removes every namespace of this home. The next start
// builds all of it again.
func (s *Service) Stop(ctx context.Context) error {
	if err := s.network.Close(); err != nil {
		return err
	}
	return vnet.Sweep(ctx, s.env.Hash, s.runDir)
}

// turns gives out one lock for each key.
type turns struct {
	mu    sync.Mutex
	byKey map[string]*sync.Mutex
}

func (t *turns) of(key string) *sync.Mutex {
	t.mu.Lock()
	defer t.mu.Unlock()
	m, ok := t.byKey[key]
	if !ok {
		m = new(sync.Mutex)
		t.byKey[key] = m
	}
	return m
}

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	return []api.Route{
		write(s, ec2api.CreateVpc, createVpc),
		write(s, ec2api.DeleteVpc, deleteVpc),
		read(s, ec2api.DescribeVpcs, describeVpcs),
		read(s, ec2api.DescribeVpcAttribute, describeVpcAttribute),
		write(s, ec2api.ModifyVpcAttribute, modifyVpcAttribute),
		write(s, ec2api.AssociateVpcCidrBlock, associateVpcCidrBlock),
		write(s, ec2api.DisassociateVpcCidrBlock, disassociateVpcCidrBlock),
		read(s, ec2api.DescribeDhcpOptions, describeDhcpOptions),

		write(s, ec2api.CreateSubnet, createSubnet),
		write(s, ec2api.DeleteSubnet, deleteSubnet),
		read(s, ec2api.DescribeSubnets, describeSubnets),
		write(s, ec2api.ModifySubnetAttribute, modifySubnetAttribute),

		write(s, ec2api.CreateRouteTable, createRouteTable),
		write(s, ec2api.DeleteRouteTable, deleteRouteTable),
		read(s, ec2api.DescribeRouteTables, describeRouteTables),
		write(s, ec2api.AssociateRouteTable, associateRouteTable),
		write(s, ec2api.DisassociateRouteTable, disassociateRouteTable),
		write(s, ec2api.ReplaceRouteTableAssociation, replaceRouteTableAssociation),
		write(s, ec2api.CreateRoute, createRoute),
		write(s, ec2api.ReplaceRoute, replaceRoute),
		write(s, ec2api.DeleteRoute, deleteRoute),

		write(s, ec2api.CreateInternetGateway, createInternetGateway),
		write(s, ec2api.DeleteInternetGateway, deleteInternetGateway),
		read(s, ec2api.DescribeInternetGateways, describeInternetGateways),
		write(s, ec2api.AttachInternetGateway, attachInternetGateway),
		write(s, ec2api.DetachInternetGateway, detachInternetGateway),

		write(s, ec2api.AllocateAddress, allocateAddress),
		write(s, ec2api.ReleaseAddress, releaseAddress),
		write(s, ec2api.AssociateAddress, associateAddress),
		write(s, ec2api.DisassociateAddress, disassociateAddress),
		read(s, ec2api.DescribeAddresses, describeAddresses),
		read(s, ec2api.DescribeAddressesAttribute, describeAddressesAttribute),
		write(s, ec2api.ModifyAddressAttribute, modifyAddressAttribute).StoredOnly("the reverse name is not published"),
		write(s, ec2api.ResetAddressAttribute, resetAddressAttribute).StoredOnly("the reverse name is not published"),

		write(s, ec2api.CreateNatGateway, createNatGateway).Limited("public and zonal, with one address; carries TCP and UDP"),
		write(s, ec2api.DeleteNatGateway, deleteNatGateway),
		read(s, ec2api.DescribeNatGateways, describeNatGateways),

		write(s, ec2api.CreateNetworkInterface, createNetworkInterface).Limited("one IPv4 address"),
		write(s, ec2api.DeleteNetworkInterface, deleteNetworkInterface),
		read(s, ec2api.DescribeNetworkInterfaces, describeNetworkInterfaces),
		read(s, ec2api.DescribeNetworkInterfaceAttribute, describeNetworkInterfaceAttribute),
		write(s, ec2api.ModifyNetworkInterfaceAttribute, modifyNetworkInterfaceAttribute).Limited("groups and description"),

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

		read(s, ec2api.DescribeNetworkAcls, describeNetworkAcls).StoredOnly("each VPC's default ACL is shown; security groups alone decide"),

		write(s, ec2api.CreateTags, createTags),
		write(s, ec2api.DeleteTags, deleteTags),
		read(s, ec2api.DescribeTags, describeTags),

		read(s, ec2api.DescribeAvailabilityZones, describeAvailabilityZones),
		read(s, ec2api.DescribeRegions, describeRegions).Limited("the caller's own region"),
		read(s, ec2api.DescribeAccountAttributes, describeAccountAttributes),
		read(s, ec2api.DescribeInstances, describeInstances).Limited("there are no instances"),
	}
}
