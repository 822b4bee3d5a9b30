package ecs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/controller"
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
		Watch:     []controller.Trigger{controller.On(Tasks, ownerOf)},
	})
}

// ownerOf returns the key of the service that a task belongs to. The tasks of a
// row that is gone concern every service of their cluster.
func ownerOf(snap store.Snapshot, key string) []string {
	scope, id := arn.SplitKey(key)
	cluster, _, _ := strings.Cut(id, "/")
	if t, ok := Tasks.Get(snap, key); ok {
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
		return ServiceStatus{}, nil
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

// carryOut plans and does what the plan says, in one transaction.
func (u *serviceUpdate) carryOut(ctx context.Context, snap store.Snapshot) (again time.Time, err error) {
	primary := u.row.Spec.Deployments[0]
	zones := byZone(snap, u.scope, primary.Network.AwsvpcConfiguration.Subnets)
	in := planInputOf(u.row, u.tasks, zones, u.profile.BackOff)
	state := u.status.deployment(primary.ID)
	state.Failed = int64(in.Failures)
	if u.breaks(in.Failures, state) {
		return time.Time{}, u.breakCircuit(ctx, state)
	}
	if state.Rollout == ecsapi.DeploymentRolloutStateFailed {
		in.Zones = nil
	}
	steps, again := planService(in, u.now)
	if err := u.do(ctx, steps, zones); err != nil {
		return again, err
	}
	u.judge(state, in, len(steps) == 0)
	return again, nil
}

// planInputOf shows the planner what concerns it.
func planInputOf(row ServiceRow, tasks []Task, zones []zoneSubnets, longest time.Duration) planInput {
	in := planInput{
		Desired: int(row.Spec.Desired), Primary: row.Spec.Deployments[0].ID, BackOff: longest,
		MinPercent: int(api.Val(row.Spec.Rollout.MinimumHealthyPercent)), MaxPercent: int(api.Val(row.Spec.Rollout.MaximumPercent)),
	}
	for _, z := range zones {
		in.Zones = append(in.Zones, z.zone)
	}
	for _, t := range tasks {
		if t.Spec.Stop != nil || t.Status.Code != "" || last(t) == statusStopped {
			continue
		}
		in.Tasks = append(in.Tasks, planTask{
			ID: t.Spec.ID, Deployment: t.Spec.Deployment, Zone: t.Spec.Zone, Created: t.Spec.CreatedAt,
			Verdict: t.Status.Verdict, Reason: t.Status.VerdictReason,
		})
	}
	in.Failures, in.LastFailure = failures(tasks, in.Primary)
	return in
}

// do records the tasks to start and to stop.
func (u *serviceUpdate) do(ctx context.Context, steps []step, zones []zoneSubnets) error {
	if len(steps) == 0 {
		return nil
	}
	var events []string
	err := u.store.Update(ctx, func(tx *store.Tx) error {
		events = nil
		row, ok := Services.Get(tx, u.row.Key)
		if !ok || row.Spec.Deployments[0].ID != u.row.Spec.Deployments[0].ID || row.Spec.Desired != u.row.Spec.Desired {
			return nil // it changed since the plan was made; the change brings a new plan
		}
		started, fault := u.start(tx, steps, zones)
		stopped := u.stop(tx, steps)
		events = stepEvents(u.row.Spec, started, stopped, fault)
		return nil
	})
	for _, message := range events {
		u.tell(message)
	}
	return err
}

// start records new tasks. What the network refuses is told and tried again
// later.
func (u *serviceUpdate) start(tx *store.Tx, steps []step, zones []zoneSubnets) (ids []string, fault error) {
	d := u.row.Spec.Deployments[0]
	definition, err := findDefinition(tx, u.scope, d.TaskDefinition)
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		if !step.Start {
			continue
		}
		t, err := launchTask(tx, u.scope, launch{
			cluster: u.row.Spec.Cluster, definition: definition, deployment: d, service: &u.row.Spec,
			group: "service:" + u.row.Spec.Name, exec: u.row.Spec.ExecuteCommand,
			tags: serviceTaskTags(u.row.Spec, definition), subnets: subnetsFor(zones, step.Zone), at: u.now,
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

func (u *serviceUpdate) stop(tx *store.Tx, steps []step) (stopped []step) {
	for _, step := range steps {
		if step.Start {
			continue
		}
		key := taskKey(u.scope, u.row.Spec.Cluster, step.Task)
		Tasks.Modify(tx, key, func(t *Task) {
			if t.Spec.Stop == nil {
				t.Spec.Stop = &Stop{Code: ecsapi.TaskStopCodeServiceSchedulerInitiated, Reason: step.Reason, At: u.now, Fault: step.Fault}
				stopped = append(stopped, step)
			}
		})
	}
	return stopped
}
