package rds

import (
	"context"
	"crypto/rand"
	"net/netip"
	"strings"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

// createMember makes an instance of a cluster; the first is the one that writes.
func (s *Service) createMember(ctx context.Context, call *api.Call, in *rdsapi.CreateDBInstanceMessage) (*rdsapi.CreateDBInstanceResult, error) {
	id, err := checkID(*in.DBInstanceIdentifier)
	if err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	scope := scopeOf(call)
	i := Instance{Key: scope.Key(id)}
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := Instances.Get(tx, i.Key); ok {
			return rdsapi.NewDBInstanceAlreadyExistsFault("DB instance already exists")
		}
		c, err := findCluster(tx, scope, *in.DBClusterIdentifier)
		if err != nil {
			return err
		}
		if is := clusterState(c); is != stateAvailable {
			return rdsapi.NewInvalidDBClusterStateFault("Cluster %s is not available: it is %s.", c.ID(), is)
		}
		if c.Spec.Engine != *in.Engine {
			return combination("The engine %s of the instance is not that of its cluster, %s.", *in.Engine, c.Spec.Engine)
		}
		o, _, err := findOffer(c.Spec.Engine, c.Spec.Version)
		if err != nil {
			return err
		}
		i.Spec = InstanceSpec{
			ResourceID: "db-" + rand.Text(), Engine: o.engine, ParameterGroup: strings.ToLower(api.Or(in.DBParameterGroupName, o.parameterGroup())),
			OptionGroup: o.optionGroup(), Sizing: newSizing(in, c.Spec.Version), Settings: newSettings(in, o), CreatedAt: call.Now.UTC(), Tags: tags, Change: 1,
		}
		i.Spec.join(c)
		i.Spec.PromotionTier = api.Or(in.PromotionTier, 1)
		if _, ok := classMemory(i.Spec.Class); !ok {
			return invalid("Invalid DB Instance class: %s", i.Spec.Class)
		}
		if err := checkSettings(i.Spec.Settings); err != nil {
			return err
		}
		if err := checkMemberships(tx, scope, i.Spec); err != nil {
			return err
		}
		if err := s.findKeys(tx, scope, &i.Spec.Settings, false); err != nil {
			return err
		}
		if err := connect(tx, scope, &i, api.Val(in.AvailabilityZone)); err != nil {
			return err
		}
		Instances.Put(tx, i)
		if c.Spec.Writer == "" {
			c.Spec.Writer = i.ID()
			Clusters.Put(tx, c)
		}
		putClusterNames(tx, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CreateDBInstanceResult{DBInstance: s.describe(s.env.Store.Snapshot(), scope, i, call.Now)}, nil
}

// leaveCluster marks a member as one to go, and lets another write if it did.
func leaveCluster(tx *store.Tx, scope arn.Scope, i *Instance) error {
	i.Spec.Deleted = true
	Instances.Put(tx, *i)
	c, err := findCluster(tx, scope, i.Spec.Cluster)
	if err != nil {
		return nil // it is gone, and its members with it
	}
	if c.Spec.Writer == i.ID() {
		c.Spec.Writer = c.next(tx, "")
		Clusters.Put(tx, c)
	}
	putClusterNames(tx, c)
	return nil
}

// putClusterNames makes all names of a cluster and of its members lead to the
// member that writes. Without one, or where no server runs, there are none.
func putClusterNames(tx *store.Tx, c Cluster) {
	scope, _ := arn.SplitKey(c.Key)
	dropClusterNames(tx, c)
	writer, ok := Instances.Get(tx, scope.Key(c.Spec.Writer))
	if !ok || !runs(c.Spec.Engine) {
		return
	}
	for _, name := range clusterNames(tx, c) {
		ec2.PutName(tx, scope, c.Spec.VPCID, name, []netip.Addr{writer.Spec.Address})
	}
}

func dropClusterNames(tx *store.Tx, c Cluster) {
	scope, _ := arn.SplitKey(c.Key)
	for _, name := range clusterNames(tx, c) {
		ec2.DeleteName(tx, scope, c.Spec.VPCID, name)
	}
}

func clusterNames(r store.Reader, c Cluster) []string {
	scope, id := arn.SplitKey(c.Key)
	names := append(customNames(r, c), clusterName(scope, id, "cluster"), clusterName(scope, id, "cluster-ro"))
	for _, i := range c.members(r) {
		if !i.Spec.Deleted {
			names = append(names, endpointName(scope, i.ID()))
		}
	}
	return names
}
