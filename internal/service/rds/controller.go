package rds

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/mysql"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

// startTimeout bounds one try to bring a server up; recovery after a crash may
// take long.
const startTimeout = 2 * time.Minute

// Controllers returns what runs the servers.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{s.snapshotController(), s.clusterController(), s.clusterSnapshotController(), controller.New(controller.Spec[Instance, InstanceStatus]{
		Name: "rds/instance", Table: Instances, Status: func(i *Instance) *InstanceStatus { return &i.Status },
		Start: s.stopStrangers, Reconcile: s.reconcile, Every: 5 * time.Second, Workers: 4,
		Watch: []controller.Trigger{
			controller.On(ec2.NetworkInterfaces, instancesWhere(func(i Instance, id string) bool { return i.Spec.InterfaceID == id })),
			controller.On(ParameterGroups, instancesWhere(func(i Instance, id string) bool { return i.Spec.ParameterGroup == id })),
			controller.On(Clusters, membersOf), controller.On(Instances, siblings),
			controller.On(ClusterParameterGroups, instancesWhere(func(i Instance, _ string) bool { return i.Spec.Cluster != "" })),
			controller.On(Snapshots, instancesWhere(func(i Instance, id string) bool { return i.Spec.FinalSnapshot == id })),
		},
	})}
}

// instancesWhere returns the instances that another object concerns.
func instancesWhere(concerned func(i Instance, id string) bool) func(store.Snapshot, string) []string {
	return func(snap store.Snapshot, key string) (keys []string) {
		scope, id := arn.SplitKey(key)
		for key, i := range Instances.Prefix(snap, scope.Prefix()) {
			if concerned(i, id) {
				keys = append(keys, key)
			}
		}
		return keys
	}
}

// stopStrangers ends servers that no instance names. Their data stays: a row goes
// only after its directory, so that this is no work of ours.
func (s *Service) stopStrangers(ctx context.Context, snap store.Snapshot) error {
	known := map[string]bool{}
	for _, i := range Instances.All(snap) {
		known[i.Spec.ResourceID] = true
	}
	for _, c := range Clusters.All(snap) {
		known[c.Spec.ResourceID] = true
	}
	names, err := knownDirs(s.env.Home)
	for _, name := range names {
		if !known[name] {
			s.env.Log.WarnContext(ctx, "stop server of no instance", "dir", filepath.Join("rds", name))
			err = errors.Join(err, mysql.Stop(ctx, Dir(s.env.Home, name)))
		}
	}
	return err
}

func (s *Service) reconcile(ctx context.Context, snap store.Snapshot, key string) (InstanceStatus, error) {
	i, ok := Instances.Get(snap, key)
	if !ok {
		return InstanceStatus{}, nil
	}
	scope, _ := arn.SplitKey(key)
	i.Spec = i.Spec.at(s.env.Now())
	switch {
	case i.Spec.Cluster != "":
		return s.reconcileMember(ctx, snap, scope, i)
	case i.Spec.Deleted && i.Spec.FinalSnapshot != "" && !snapshotDone(snap, scope, i.Spec.FinalSnapshot):
		return i.Status, nil // the snapshot's change brings us back
	case i.Spec.Deleted:
		return i.Status, s.tearDown(ctx, scope, i)
	case i.Spec.Stopped:
		return s.halt(ctx, i)
	}
	return s.serveNoted(ctx, snap, scope, i)
}

// serveNoted is serve with its fault in the status.
func (s *Service) serveNoted(ctx context.Context, snap store.Snapshot, scope arn.Scope, i Instance) (InstanceStatus, error) {
	st, err := s.serve(ctx, snap, scope, i)
	st.Fault, st.Failed = "", errors.Is(err, mysql.ErrMissing)
	if err != nil {
		st.Ready, st.Fault = false, err.Error()
	}
	return st, err
}

// snapshotDone reports whether a snapshot is on disk, or was deleted itself.
func snapshotDone(r store.Reader, scope arn.Scope, id string) bool {
	row, ok := Snapshots.Get(r, scope.Key(id))
	return !ok || row.Status.Done
}

// tearDown takes away all that the instance has, and then the row.
func (s *Service) tearDown(ctx context.Context, scope arn.Scope, i Instance) error {
	if err := mysql.Remove(ctx, Dir(s.env.Home, i.Spec.ResourceID)); err != nil {
		return fmt.Errorf("remove server: %w", err)
	}
	if i.Spec.CloneOf != "" {
		if err := os.RemoveAll(s.beginning(i.Spec)); err != nil {
			return fmt.Errorf("remove what it was cloned from: %w", err)
		}
	}
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		ec2.DeleteName(tx, scope, i.Spec.VPCID, endpointName(scope, i.ID()))
		ec2.ReleaseInterface(tx, scope, i.Spec.InterfaceID)
		dropStandby(tx, scope, &i.Spec)
		dropSecret(tx, scope, &i.Spec)
		return nil
	})
	if err != nil {
		return fmt.Errorf("release what the instance used: %w", err)
	}
	return controller.Remove
}

func (s *Service) halt(ctx context.Context, i Instance) (InstanceStatus, error) {
	st := i.Status
	if err := mysql.Stop(ctx, Dir(s.env.Home, i.Spec.ResourceID)); err != nil {
		return st, fmt.Errorf("stop server: %w", err)
	}
	st.Stopped, st.Ready, st.Fault = true, false, ""
	return st, nil
}

// serve brings the server up, as the spec says, and looks at it.
func (s *Service) serve(ctx context.Context, snap store.Snapshot, scope arn.Scope, i Instance) (InstanceStatus, error) {
	st := i.Status
	eni, ok := ec2.NetworkInterfaces.Get(snap, scope.Key(i.Spec.InterfaceID))
	if !ok {
		return st, fmt.Errorf("interface %s: it is gone", i.Spec.InterfaceID)
	}
	if !eni.Status.Ready {
		return st, nil // the interface's change brings us back
	}
	engine, err := s.findEngine(ctx)
	if err != nil {
		return st, err
	}
	wanted := s.settings(snap, scope, i.Spec)
	if err := s.interrupt(ctx, i); err != nil {
		return st, err
	}
	if err := s.clone(ctx, i); err != nil {
		return st, err
	}
	if !st.Created || st.Stopped || st.interrupted(i.Spec) || st.Parameters == nil {
		st.Parameters = wanted.static
	}
	cfg, err := s.config(i, eni, engine, settings{wanted.live, st.Parameters})
	if err != nil {
		return st, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := mysql.Apply(ctx, cfg); err != nil {
		return st, err
	}
	if i.Spec.CloneOf != "" && !st.Created {
		if err := os.RemoveAll(cfg.From); err != nil {
			return st, fmt.Errorf("remove what it was cloned from: %w", err)
		}
	}
	seen, err := mysql.Observe(ctx, cfg.Dir)
	st.Created, st.Ready, st.Stopped = true, seen.Ready, false
	st.Change, st.Reboots, st.Failovers, st.Engine = i.Spec.Change, i.Spec.Reboots, i.Spec.Failovers, engine.String()
	if st.Ready {
		s.measure(ctx, scope, i)
	}
	return st, err
}

// clone copies the data of the instance that a new one is a clone of.
func (s *Service) clone(ctx context.Context, i Instance) error {
	if i.Status.Created || i.Spec.CloneOf == "" {
		return nil
	}
	return mysql.Backup(ctx, Dir(s.env.Home, i.Spec.CloneOf), s.beginning(i.Spec))
}

// beginning is the copy that a new instance's data come from; empty for none.
func (s *Service) beginning(spec InstanceSpec) string {
	switch {
	case spec.CloneOf != "":
		return backupDir(s.env.Home, spec.ResourceID)
	case spec.Restore != "":
		dir := backupDir(s.env.Home, spec.Restore)
		if _, err := os.Stat(dir); err == nil { // the snapshot of a cluster without data is none
			return dir
		}
	}
	return ""
}

// findEngine returns the machine's server; it is looked for until it is found.
func (s *Service) findEngine(ctx context.Context) (mysql.Engine, error) {
	if e := s.engine.Load(); e != nil {
		return *e, nil
	}
	e, err := mysql.FindEngine(ctx)
	if err == nil {
		s.engine.Store(&e)
	}
	return e, err
}
