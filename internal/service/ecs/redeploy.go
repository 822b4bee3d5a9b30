package ecs

import (
	"reflect"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/store"
)

// keptDeployments is how many deployments a service describes. AWS keeps those
// of ninety days.
const keptDeployments = 10

// redeploy adds a deployment if the request changes what tasks are made from, or
// forces one.
func redeploy(tx *store.Tx, scope arn.Scope, cluster Cluster, row *ServiceRow, call *api.Call, in *ecsapi.UpdateServiceRequest) error {
	row.Spec.Platform = api.Or(in.PlatformVersion, row.Spec.Platform)
	old := row.primary()
	want := deploymentRequest{
		definition: api.Or(in.TaskDefinition, old.TaskDefinition), launchType: old.LaunchType, strategy: old.Strategy,
		platform: in.PlatformVersion, network: old.Network, balancers: old.LoadBalancers, registries: old.Registries, at: call.Now,
	}
	if len(in.CapacityProviderStrategy) > 0 {
		want.launchType, want.strategy = "", in.CapacityProviderStrategy
	}
	if in.NetworkConfiguration != nil {
		want.network = in.NetworkConfiguration
	}
	if in.LoadBalancers != nil {
		want.balancers = in.LoadBalancers
	}
	if in.ServiceRegistries != nil {
		want.registries = in.ServiceRegistries
	}
	untouched := in.TaskDefinition == nil && in.CapacityProviderStrategy == nil && in.NetworkConfiguration == nil &&
		in.LoadBalancers == nil && in.ServiceRegistries == nil && in.PlatformVersion == nil
	if err := checkTraffic(tx, row.Spec.Rollout, want.balancers); err != nil {
		return err
	}
	if err := checkHooks(tx, scope, row.Spec.Rollout.LifecycleHooks); err != nil {
		return err
	}
	if untouched && !api.Val(in.ForceNewDeployment) {
		return nil // also when what it runs was deregistered since
	}
	next, err := newRevision(tx, scope, cluster, want)
	if err != nil {
		return err
	}
	if !api.Val(in.ForceNewDeployment) && sameTasks(old, next) {
		return nil
	}
	deploy(tx, row, next)
	return nil
}

// sameTasks reports whether two revisions make the same tasks.
func sameTasks(a, b RevisionSpec) bool {
	b.ID, b.CreatedAt, b.Alternate = a.ID, a.CreatedAt, a.Alternate
	return reflect.DeepEqual(a, b)
}

// deploy makes a revision the one that the service goes to. The caller puts the
// row.
func deploy(tx *store.Tx, row *ServiceRow, next RevisionSpec) {
	d := row.push(next)
	Revisions.Put(tx, Revision{Key: revisionKey(row.Key, d.ID), Spec: d.RevisionSpec})
}

// push makes a revision the newest of the row, in the target groups in which the
// tasks are not if traffic shifts to it.
func (row *ServiceRow) push(next RevisionSpec) Deployment {
	d := Deployment{Name: awsid.Hex(21), Rollout: row.Spec.Rollout, Source: row.complete()}
	if len(row.Spec.Deployments) > 0 {
		from := row.Spec.Deployments[0].RevisionSpec
		if source, ok := row.deployment(d.Source); ok {
			from = source.RevisionSpec
		}
		next.Alternate = from.Alternate != shifts(api.Val(d.Rollout.Strategy))
	}
	if !alternates(next.LoadBalancers) {
		next.Alternate = false
	}
	d.RevisionSpec = next
	kept, running := []Deployment{d}, row.current()
	for i, old := range row.Spec.Deployments {
		if i < keptDeployments-1 || i == running || old.ID == d.Source {
			kept = append(kept, old)
		}
	}
	row.Spec.Deployments = kept
	return d
}

// alternates reports whether all load balancers have an alternate target group.
func alternates(balancers []ecsapi.LoadBalancer) bool {
	return len(balancers) > 0 && !slices.ContainsFunc(balancers, func(lb ecsapi.LoadBalancer) bool {
		return lb.AdvancedConfiguration == nil || lb.AdvancedConfiguration.AlternateTargetGroupArn == nil
	})
}
