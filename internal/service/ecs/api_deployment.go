package ecs

import (
	"context"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

// maxDeployments is how many deployments or revisions one call describes.
const maxDeployments = 20

// findDeployment finds a service deployment by its ARN, and the index it has in
// its service.
func findDeployment(r store.Reader, scope arn.Scope, name string) (ServiceRow, int, bool) {
	rest, ok := refer(scope, "service-deployment", name)
	cut := strings.LastIndexByte(rest, '/')
	if !ok || cut < 0 || !strings.HasPrefix(name, "arn:") {
		return ServiceRow{}, 0, false
	}
	row, ok := Services.Get(r, scope.Key(rest[:cut]))
	i := slices.IndexFunc(row.Spec.Deployments, func(d Deployment) bool { return d.Name == rest[cut+1:] })
	return row, i, ok && i >= 0
}

func (s *Service) describeServiceDeployments(_ context.Context, call *api.Call, in *ecsapi.DescribeServiceDeploymentsRequest) (*ecsapi.DescribeServiceDeploymentsResponse, error) {
	if n := len(in.ServiceDeploymentArns); n < 1 || n > maxDeployments {
		return nil, invalid("serviceDeploymentArns: want 1 to %d ARNs, not %d.", maxDeployments, n)
	}
	scope, snap := scopeOf(call), s.store.Snapshot()
	out := &ecsapi.DescribeServiceDeploymentsResponse{ServiceDeployments: []ecsapi.ServiceDeployment{}, Failures: []ecsapi.Failure{}}
	for _, name := range in.ServiceDeploymentArns {
		row, i, ok := findDeployment(snap, scope, name)
		if !ok {
			out.Failures = append(out.Failures, missing(name))
			continue
		}
		out.ServiceDeployments = append(out.ServiceDeployments, describeDeployment(snap, scope, row, row.Spec.Deployments[i]))
	}
	return out, nil
}

func (s *Service) listServiceDeployments(_ context.Context, call *api.Call, in *ecsapi.ListServiceDeploymentsRequest) (*ecsapi.ListServiceDeploymentsResponse, error) {
	scope, snap := scopeOf(call), s.store.Snapshot()
	cluster, err := findCluster(snap, scope, in.Cluster)
	if err != nil {
		return nil, err
	}
	row, ok := Services.Get(snap, serviceKey(scope, cluster.Spec.Name, serviceName(scope, cluster.Spec.Name, api.Val(in.Service))))
	if !ok || !row.Status.Gone.IsZero() {
		return nil, ecsapi.NewServiceNotFoundException("Service not found.")
	}
	briefs, names := map[string]ecsapi.ServiceDeploymentBrief{}, []string{}
	for _, d := range row.Spec.Deployments {
		full := describeDeployment(snap, scope, row, d)
		if len(in.Status) > 0 && !slices.Contains(in.Status, *full.Status) || !within(in.CreatedAt, d.CreatedAt) {
			continue
		}
		names = append(names, *full.ServiceDeploymentArn)
		briefs[*full.ServiceDeploymentArn] = ecsapi.ServiceDeploymentBrief{
			ServiceDeploymentArn: full.ServiceDeploymentArn, ServiceArn: full.ServiceArn, ClusterArn: full.ClusterArn,
			CreatedAt: full.CreatedAt, StartedAt: full.StartedAt, FinishedAt: full.FinishedAt,
			TargetServiceRevisionArn: full.TargetServiceRevision.Arn, Status: full.Status, StatusReason: full.StatusReason,
		}
	}
	page, next, err := paged(names, in.NextToken, in.MaxResults)
	out := &ecsapi.ListServiceDeploymentsResponse{ServiceDeployments: []ecsapi.ServiceDeploymentBrief{}, NextToken: next}
	for _, name := range page {
		out.ServiceDeployments = append(out.ServiceDeployments, briefs[name])
	}
	return out, err
}

func within(span *ecsapi.CreatedAt, t time.Time) bool {
	return span == nil || (span.After == nil || !t.Before(*span.After)) && (span.Before == nil || !t.After(*span.Before))
}

func (s *Service) describeServiceRevisions(_ context.Context, call *api.Call, in *ecsapi.DescribeServiceRevisionsRequest) (*ecsapi.DescribeServiceRevisionsResponse, error) {
	if n := len(in.ServiceRevisionArns); n < 1 || n > maxDeployments {
		return nil, invalid("serviceRevisionArns: want 1 to %d ARNs, not %d.", maxDeployments, n)
	}
	scope, snap := scopeOf(call), s.store.Snapshot()
	out := &ecsapi.DescribeServiceRevisionsResponse{ServiceRevisions: []ecsapi.ServiceRevision{}, Failures: []ecsapi.Failure{}}
	for _, name := range in.ServiceRevisionArns {
		rest, ok := refer(scope, "service-revision", name)
		cut := strings.LastIndexByte(rest, '/')
		if !ok || cut < 0 {
			out.Failures = append(out.Failures, missing(name))
			continue
		}
		row, known := Services.Get(snap, scope.Key(rest[:cut]))
		rev, ok := Revisions.Get(snap, scope.Key(rest))
		if !known || !ok {
			out.Failures = append(out.Failures, missing(name))
			continue
		}
		out.ServiceRevisions = append(out.ServiceRevisions, describeRevision(snap, scope, row.Spec, rev.Spec))
	}
	return out, nil
}

// changeDeployment changes a deployment that has not ended.
func (s *Service) changeDeployment(ctx context.Context, scope arn.Scope, name string, change func(row ServiceRow, d *Deployment) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		row, i, ok := findDeployment(tx, scope, name)
		if !ok {
			return ecsapi.NewServiceDeploymentNotFoundException("Service deployment not found.")
		}
		st := row.Status.deployment(row.Spec.Deployments[i].ID)
		if final(st.State) {
			return ecsapi.NewConflictException("The service deployment has ended: its status is %s.", st.State)
		}
		deployments := slices.Clone(row.Spec.Deployments)
		if err := change(row, &deployments[i]); err != nil {
			return err
		}
		row.Spec.Deployments = deployments
		Services.Put(tx, row)
		return nil
	})
}

func (s *Service) stopServiceDeployment(ctx context.Context, call *api.Call, in *ecsapi.StopServiceDeploymentRequest) (*ecsapi.StopServiceDeploymentResponse, error) {
	kind := api.Or(in.StopType, ecsapi.StopServiceDeploymentStopTypeRollback)
	err := s.changeDeployment(ctx, scopeOf(call), api.Val(in.ServiceDeploymentArn), func(row ServiceRow, d *Deployment) error {
		switch {
		case kind == ecsapi.StopServiceDeploymentStopTypeAbort && shifts(api.Val(d.Rollout.Strategy)):
			return invalid("stopType ABORT is not valid for a deployment that shifts traffic: use ROLLBACK.")
		case kind == ecsapi.StopServiceDeploymentStopTypeRollback && d.Source == "":
			return invalid("The deployment cannot be rolled back: no earlier deployment of the service was successful.")
		case row.Status.deployment(d.ID).State == stateGoingBack:
			return ecsapi.NewConflictException("The service deployment is being rolled back.")
		}
		d.Stop = kind
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ecsapi.StopServiceDeploymentResponse{ServiceDeploymentArn: in.ServiceDeploymentArn}, nil
}

func (s *Service) continueServiceDeployment(ctx context.Context, call *api.Call, in *ecsapi.ContinueServiceDeploymentRequest) (*ecsapi.ContinueServiceDeploymentResponse, error) {
	action := api.Or(in.Action, ecsapi.DeploymentLifecycleHookActionContinue)
	err := s.changeDeployment(ctx, scopeOf(call), api.Val(in.ServiceDeploymentArn), func(row ServiceRow, d *Deployment) error {
		st := row.Status.deployment(d.ID)
		waits := slices.ContainsFunc(hooksAt(*d, st.Stage, st.Step, st.StageAt, call.Now, nil), func(h hook) bool {
			return h.id == api.Val(in.HookId) && h.status == ecsapi.DeploymentLifecycleHookStatusAwaitingAction
		})
		if !waits {
			return invalid("The deployment does not wait at the lifecycle hook %s.", api.Val(in.HookId))
		}
		d.Answers = append(slices.Clone(d.Answers), HookAnswer{Hook: *in.HookId, Action: action})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ecsapi.ContinueServiceDeploymentResponse{ServiceDeploymentArn: in.ServiceDeploymentArn}, nil
}
