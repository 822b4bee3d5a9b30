package ecs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/service/cloudwatch"
	"apex/internal/service/elbv2"
	"apex/internal/store"
)

// keptInactive is how long a deleted service is still described, as INACTIVE:
// clients that delete wait to see that.
const keptInactive = time.Hour

func (s *Service) serviceController() controller.Controller {
	return controller.New(controller.Spec[ServiceRow, ServiceStatus]{
		Name: "ecs/service", Table: Services, Workers: 4, Every: 15 * time.Second,
		Status:    func(row *ServiceRow) *ServiceStatus { return &row.Status },
		Reconcile: s.reconcileService,
		Watch:     []controller.Trigger{controller.On(Tasks, ownerOf), controller.On(cloudwatch.Alarms, watchersOf)},
	})
}

// ownerOf returns the key of the service that a task belongs to. The tasks of a
// row that is gone concern every service of their cluster.
func ownerOf(snap store.Snapshot, key string) []string {
	scope, id := arn.SplitKey(key)
	cluster, _, _ := strings.Cut(id, "/")
	if t, ok := Tasks.Get(snap, key); ok {
		if t.Spec.HookOf != "" {
			return []string{serviceKey(scope, cluster, t.Spec.HookOf)}
		}
		if t.Spec.Service == "" {
			return nil
		}
		return []string{serviceKey(scope, cluster, t.Spec.Service)}
	}
	var keys []string
	for key := range Services.Prefix(snap, scope.Key(cluster+"/")) {
		keys = append(keys, key)
	}
	return keys
}

func (s *Service) reconcileService(ctx context.Context, snap store.Snapshot, key string) (ServiceStatus, error) {
	row, ok := Services.Get(snap, key)
	if !ok {
		return ServiceStatus{}, s.forgetService(ctx, key)
	}
	now := s.now()
	if gone := row.Status.Gone; !gone.IsZero() {
		if left := gone.Add(keptInactive).Sub(now); left > 0 {
			return row.Status, controller.Again(left)
		}
		return row.Status, controller.Remove
	}
	scope, _ := arn.SplitKey(key)
	u := &serviceUpdate{Service: s, scope: scope, row: row, now: now, tasks: tasksOf(snap, scope, row.Spec)}
	u.status = row.Status
	again, err := u.carryOut(ctx, snap)
	if err != nil {
		return row.Status, fmt.Errorf("service %s: %w", row.Spec.Name, err)
	}
	if !again.IsZero() {
		return u.status, controller.Again(max(again.Sub(now), time.Millisecond))
	}
	return u.status, nil
}

// A serviceUpdate is one reconciliation of one service.
type serviceUpdate struct {
	*Service
	scope  arn.Scope
	row    ServiceRow
	tasks  []Task
	now    time.Time
	status ServiceStatus
}

// forgetService removes what is left of a service whose row is gone.
func (s *Service) forgetService(ctx context.Context, key string) error {
	for range Revisions.Prefix(s.store.Snapshot(), key+"/") {
		return s.store.Update(ctx, func(tx *store.Tx) error {
			forgetRevisions(tx, key)
			return nil
		})
	}
	return nil
}

// forgetRevisions removes the revisions of a service.
func forgetRevisions(tx *store.Tx, key string) {
	var keys []string
	for k := range Revisions.Prefix(tx, key+"/") {
		keys = append(keys, k)
	}
	for _, k := range keys {
		Revisions.Delete(tx, k)
	}
}

// carryOut decides and does what was decided, in one transaction.
func (u *serviceUpdate) carryOut(ctx context.Context, snap store.Snapshot) (again time.Time, err error) {
	at := u.row.current()
	in := u.inputOf(snap, at)
	out := decide(in, u.now)
	done, err := u.do(ctx, at, in, out)
	if err != nil || !done {
		return time.Time{}, err
	}
	u.record(in, out)
	return out.Again, nil
}

// do records how traffic shall be split and the tasks to start and to stop. It
// reports false if what it was decided on changed meanwhile: the change brings a
// new decision.
func (u *serviceUpdate) do(ctx context.Context, at int, in rolloutInput, out decision) (done bool, err error) {
	d := u.row.Spec.Deployments[at]
	shifting := steered(in.Strategy, in.Status.State) && !u.row.Spec.Deleted
	if len(out.Steps) == 0 && !shifting {
		return true, nil
	}
	var events []string
	err = u.store.Update(ctx, func(tx *store.Tx) error {
		events = nil
		row, ok := Services.Get(tx, u.row.Key)
		if done = ok && row.Spec.Desired == u.row.Spec.Desired && sameDeployments(row.Spec, u.row.Spec); !done {
			return nil
		}
		if shifting {
			if err := shiftTraffic(tx, d.RevisionSpec, out.Status); err != nil {
				return fmt.Errorf("shift traffic: %w", err)
			}
			if err := u.startHooks(tx, d, out.Status); err != nil {
				return err
			}
		}
		started, fault := u.start(tx, out.Steps)
		stopped := u.stop(tx, out.Steps)
		events = append(startEvents(u.row.Spec, started, fault), stopEvents(tx, u.row.Spec, stopped)...)
		return nil
	})
	for _, message := range events {
		u.tell(message)
	}
	return done, err
}

// sameDeployments reports whether the owner asked for nothing new meanwhile.
func sameDeployments(a, b ServiceSpec) bool {
	return a.Deployments[0].ID == b.Deployments[0].ID && slices.EqualFunc(a.Deployments, b.Deployments, func(x, y Deployment) bool {
		return x.ID == y.ID && x.Stop == y.Stop && len(x.Answers) == len(y.Answers)
	})
}

// shiftTraffic makes the listener rules say which revision takes which traffic.
func shiftTraffic(tx *store.Tx, target RevisionSpec, st DeploymentStatus) error {
	for i, lb := range target.resolved() {
		a := lb.AdvancedConfiguration
		if a == nil {
			continue
		}
		split := func(percent float64) map[string]int64 {
			green, blue := weights(percent)
			return map[string]int64{api.Val(lb.TargetGroupArn): green, target.otherGroup(i): blue}
		}
		if err := elbv2.Shift(tx, api.Val(a.ProductionListenerRule), split(st.Percent)); err != nil {
			return err
		}
		if a.TestListenerRule == nil {
			continue
		}
		test := 0.0
		if st.Test {
			test = 100
		}
		if err := elbv2.Shift(tx, *a.TestListenerRule, split(test)); err != nil {
			return err
		}
	}
	return nil
}

// start records new tasks. What the network refuses is told and tried again
// later.
func (u *serviceUpdate) start(tx *store.Tx, steps []step) (ids []string, fault error) {
	counts := map[string]map[string]int{} // by revision
	for _, step := range steps {
		if !step.Start {
			continue
		}
		d, _ := u.row.deployment(step.Deployment)
		definition, err := findDefinition(tx, u.scope, d.TaskDefinition)
		if err != nil {
			return ids, err
		}
		if counts[d.ID] == nil {
			counts[d.ID] = providerCounts(u.tasks, d.ID)
		}
		t, err := launchTask(tx, u.scope, launch{
			providers: counts[d.ID], cluster: u.row.Spec.Cluster, definition: definition, revision: d.RevisionSpec, service: &u.row.Spec,
			group: "service:" + u.row.Spec.Name, exec: u.row.Spec.ExecuteCommand,
			tags:    serviceTaskTags(u.row.Spec, definition),
			subnets: subnetsFor(byZone(tx, u.scope, d.Network.AwsvpcConfiguration.Subnets), step.Zone), at: u.now,
		})
		if err != nil {
			fault = err
			continue
		}
		ids = append(ids, t.Spec.ID)
	}
	return ids, fault
}

// subnetsFor puts the zone's subnets first: a full zone must not keep a task
// from running in another.
func subnetsFor(zones []zoneSubnets, zone string) []string {
	var first, others []string
	for _, z := range zones {
		if z.zone == zone {
			first = append(first, z.subnets...)
		} else {
			others = append(others, z.subnets...)
		}
	}
	return append(first, others...)
}

// stop records that tasks shall end.
func (u *serviceUpdate) stop(tx *store.Tx, steps []step) (stopped []Task) {
	for _, step := range steps {
		if step.Start {
			continue
		}
		key := taskKey(u.scope, u.row.Spec.Cluster, step.Task)
		if t, ok := Tasks.Get(tx, key); ok && t.Spec.Stop == nil {
			t.Spec.Stop = &Stop{Code: ecsapi.TaskStopCodeServiceSchedulerInitiated, Reason: step.Reason, At: u.now, Fault: step.Fault}
			Tasks.Put(tx, t)
			stopped = append(stopped, t)
		}
	}
	return stopped
}
