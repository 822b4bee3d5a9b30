package rds

import (
	"context"
	"slices"
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
		ok, err := matches(i, scope, in.Filters)
		if err != nil {
			return nil, err
		}
		if ok {
			all = append(all, i)
		}
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

// matches reports whether every filter names the instance.
func matches(i Instance, scope arn.Scope, filters []rdsapi.Filter) (bool, error) {
	for _, f := range filters {
		var have []string
		switch name := api.Val(f.Name); name {
		case "db-instance-id":
			have = []string{i.ID(), arnOf(scope, kindInstance, i.ID())}
		case "dbi-resource-id":
			have = []string{i.Spec.ResourceID}
		case "engine":
			have = []string{i.Spec.Engine}
		case "db-cluster-id", "domain": // nothing has either
		default:
			return false, invalid("Unrecognized filter name: %s", name)
		}
		if !slices.ContainsFunc(f.Values, func(v string) bool { return slices.Contains(have, v) }) {
			return false, nil
		}
	}
	return true, nil
}

func (s *Service) deleteInstance(ctx context.Context, call *api.Call, in *rdsapi.DeleteDBInstanceMessage) (*rdsapi.DeleteDBInstanceResult, error) {
	i, err := s.change(ctx, call, *in.DBInstanceIdentifier, func(_ *store.Tx, i *Instance) error {
		switch skip := api.Val(in.SkipFinalSnapshot); {
		case i.Spec.DeletionProtection:
			return combination("Cannot delete protected DB Instance, please disable deletion protection and try again.")
		case skip && in.FinalDBSnapshotIdentifier != nil:
			return combination("FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is true.")
		case !skip && in.FinalDBSnapshotIdentifier == nil:
			return combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
		case !skip:
			return invalid("FinalDBSnapshotIdentifier: snapshots are not built yet; nothing was deleted. Say SkipFinalSnapshot to delete without one.")
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
	i, err := s.change(ctx, call, *in.DBInstanceIdentifier, func(_ *store.Tx, i *Instance) error {
		if api.Val(in.ForceFailover) {
			return combination("Cannot reboot instance %s with forced failover: it has no standby", i.ID())
		}
		if err := mustBe(*i, stateAvailable); err != nil {
			return err
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
	if in.DBSnapshotIdentifier != nil {
		return nil, invalid("DBSnapshotIdentifier: snapshots are not built yet")
	}
	i, err := s.change(ctx, call, *in.DBInstanceIdentifier, func(_ *store.Tx, i *Instance) error {
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

func mustBe(i Instance, want string) error {
	if is := state(i); is != want {
		return rdsapi.NewInvalidDBInstanceStateFault("Instance %s is not in the state for this: it is %s.", i.ID(), is)
	}
	return nil
}
