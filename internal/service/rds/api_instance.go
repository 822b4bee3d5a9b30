package rds

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func findInstance(r store.Reader, scope arn.Scope, given string) (Instance, error) {
	if i, ok := Instances.Get(r, scope.Key(strings.ToLower(given))); ok {
		return i, nil
	}
	return Instance{}, rdsapi.NewDBInstanceNotFoundFault("DBInstance %s not found.", given)
}

func (s *Service) describeInstances(_ context.Context, call *api.Call, in *rdsapi.DescribeDBInstancesMessage) (*rdsapi.DBInstanceMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	if in.DBInstanceIdentifier != nil {
		id := *in.DBInstanceIdentifier
		if _, key, ok := resource(id); ok {
			id = idOf(key)
		}
		i, err := findInstance(snap, scope, id)
		if err != nil {
			return nil, err
		}
		return &rdsapi.DBInstanceMessage{DBInstances: []rdsapi.DBInstance{*s.describe(snap, scope, i, call.Now)}}, nil
	}
	var all []Instance
	for _, i := range Instances.Prefix(snap, scope.Prefix()) {
		all = append(all, i)
	}
	all, err := filtered(all, in.Filters, func(i Instance, name string) ([]string, bool) {
		switch name {
		case "db-instance-id":
			return []string{i.ID(), arnOf(scope, kindInstance, i.ID())}, true
		case "dbi-resource-id":
			return []string{i.Spec.ResourceID}, true
		case "engine":
			return []string{i.Spec.Engine}, true
		case "db-cluster-id":
			return []string{i.Spec.Cluster, arnOf(scope, kindCluster, i.Spec.Cluster)}, true
		case "domain": // none has any
			return nil, true
		}
		return nil, false
	})
	if err != nil {
		return nil, err
	}
	some, marker, err := page(all, Instance.ID, in.MaxRecords, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &rdsapi.DBInstanceMessage{Marker: marker, DBInstances: []rdsapi.DBInstance{}}
	for _, i := range some {
		out.DBInstances = append(out.DBInstances, *s.describe(snap, scope, i, call.Now))
	}
	return out, nil
}

func (s *Service) deleteInstance(ctx context.Context, call *api.Call, in *rdsapi.DeleteDBInstanceMessage) (*rdsapi.DeleteDBInstanceResult, error) {
	i, err := s.change(ctx, call, *in.DBInstanceIdentifier, func(tx *store.Tx, i *Instance) error {
		switch skip := api.Val(in.SkipFinalSnapshot); {
		case i.Spec.DeletionProtection:
			return combination("Cannot delete protected DB Instance, please disable deletion protection and try again.")
		case i.Spec.Cluster != "":
			return leaveCluster(tx, scopeOf(call), i)
		case skip && in.FinalDBSnapshotIdentifier != nil:
			return combination("FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is true.")
		case !skip && in.FinalDBSnapshotIdentifier == nil:
			return combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
		case !skip && !i.Status.Created:
			return rdsapi.NewInvalidDBInstanceStateFault("Cannot make a final snapshot of %s: it is %s.", i.ID(), state(*i))
		case !skip:
			row, err := s.putSnapshot(tx, *i, *in.FinalDBSnapshotIdentifier, nil, call.Now)
			if err != nil {
				return err
			}
			i.Spec.FinalSnapshot = row.ID()
		}
		i.Spec.Deleted = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.DeleteDBInstanceResult{DBInstance: i}, nil
}

func (s *Service) rebootInstance(ctx context.Context, call *api.Call, in *rdsapi.RebootDBInstanceMessage) (*rdsapi.RebootDBInstanceResult, error) {
	i, err := s.change(ctx, call, *in.DBInstanceIdentifier, func(tx *store.Tx, i *Instance) error {
		if api.Val(in.ForceFailover) && i.Spec.Cluster != "" {
			return combination("Cannot reboot instance %s with forced failover: use FailoverDBCluster", i.ID())
		}
		if err := mustBe(*i, stateAvailable); err != nil {
			return err
		}
		if api.Val(in.ForceFailover) {
			return failOver(tx, scopeOf(call), i)
		}
		i.Spec.Reboots++
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.RebootDBInstanceResult{DBInstance: i}, nil
}

func (s *Service) stopInstance(ctx context.Context, call *api.Call, in *rdsapi.StopDBInstanceMessage) (*rdsapi.StopDBInstanceResult, error) {
	i, err := s.change(ctx, call, *in.DBInstanceIdentifier, func(tx *store.Tx, i *Instance) error {
		if err := mustStandAlone(*i, "StopDBInstance"); err != nil {
			return err
		}
		if in.DBSnapshotIdentifier != nil {
			if err := mustBe(*i, stateAvailable); err != nil {
				return err
			}
			if _, err := s.putSnapshot(tx, *i, *in.DBSnapshotIdentifier, nil, call.Now); err != nil {
				return err
			}
		}
		i.Spec.Stopped = true
		return mustBe(*i, stateStopping)
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.StopDBInstanceResult{DBInstance: i}, nil
}

func (s *Service) startInstance(ctx context.Context, call *api.Call, in *rdsapi.StartDBInstanceMessage) (*rdsapi.StartDBInstanceResult, error) {
	i, err := s.change(ctx, call, *in.DBInstanceIdentifier, func(_ *store.Tx, i *Instance) error {
		if err := mustBe(*i, stateStopped); err != nil {
			return err
		}
		i.Spec.Stopped = false
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.StartDBInstanceResult{DBInstance: i}, nil
}

// mustStandAlone refuses what is done to a cluster and not to its members.
func mustStandAlone(i Instance, operation string) error {
	if i.Spec.Cluster != "" {
		return combination("%s is not an operation on an instance of a cluster: %s belongs to %s", operation, i.ID(), i.Spec.Cluster)
	}
	return nil
}

func mustBe(i Instance, want string) error {
	if is := state(i); is != want {
		return rdsapi.NewInvalidDBInstanceStateFault("Instance %s is not in the state for this: it is %s.", i.ID(), is)
	}
	return nil
}
