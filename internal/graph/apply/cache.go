package apply

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"

	"apex/internal/graph"
)

func (r *run) cacheSubnetGroup(ctx context.Context, v graph.CacheSubnetGroup) (fact, Phase, error) {
	want := r.ids(v.Subnets)
	out, err := r.elasticache.DescribeCacheSubnetGroups(ctx, &elasticache.DescribeCacheSubnetGroupsInput{CacheSubnetGroupName: &v.Name})
	var missing *types.CacheSubnetGroupNotFoundFault
	switch {
	case errors.As(err, &missing):
		_, err = r.elasticache.CreateCacheSubnetGroup(ctx, &elasticache.CreateCacheSubnetGroupInput{
			CacheSubnetGroupName: &v.Name, CacheSubnetGroupDescription: &v.Name, SubnetIds: want, Tags: r.cacheTags(v.ID),
		})
		return fact{ID: v.Name}, Created, err
	case err != nil:
		return fact{}, "", err
	}
	var have []string
	for _, s := range out.CacheSubnetGroups[0].Subnets {
		have = append(have, *s.SubnetIdentifier)
	}
	if sameSet(have, want) {
		return fact{ID: v.Name}, Unchanged, nil
	}
	_, err = r.elasticache.ModifyCacheSubnetGroup(ctx, &elasticache.ModifyCacheSubnetGroupInput{CacheSubnetGroupName: &v.Name, SubnetIds: want})
	return fact{ID: v.Name}, Updated, err
}

func (r *run) cacheTags(id graph.ID) (tags []types.Tag) {
	for k, v := range r.Graph.Tags(id) {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

func (r *run) cacheParameterGroup(ctx context.Context, v graph.CacheParameterGroup) (fact, Phase, error) {
	phase := Unchanged
	_, err := r.elasticache.DescribeCacheParameterGroups(ctx, &elasticache.DescribeCacheParameterGroupsInput{CacheParameterGroupName: &v.Name})
	var missing *types.CacheParameterGroupNotFoundFault
	if errors.As(err, &missing) {
		phase = Created
		_, err = r.elasticache.CreateCacheParameterGroup(ctx, &elasticache.CreateCacheParameterGroupInput{
			CacheParameterGroupName: &v.Name, CacheParameterGroupFamily: &v.Family, Description: &v.Name, Tags: r.cacheTags(v.ID),
		})
	}
	if err != nil {
		return fact{}, "", err
	}
	out, err := r.elasticache.DescribeCacheParameters(ctx, &elasticache.DescribeCacheParametersInput{CacheParameterGroupName: &v.Name})
	if err != nil {
		return fact{}, "", err
	}
	have := map[string]string{}
	for _, p := range out.Parameters {
		have[aws.ToString(p.ParameterName)] = aws.ToString(p.ParameterValue)
	}
	var change []types.ParameterNameValue
	for name, value := range v.Parameters {
		if have[name] != value {
			change = append(change, types.ParameterNameValue{ParameterName: &name, ParameterValue: &value})
		}
	}
	if len(change) == 0 {
		return fact{ID: v.Name}, phase, nil
	}
	if phase == Unchanged {
		phase = Updated
	}
	_, err = r.elasticache.ModifyCacheParameterGroup(ctx, &elasticache.ModifyCacheParameterGroupInput{CacheParameterGroupName: &v.Name, ParameterNameValues: change})
	return fact{ID: v.Name}, phase, err
}

// replicationGroup returns once the cache's address is known.
func (r *run) replicationGroup(ctx context.Context, v graph.ReplicationGroup, began time.Time) (fact, Phase, error) {
	have, err := r.findCache(ctx, v.Name)
	if err != nil {
		return fact{}, "", err
	}
	phase := Unchanged
	if have == nil {
		phase = Created
		err = r.createCache(ctx, v)
	} else if aws.ToString(have.CacheNodeType) != v.Node {
		phase = Updated
		_, err = r.elasticache.ModifyReplicationGroup(ctx, &elasticache.ModifyReplicationGroupInput{
			ReplicationGroupId: &v.Name, CacheNodeType: &v.Node, ApplyImmediately: aws.Bool(true),
		})
	}
	if err != nil {
		return fact{}, "", err
	}
	f := fact{ID: v.Name}
	return f, phase, r.wait(ctx, v, began, pollSlow, func() (bool, string, error) {
		group, err := r.findCache(ctx, v.Name)
		if err != nil {
			return false, "", err
		}
		if group == nil {
			return false, "", errGone
		}
		for _, node := range group.NodeGroups {
			if e := node.PrimaryEndpoint; e != nil && e.Address != nil {
				f.Host, f.Port, f.ARN = *e.Address, int(aws.ToInt32(e.Port)), aws.ToString(group.ARN)
				return true, "", nil
			}
		}
		return false, "status " + aws.ToString(group.Status), nil
	})
}

func (r *run) findCache(ctx context.Context, name string) (*types.ReplicationGroup, error) {
	out, err := r.elasticache.DescribeReplicationGroups(ctx, &elasticache.DescribeReplicationGroupsInput{ReplicationGroupId: &name})
	var missing *types.ReplicationGroupNotFoundFault
	if errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &out.ReplicationGroups[0], nil
}

func (r *run) createCache(ctx context.Context, v graph.ReplicationGroup) error {
	_, err := r.elasticache.CreateReplicationGroup(ctx, &elasticache.CreateReplicationGroupInput{
		ReplicationGroupId: &v.Name, ReplicationGroupDescription: &v.Name, Engine: aws.String("redis"), EngineVersion: &v.Version,
		CacheNodeType: &v.Node, NumCacheClusters: aws.Int32(1), AutomaticFailoverEnabled: aws.Bool(false),
		CacheSubnetGroupName: aws.String(r.fact(v.SubnetGroup).ID), CacheParameterGroupName: aws.String(r.fact(v.ParameterGroup).ID),
		SecurityGroupIds: r.ids(v.Groups), PreferredMaintenanceWindow: &v.MaintenanceWindow,
		AuthToken: aws.String(r.fact(v.Secret).Value["password"]), TransitEncryptionEnabled: aws.Bool(true), AtRestEncryptionEnabled: aws.Bool(true),
		Tags: r.cacheTags(v.ID),
	})
	return err
}
