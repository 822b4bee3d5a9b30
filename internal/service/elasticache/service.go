package elasticache

import (
	"context"
	"path/filepath"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
	"apex/internal/arn"
	"apex/internal/dataplane/redis"
	"apex/internal/service"
	"apex/internal/service/meter"
)

// A Service serves ElastiCache.
type Service struct {
	env    service.Env
	engine atomic.Pointer[redis.Engine] // set once a controller has found it
	meter  meter.Memory[redis.Figures]
}

// New returns the service of a region.
func New(env service.Env) *Service { return &Service{env: env} }

// Stop ends every server of this home, and keeps the data.
func (s *Service) Stop(ctx context.Context) error {
	dirs, err := filepath.Glob(filepath.Join(s.env.Home, "elasticache", "*"))
	if err != nil {
		return err
	}
	var all errgroup.Group
	for _, dir := range dirs {
		all.Go(func() error { return redis.Stop(ctx, dir) })
	}
	return all.Wait()
}

// Routes binds the operations.
func (s *Service) Routes() []api.Route {
	const oneNode = "one server: replicas, encryption and log delivery are kept and given back only; no snapshot is made by itself"
	return []api.Route{
		elasticacheapi.CreateReplicationGroup.Handle(s.createGroup).Limited(oneNode),
		elasticacheapi.DescribeReplicationGroups.Handle(s.describeGroups),
		elasticacheapi.ModifyReplicationGroup.Handle(s.modifyGroup).Limited(oneNode),
		elasticacheapi.DeleteReplicationGroup.Handle(s.deleteGroup),
		elasticacheapi.IncreaseReplicaCount.Handle(s.increaseReplicas).StoredOnly("replicas are listed only"),
		elasticacheapi.DecreaseReplicaCount.Handle(s.decreaseReplicas).StoredOnly("replicas are listed only"),
		elasticacheapi.TestFailover.Handle(s.testFailover).Limited("the one server starts anew, and another member is named the primary"),
		elasticacheapi.ModifyReplicationGroupShardConfiguration.Handle(s.modifyShards).Limited("refused: there is one shard"),
		elasticacheapi.DescribeGlobalReplicationGroups.Handle(s.describeGlobals).Limited("there are none"),
		elasticacheapi.CreateServerlessCache.Handle(s.createServerless).Limited("refused: serverless caches are not built"),
		elasticacheapi.DescribeServerlessCaches.Handle(s.describeServerless).Limited("there are none"),

		elasticacheapi.CreateUser.Handle(s.createUser).Limited("a user that authenticates by IAM cannot connect"),
		elasticacheapi.DescribeUsers.Handle(s.describeUsers),
		elasticacheapi.ModifyUser.Handle(s.modifyUser),
		elasticacheapi.DeleteUser.Handle(s.deleteUser),
		elasticacheapi.CreateUserGroup.Handle(s.createUserGroup),
		elasticacheapi.DescribeUserGroups.Handle(s.describeUserGroups),
		elasticacheapi.ModifyUserGroup.Handle(s.modifyUserGroup),
		elasticacheapi.DeleteUserGroup.Handle(s.deleteUserGroup),

		elasticacheapi.CreateSnapshot.Handle(s.createSnapshot),
		elasticacheapi.CopySnapshot.Handle(s.copySnapshot).Limited("not to S3"),
		elasticacheapi.DescribeSnapshots.Handle(s.describeSnapshots),
		elasticacheapi.DeleteSnapshot.Handle(s.deleteSnapshot),

		elasticacheapi.CreateCacheCluster.Handle(s.createCluster).Limited("redis or valkey with one node"),
		elasticacheapi.DescribeCacheClusters.Handle(s.describeClusters),
		elasticacheapi.ModifyCacheCluster.Handle(s.modifyCluster),
		elasticacheapi.DeleteCacheCluster.Handle(s.deleteCluster),
		elasticacheapi.RebootCacheCluster.Handle(s.rebootCluster),

		elasticacheapi.CreateCacheSubnetGroup.Handle(s.createSubnetGroup),
		elasticacheapi.DescribeCacheSubnetGroups.Handle(s.describeSubnetGroups),
		elasticacheapi.ModifyCacheSubnetGroup.Handle(s.modifySubnetGroup),
		elasticacheapi.DeleteCacheSubnetGroup.Handle(s.deleteSubnetGroup),

		elasticacheapi.CreateCacheParameterGroup.Handle(s.createParameterGroup),
		elasticacheapi.DescribeCacheParameterGroups.Handle(s.describeParameterGroups),
		elasticacheapi.DescribeCacheParameters.Handle(s.describeParameters),
		elasticacheapi.ModifyCacheParameterGroup.Handle(s.modifyParameterGroup).Limited("parameters marked so in the catalogue reach the server, the others are kept"),
		elasticacheapi.ResetCacheParameterGroup.Handle(s.resetParameterGroup),
		elasticacheapi.DeleteCacheParameterGroup.Handle(s.deleteParameterGroup),
		elasticacheapi.DescribeEngineDefaultParameters.Handle(s.describeEngineDefaults),

		elasticacheapi.DescribeCacheEngineVersions.Handle(s.describeEngineVersions),
		elasticacheapi.ListAllowedNodeTypeModifications.Handle(s.listNodeTypes),
		elasticacheapi.DescribeCacheSecurityGroups.Handle(s.describeSecurityGroups).Limited("there are none: EC2-Classic is retired"),
		elasticacheapi.DescribeReservedCacheNodes.Handle(s.describeReserved).Limited("there are none"),
		elasticacheapi.DescribeEvents.Handle(s.describeEvents).Limited("always empty"),
		elasticacheapi.DescribeServiceUpdates.Handle(s.describeUpdates).Limited("there are none"),
		elasticacheapi.DescribeUpdateActions.Handle(s.describeUpdateActions).Limited("there are none"),

		elasticacheapi.AddTagsToResource.Handle(s.addTags),
		elasticacheapi.RemoveTagsFromResource.Handle(s.removeTags),
		elasticacheapi.ListTagsForResource.Handle(s.listTags),
	}
}

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }
