package elasticache

import (
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
	"apex/internal/arn"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

// A modification holds what the changes of a group and of a cluster have in
// common.
type modification struct {
	nodeType, version     *string
	immediately           bool
	token                 *string
	strategy              string
	parameterGroup        *string
	groupIDs              []string
	maintenance, snapshot *string
	retention             *int64
	minorUpgrade          *bool
	topic, topicStatus    *string
	engine                *string
	logs                  []elasticacheapi.LogDeliveryConfigurationRequest
}

func (s *Service) modify(tx *store.Tx, call *api.Call, c *Cache, m modification) error {
	z := c.Spec.wanted()
	set(&z.NodeType, m.nodeType)
	if m.version != nil {
		v, err := findVersion(api.Or(m.engine, c.Spec.EngineName()), *m.version)
		if err != nil {
			return err
		}
		z.EngineVersion = v.full
		c.Spec.Engine = v.engine
	}
	if _, err := findNodeType(z.NodeType); err != nil {
		return err
	}
	c.Spec.resize(z, m.immediately, call.Now.UTC())
	if m.maintenance != nil {
		c.Spec.MaintenanceWindow = strings.ToLower(*m.maintenance)
	}
	set(&c.Spec.SnapshotWindow, m.snapshot)
	set(&c.Spec.SnapshotRetention, m.retention)
	set(&c.Spec.AutoMinorUpgrade, m.minorUpgrade)
	set(&c.Spec.TopicARN, m.topic)
	set(&c.Spec.TopicStatus, m.topicStatus)
	c.Spec.Logs = withLogs(c.Spec.Logs, m.logs)
	if m.parameterGroup != nil {
		c.Spec.ParameterGroup = strings.ToLower(*m.parameterGroup)
		c.Spec.Change++
	}
	if err := s.setToken(c, m.token, m.strategy, call.Now); err != nil {
		return err
	}
	if err := setGroups(tx, c, m.groupIDs); err != nil {
		return err
	}
	return checkCache(tx, *c)
}

// set replaces a value by one that is given.
func set[T any](value *T, given *T) {
	if given != nil {
		*value = *given
	}
}

// setGroups changes the security groups of the cache's interface.
func setGroups(tx *store.Tx, c *Cache, ids []string) error {
	if len(ids) == 0 || slices.Equal(ids, c.Spec.GroupIDs) {
		return nil
	}
	scope, _ := arn.SplitKey(c.Key)
	for _, id := range ids {
		if g, ok := ec2.SecurityGroups.Get(tx, scope.Key(id)); !ok || g.Spec.VPCID != c.Spec.VPCID {
			return invalid("Some security groups are invalid: [%s]", id)
		}
	}
	c.Spec.GroupIDs = slices.Clone(ids)
	ec2.NetworkInterfaces.Modify(tx, scope.Key(c.Spec.InterfaceID), func(n *ec2.NetworkInterface) {
		n.Spec.GroupIDs = slices.Clone(ids)
	})
	return nil
}

// windowOr is the maintenance window asked for, or one of ours.
func windowOr(given *string) string { return strings.ToLower(api.Or(given, "sun:05:00-sun:06:00")) }
