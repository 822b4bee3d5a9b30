package rds

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

func (s *Service) createSubnetGroup(ctx context.Context, call *api.Call, in *rdsapi.CreateDBSubnetGroupMessage) (*rdsapi.CreateDBSubnetGroupResult, error) {
	name, err := checkGroupName("DBSubnetGroupName", *in.DBSubnetGroupName)
	if err != nil {
		return nil, err
	}
	if name == "default" {
		return nil, invalid("The parameter DBSubnetGroupName must not be default")
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	scope := scopeOf(call)
	g := SubnetGroup{Key: scope.Key(name), Spec: SubnetGroupSpec{Description: *in.DBSubnetGroupDescription, SubnetIDs: in.SubnetIds, Tags: tags}}
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := SubnetGroups.Get(tx, g.Key); ok {
			return rdsapi.NewDBSubnetGroupAlreadyExistsFault("The DB subnet group %s already exists.", name)
		}
		if g.Spec.VPCID, err = checkSubnets(tx, scope, in.SubnetIds); err != nil {
			return err
		}
		SubnetGroups.Put(tx, g)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CreateDBSubnetGroupResult{DBSubnetGroup: describeSubnetGroup(s.env.Store.Snapshot(), scope, g)}, nil
}

// checkSubnets returns the VPC of subnets that lie in two zones or more.
func checkSubnets(r store.Reader, scope arn.Scope, ids []string) (vpcID string, err error) {
	zones := map[string]bool{}
	for _, id := range ids {
		subnet, ok := ec2.Subnets.Get(r, scope.Key(id))
		if !ok {
			return "", rdsapi.NewInvalidSubnet("Some input subnets in :[%s] are invalid.", id)
		}
		if vpcID != "" && vpcID != subnet.Spec.VPCID {
			return "", rdsapi.NewInvalidSubnet("The new Subnets are not in the same Vpc as the existing subnet group")
		}
		vpcID = subnet.Spec.VPCID
		zones[subnet.Spec.Zone] = true
	}
	if len(zones) < 2 {
		return "", rdsapi.NewDBSubnetGroupDoesNotCoverEnoughAZs(
			"The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: %d. Add subnets to cover at least 2 AZs.", len(zones))
	}
	return vpcID, nil
}

func (s *Service) modifySubnetGroup(ctx context.Context, call *api.Call, in *rdsapi.ModifyDBSubnetGroupMessage) (*rdsapi.ModifyDBSubnetGroupResult, error) {
	scope := scopeOf(call)
	var g SubnetGroup
	err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if g, err = findSubnetGroup(tx, scope, *in.DBSubnetGroupName); err != nil {
			return err
		}
		vpcID, err := checkSubnets(tx, scope, in.SubnetIds)
		if err != nil {
			return err
		}
		if vpcID != g.Spec.VPCID {
			return rdsapi.NewInvalidSubnet("The new Subnets are not in the same Vpc as the existing subnet group")
		}
		g.Spec.SubnetIDs = in.SubnetIds
		g.Spec.Description = api.Or(in.DBSubnetGroupDescription, g.Spec.Description)
		SubnetGroups.Put(tx, g)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.ModifyDBSubnetGroupResult{DBSubnetGroup: describeSubnetGroup(s.env.Store.Snapshot(), scope, g)}, nil
}

func (s *Service) deleteSubnetGroup(ctx context.Context, call *api.Call, in *rdsapi.DeleteDBSubnetGroupMessage) (*rdsapi.DeleteDBSubnetGroupOutput, error) {
	return nil, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		g, err := findSubnetGroup(tx, scopeOf(call), *in.DBSubnetGroupName)
		if err != nil {
			return err
		}
		for _, i := range Instances.Prefix(tx, scopeOf(call).Prefix()) {
			if i.Spec.SubnetGroup == g.Name() {
				return rdsapi.NewInvalidDBSubnetGroupStateFault("Cannot delete the subnet group '%s' because at least one database instance: %s is still using it.", g.Name(), i.ID())
			}
		}
		for _, c := range Clusters.Prefix(tx, scopeOf(call).Prefix()) {
			if c.Spec.SubnetGroup == g.Name() {
				return rdsapi.NewInvalidDBSubnetGroupStateFault("Cannot delete the subnet group '%s' because at least one database cluster: %s is still using it.", g.Name(), c.ID())
			}
		}
		SubnetGroups.Delete(tx, g.Key)
		return nil
	})
}

func (s *Service) describeSubnetGroups(_ context.Context, call *api.Call, in *rdsapi.DescribeDBSubnetGroupsMessage) (*rdsapi.DBSubnetGroupMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	find := func(id string) (SubnetGroup, error) { return findSubnetGroup(snap, scope, id) }
	all, err := service.OneOrAll(in.DBSubnetGroupName, find, SubnetGroups.Prefix(snap, scope.Prefix()))
	if err != nil {
		return nil, err
	}
	some, marker, err := page(all, SubnetGroup.Name, in.MaxRecords, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &rdsapi.DBSubnetGroupMessage{Marker: marker, DBSubnetGroups: []rdsapi.DBSubnetGroup{}}
	for _, g := range some {
		out.DBSubnetGroups = append(out.DBSubnetGroups, *describeSubnetGroup(snap, scope, g))
	}
	return out, nil
}

func findSubnetGroup(r store.Reader, scope arn.Scope, given string) (SubnetGroup, error) {
	if name, err := checkGroupName("DBSubnetGroupName", given); err == nil {
		if g, ok := SubnetGroups.Get(r, scope.Key(name)); ok {
			return g, nil
		}
	}
	return SubnetGroup{}, rdsapi.NewDBSubnetGroupNotFoundFault("DB subnet group '%s' does not exist.", given)
}

func describeSubnetGroup(r store.Reader, scope arn.Scope, g SubnetGroup) *rdsapi.DBSubnetGroup {
	out := &rdsapi.DBSubnetGroup{
		DBSubnetGroupName: api.Ptr(g.Name()), DBSubnetGroupDescription: api.Ptr(g.Spec.Description),
		VpcId: api.Ptr(g.Spec.VPCID), SubnetGroupStatus: api.Ptr("Complete"),
		DBSubnetGroupArn:      api.Ptr(arnOf(scope, kindSubnetGroup, g.Name())),
		SupportedNetworkTypes: []string{"IPV4"},
	}
	for _, id := range g.Spec.SubnetIDs {
		subnet, _ := ec2.Subnets.Get(r, scope.Key(id)) // one that is gone has no zone
		out.Subnets = append(out.Subnets, rdsapi.Subnet{
			SubnetIdentifier: api.Ptr(id), SubnetStatus: api.Ptr("Active"),
			SubnetAvailabilityZone: &rdsapi.AvailabilityZone{Name: api.Ptr(subnet.Spec.Zone)}, SubnetOutpost: &rdsapi.Outpost{},
		})
	}
	return out
}
