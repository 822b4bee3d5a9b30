package elasticache

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

func (s *Service) createSubnetGroup(ctx context.Context, call *api.Call, in *elasticacheapi.CreateCacheSubnetGroupMessage) (*elasticacheapi.CreateCacheSubnetGroupResult, error) {
	name, err := checkGroupName("CacheSubnetGroupName", *in.CacheSubnetGroupName)
	if err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	scope := scopeOf(call)
	g := SubnetGroup{Key: scope.Key(name), Spec: SubnetGroupSpec{Description: *in.CacheSubnetGroupDescription, SubnetIDs: in.SubnetIds, Tags: tags}}
	var out *elasticacheapi.CacheSubnetGroup
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := SubnetGroups.Get(tx, g.Key); ok {
			return elasticacheapi.NewCacheSubnetGroupAlreadyExistsFault("Cache subnet group %s already exists.", name)
		}
		if g.Spec.VPCID, err = checkSubnets(tx, scope, in.SubnetIds); err != nil {
			return err
		}
		SubnetGroups.Put(tx, g)
		out = describeSubnetGroup(tx, g)
		return nil
	})
	return &elasticacheapi.CreateCacheSubnetGroupResult{CacheSubnetGroup: out}, err
}

// checkSubnets returns the one VPC of the subnets.
func checkSubnets(r store.Reader, scope arn.Scope, ids []string) (vpcID string, err error) {
	for _, id := range ids {
		subnet, ok := ec2.Subnets.Get(r, scope.Key(id))
		if !ok {
			return "", elasticacheapi.NewInvalidSubnet("Some input subnets in :[%s] are invalid.", id)
		}
		if vpcID != "" && vpcID != subnet.Spec.VPCID {
			return "", elasticacheapi.NewInvalidSubnet("The subnets of a cache subnet group lie in one VPC")
		}
		vpcID = subnet.Spec.VPCID
	}
	if vpcID == "" {
		return "", invalid("The parameter SubnetIds must be provided.")
	}
	return vpcID, nil
}

func (s *Service) modifySubnetGroup(ctx context.Context, call *api.Call, in *elasticacheapi.ModifyCacheSubnetGroupMessage) (*elasticacheapi.ModifyCacheSubnetGroupResult, error) {
	var out *elasticacheapi.CacheSubnetGroup
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		g, err := findSubnetGroup(tx, scopeOf(call), *in.CacheSubnetGroupName)
		if err != nil {
			return err
		}
		set(&g.Spec.Description, in.CacheSubnetGroupDescription)
		if len(in.SubnetIds) > 0 {
			vpcID, err := checkSubnets(tx, scopeOf(call), in.SubnetIds)
			if err != nil {
				return err
			}
			if vpcID != g.Spec.VPCID {
				return elasticacheapi.NewInvalidSubnet("The subnets of a cache subnet group lie in one VPC")
			}
			g.Spec.SubnetIDs = in.SubnetIds
		}
		SubnetGroups.Put(tx, g)
		out = describeSubnetGroup(tx, g)
		return nil
	})
	return &elasticacheapi.ModifyCacheSubnetGroupResult{CacheSubnetGroup: out}, err
}

func (s *Service) deleteSubnetGroup(ctx context.Context, call *api.Call, in *elasticacheapi.DeleteCacheSubnetGroupMessage) (*elasticacheapi.DeleteCacheSubnetGroupOutput, error) {
	return nil, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		g, err := findSubnetGroup(tx, scopeOf(call), *in.CacheSubnetGroupName)
		if err != nil {
			return err
		}
		for _, c := range Caches.Prefix(tx, scopeOf(call).Prefix()) {
			if c.Spec.SubnetGroup == g.Name() {
				return elasticacheapi.NewCacheSubnetGroupInUse("Cache subnet group %s is currently in use by %s.", g.Name(), c.ID())
			}
		}
		SubnetGroups.Delete(tx, g.Key)
		return nil
	})
}

func (s *Service) describeSubnetGroups(_ context.Context, call *api.Call, in *elasticacheapi.DescribeCacheSubnetGroupsMessage) (*elasticacheapi.CacheSubnetGroupMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	find := func(id string) (SubnetGroup, error) { return findSubnetGroup(snap, scope, id) }
	all, err := service.OneOrAll(in.CacheSubnetGroupName, find, SubnetGroups.Prefix(snap, scope.Prefix()))
	if err != nil {
		return nil, err
	}
	some, marker, err := page(all, SubnetGroup.Name, in.MaxRecords, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &elasticacheapi.CacheSubnetGroupMessage{Marker: marker, CacheSubnetGroups: []elasticacheapi.CacheSubnetGroup{}}
	for _, g := range some {
		out.CacheSubnetGroups = append(out.CacheSubnetGroups, *describeSubnetGroup(snap, g))
	}
	return out, nil
}

func findSubnetGroup(r store.Reader, scope arn.Scope, given string) (SubnetGroup, error) {
	if name, err := checkGroupName("CacheSubnetGroupName", given); err == nil {
		if g, ok := SubnetGroups.Get(r, scope.Key(name)); ok {
			return g, nil
		}
	}
	return SubnetGroup{}, elasticacheapi.NewCacheSubnetGroupNotFoundFault("Cache Subnet Group %s does not exist.", given)
}

func describeSubnetGroup(r store.Reader, g SubnetGroup) *elasticacheapi.CacheSubnetGroup {
	scope, name := arn.SplitKey(g.Key)
	out := &elasticacheapi.CacheSubnetGroup{
		CacheSubnetGroupName: api.Ptr(name), CacheSubnetGroupDescription: api.Ptr(g.Spec.Description), VpcId: api.Ptr(g.Spec.VPCID),
		ARN: api.Ptr(scope.ARN("elasticache", kindSubnetGroup+":"+name)), SupportedNetworkTypes: []string{elasticacheapi.NetworkTypeIpv4},
	}
	for _, id := range g.Spec.SubnetIDs {
		subnet, _ := ec2.Subnets.Get(r, scope.Key(id)) // one that is gone has no zone
		out.Subnets = append(out.Subnets, elasticacheapi.Subnet{
			SubnetIdentifier: api.Ptr(id), SubnetAvailabilityZone: &elasticacheapi.AvailabilityZone{Name: api.Ptr(subnet.Spec.Zone)},
			SupportedNetworkTypes: []string{elasticacheapi.NetworkTypeIpv4},
		})
	}
	return out
}
