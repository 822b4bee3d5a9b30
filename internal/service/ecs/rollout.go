package ecs

import (
	"fmt"
	"slices"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/awsid"
	"apex/internal/store"
)

// keptEvents is how many events a service remembers, as on AWS.
const keptEvents = 100

// inputOf shows the scheduler what concerns the deployment that is carried out.
func (u *serviceUpdate) inputOf(r store.Reader, at int) rolloutInput {
	d := u.row.Spec.Deployments[at]
	in := u.seen(at, u.triggered(r, d))
	source, _ := u.row.deployment(in.Source)
	in.Hook = hooksOf(r, u.scope, u.row.Spec.Cluster, d, in.Status, u.now)
	in.Zones, in.SourceZones = u.zonesOf(r, d.RevisionSpec), u.zonesOf(r, source.RevisionSpec)
	in.Ailing = ailingZones(in.Zones, in.Tasks, failedZones(u.tasks), u.now.Add(-u.profile.BackOff))
	return in
}

// seen is what the row and its tasks say: all but the zones.
func (u *serviceUpdate) seen(at int, triggered []string) rolloutInput {
	row, d := u.row, u.row.Spec.Deployments[at]
	st := u.status.deployment(d.ID)
	back := firstNonEmpty(st.Back, d.Source)
	source, _ := row.deployment(back)
	in := rolloutInput{
		planInput: planInput{
			Desired: int(row.Spec.Desired), BackOff: u.profile.BackOff, Tasks: planTasksOf(u.tasks),
			MinPercent: int(api.Val(row.Spec.Rollout.MinimumHealthyPercent)), MaxPercent: int(api.Val(row.Spec.Rollout.MaximumPercent)),
			Rebalance: row.Spec.Rebalancing == ecsapi.AvailabilityZoneRebalancingEnabled,
		},
		Service: row.Spec.Name, Strategy: api.Val(d.Rollout.Strategy), Target: d.ID, Source: source.ID,
		Status: st, Stop: d.Stop, Superseded: at > 0,
		Triggered: triggered, AlarmsRollBack: d.Rollout.Alarms != nil && api.Val(d.Rollout.Alarms.Rollback),
		Bake: u.bakeOf(d),
	}
	in.StepPercent, in.StepBake = u.stepOf(d)
	for i := range in.Tasks {
		if row.Spec.Deleted {
			in.Tasks[i].Protected = time.Time{} // nothing keeps the tasks of a deleted service
		}
	}
	b := d.Rollout.DeploymentCircuitBreaker
	all := b != nil && b.ResetOnHealthyTask != nil && !*b.ResetOnHealthyTask
	in.Failures, in.LastFailure = failures(u.tasks, d.ID, time.Time{}, all, u.profile.BackOff, u.now)
	in.SourceFailures, in.SourceLastFailure = failures(u.tasks, source.ID, st.BackAt, all, u.profile.BackOff, u.now)
	if b != nil {
		in.Breaker = breaker{Enable: api.Val(b.Enable), Rollback: api.Val(b.Rollback), Threshold: thresholdOf(b, row.Spec.Desired)}
	}
	return in
}

func firstNonEmpty(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// zonesOf are the zones in which tasks of a revision may start.
func (u *serviceUpdate) zonesOf(r store.Reader, rev RevisionSpec) (zones []string) {
	if rev.Network == nil {
		return nil
	}
	for _, z := range byZone(r, u.scope, rev.Network.AwsvpcConfiguration.Subnets) {
		zones = append(zones, z.zone)
	}
	return zones
}

// planTasksOf shows the tasks that have not ended nor been told to.
func planTasksOf(tasks []Task) (all []planTask) {
	for _, t := range tasks {
		if desiredStatus(t) == ecsapi.DesiredStatusStopped {
			continue
		}
		all = append(all, planTask{
			ID: t.Spec.ID, Deployment: t.Spec.Deployment, Zone: t.Spec.Zone, Created: t.Spec.CreatedAt,
			Verdict: t.Status.Verdict, Reason: t.Status.VerdictReason, Protected: t.Spec.ProtectedUntil,
		})
	}
	return all
}

// bakeOf is for how long a deployment is watched once all its tasks serve.
func (u *serviceUpdate) bakeOf(d Deployment) time.Duration {
	bake := minutes(d.Rollout.BakeTimeInMinutes)
	if a := d.Rollout.Alarms; bake == 0 && a != nil && api.Val(a.Enable) {
		bake = alarmBake
	}
	return u.profile.BakeFor(bake)
}

// stepOf is how much traffic the steps of a deployment shift, and the pause after
// each.
func (u *serviceUpdate) stepOf(d Deployment) (percent float64, pause time.Duration) {
	switch c, l := d.Rollout.CanaryConfiguration, d.Rollout.LinearConfiguration; {
	case c != nil:
		return api.Val(c.CanaryPercent), u.profile.BakeFor(minutes(c.CanaryBakeTimeInMinutes))
	case l != nil:
		return api.Val(l.StepPercent), u.profile.BakeFor(minutes(l.StepBakeTimeInMinutes))
	}
	return 100, 0
}

// record writes down what was decided, and tells of a steady state once when it
// is reached.
func (u *serviceUpdate) record(in rolloutInput, out decision) {
	st := out.Status
	st.Failed = max(int64(in.Failures), st.Failed)
	events, registered := targetEvents(u.row.Spec, u.tasks, u.status.Registered)
	u.status.Registered = registered
	events = append(events, spotEvents(u.row.Spec, u.tasks, u.status.Events)...)
	if moved := zoneEvent(in, out.Steps, u.status.Events); moved != "" {
		events = append(events, moved)
	}
	for _, message := range append(events, out.Events...) {
		u.tell(message)
	}
	u.set(st)
	u.supersede()
	rest := in.planInput
	rest.Primary = firstNonEmpty(st.Back, in.Target)
	steady := final(st.State) && len(out.Steps) == 0 && settled(rest)
	if failing := max(in.Failures, in.SourceFailures); failing >= 3 && !steady {
		u.tell(fmt.Sprintf("(service %s) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.", u.row.Spec.Name))
	}
	if steady && !u.row.Spec.Deleted {
		u.tell(fmt.Sprintf("(service %s) has reached a steady state.", u.row.Spec.Name))
	}
	if u.row.Spec.Deleted && !slices.ContainsFunc(u.tasks, func(t Task) bool { return last(t) != statusStopped }) {
		u.status.Gone = u.now
	}
}

// supersede ends the deployments that a newer one took the place of.
func (u *serviceUpdate) supersede() {
	at := u.row.current()
	for i, d := range u.row.Spec.Deployments {
		st := u.status.deployment(d.ID)
		if i <= at || final(st.State) {
			continue
		}
		st.State, st.StateReason = stateStopped, "Service deployment was stopped because a newer one superseded it."
		st.Rollout, st.Reason = ecsapi.DeploymentRolloutStateFailed, st.StateReason
		st.StoppedAt, st.FinishedAt, st.UpdatedAt = u.now, u.now, u.now
		u.set(st)
	}
}

// set keeps the states of the deployments that the service remembers.
func (u *serviceUpdate) set(state DeploymentStatus) {
	var states []DeploymentStatus
	for _, d := range u.row.Spec.Deployments {
		if d.ID == state.ID {
			states = append(states, state)
			continue
		}
		if i := slices.IndexFunc(u.status.Deployments, func(old DeploymentStatus) bool { return old.ID == d.ID }); i >= 0 {
			states = append(states, u.status.Deployments[i])
		}
	}
	u.status.Deployments = states
}

// tell adds an event unless it is what was said last.
func (u *serviceUpdate) tell(message string) {
	events := u.status.Events
	if len(events) > 0 && events[0].Message == message {
		return
	}
	events = append([]Event{{ID: awsid.UUID(), At: u.now, Message: message}}, events...)
	u.status.Events = events[:min(len(events), keptEvents)]
}
