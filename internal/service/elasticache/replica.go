package elasticache

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
	"apex/internal/store"
)

// primary is the member that is named the primary, counted from 1.
func (c Cache) primary() int64 { return max(c.Spec.Primary, 1) }

// role names what a member is.
func (c Cache) role(n int64) string {
	if n == c.primary() {
		return "primary"
	}
	return "replica"
}

// promote makes another member the primary. The one server starts anew, as what
// clients see of a fail-over.
func (c *Cache) promote(id string) error {
	for n := range c.Spec.Members {
		if memberID(c.ID(), n+1) != strings.ToLower(id) {
			continue
		}
		if c.Spec.AutoFailover {
			return combination("Cannot promote a replica while automatic failover is enabled; use TestFailover")
		}
		if n+1 != c.primary() {
			c.Spec.Primary = n + 1
			c.Spec.Reboots++
		}
		return nil
	}
	return elasticacheapi.NewCacheClusterNotFoundFault("CacheCluster not found: %s", id)
}

// testFailover makes the next member the primary.
func (s *Service) testFailover(ctx context.Context, call *api.Call, in *elasticacheapi.TestFailoverMessage) (*elasticacheapi.TestFailoverResult, error) {
	c, err := s.changeGroup(ctx, call, *in.ReplicationGroupId, func(_ *store.Tx, c *Cache) error {
		switch {
		case *in.NodeGroupId != nodeGroupID:
			return elasticacheapi.NewNodeGroupNotFoundFault("Node group %s not found in replication group %s.", *in.NodeGroupId, c.ID())
		case !c.Spec.AutoFailover || c.Spec.Members < 2:
			return combination("Automatic failover is not enabled for replication group %s, or it has no replica.", c.ID())
		case state(*c) != stateAvailable:
			return elasticacheapi.NewInvalidReplicationGroupStateFault("Replication group %s is in state %s", c.ID(), state(*c))
		}
		c.Spec.Primary = c.primary()%c.Spec.Members + 1
		c.Spec.Reboots++
		return nil
	})
	return &elasticacheapi.TestFailoverResult{ReplicationGroup: c}, err
}

// changeUserGroups changes the groups whose users may connect.
func (c *Cache) changeUserGroups(in *elasticacheapi.ModifyReplicationGroupMessage) error {
	remove := lower(in.UserGroupIdsToRemove)
	if api.Val(in.RemoveUserGroups) {
		remove = c.Spec.UserGroups
	}
	groups := slices.DeleteFunc(slices.Clone(c.Spec.UserGroups), func(id string) bool { return slices.Contains(remove, id) })
	for _, id := range lower(in.UserGroupIdsToAdd) {
		if !slices.Contains(groups, id) {
			groups = append(groups, id)
		}
	}
	if !slices.Equal(groups, c.Spec.UserGroups) {
		c.Spec.UserGroups = groups
		c.Spec.Change++
	}
	return nil
}

func (s *Service) increaseReplicas(ctx context.Context, call *api.Call, in *elasticacheapi.IncreaseReplicaCountMessage) (*elasticacheapi.IncreaseReplicaCountResult, error) {
	c, err := s.setReplicas(ctx, call, *in.ReplicationGroupId, in.NewReplicaCount)
	return &elasticacheapi.IncreaseReplicaCountResult{ReplicationGroup: c}, err
}

func (s *Service) decreaseReplicas(ctx context.Context, call *api.Call, in *elasticacheapi.DecreaseReplicaCountMessage) (*elasticacheapi.DecreaseReplicaCountResult, error) {
	c, err := s.setReplicas(ctx, call, *in.ReplicationGroupId, in.NewReplicaCount)
	return &elasticacheapi.DecreaseReplicaCountResult{ReplicationGroup: c}, err
}

func (s *Service) setReplicas(ctx context.Context, call *api.Call, id string, count *int64) (*elasticacheapi.ReplicationGroup, error) {
	if count == nil {
		return nil, invalid("NewReplicaCount is missing: naming the replicas to add or remove is not built")
	}
	if *count < 0 || *count > 5 {
		return nil, invalid("NewReplicaCount must be between 0 and 5")
	}
	return s.changeGroup(ctx, call, id, func(tx *store.Tx, c *Cache) error {
		if c.Spec.AutoFailover && *count == 0 {
			return combination("A replication group with automatic failover needs a replica")
		}
		g, err := findSubnetGroup(tx, scopeOf(call), c.Spec.SubnetGroup)
		if err != nil {
			return err
		}
		deleteNames(tx, *c)
		c.Spec.Members = *count + 1
		c.Spec.Primary = min(c.primary(), c.Spec.Members)
		if _, c.Spec.Zones, err = place(tx, scopeOf(call), g, nil, c.Spec.Members); err != nil {
			return err
		}
		putNames(tx, *c)
		return nil
	})
}
