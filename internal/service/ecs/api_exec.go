package ecs

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/sts"
	"apex/internal/store"
)

// notEnabled is what AWS says of tasks that let nobody in.
const notEnabled = "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running. Wait and try again or run a new task with execute command enabled and try again."

// executeCommand prepares a session with a program in a container: the caller
// opens the answered URL and shows the token. The session is not in the store: it
// is short, and ends with the region.
func (s *Service) executeCommand(ctx context.Context, call *api.Call, in *ecsapi.ExecuteCommandRequest) (*ecsapi.ExecuteCommandResponse, error) {
	scope, snap := scopeOf(call), s.store.Snapshot()
	cluster, err := findCluster(snap, scope, in.Cluster)
	if err != nil {
		return nil, err
	}
	name := cluster.Spec.Name
	t, ok := Tasks.Get(snap, taskKey(scope, name, taskID(scope, name, api.Val(in.Task))))
	if !ok {
		return nil, invalid("The referenced task was not found.")
	}
	if !api.Val(in.Interactive) {
		return nil, invalid("Interactive is the only mode supported currently.")
	}
	args, err := words(api.Val(in.Command))
	if err != nil {
		return nil, invalid("command: %v.", err)
	}
	c, err := enterable(t, api.Val(in.Container))
	if err != nil {
		return nil, err
	}
	if err := s.mayEnter(snap, scope, t); err != nil {
		return nil, err
	}
	session, token := s.sessions.add(preparedSession{
		task: t.Spec.ID, container: c.Name, args: args, target: "ecs:" + name + "_" + t.Spec.ID + "_" + c.RuntimeID,
	}, call.Now)
	s.env.Log.InfoContext(ctx, "session prepared", "session", session, "task", t.Spec.ID, "container", c.Name, "by", call.Principal.ARN)
	url := s.streamURL(session)
	return &ecsapi.ExecuteCommandResponse{
		ClusterArn: &cluster.Spec.ARN, ContainerArn: &c.ARN, ContainerName: &c.Name, Interactive: in.Interactive,
		TaskArn: &t.Spec.ARN, Session: &ecsapi.Session{SessionId: &session, StreamUrl: &url, TokenValue: &token},
	}, nil
}

// channels are what a task's role must be allowed for sessions into the task
// (ECS developer guide, ECS Exec: Task IAM role).
var channels = []string{
	"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
}

// mayEnter tells whether the task's role opens the channels of a session. On AWS
// the agent in the task needs them, and without them nobody reaches it.
func (s *Service) mayEnter(snap store.Snapshot, scope arn.Scope, t Task) error {
	definition, err := findDefinition(snap, scope, t.Spec.Definition)
	if err != nil {
		return err
	}
	role, _ := rolesOf(t, definition.Definition)
	who, _ := sts.RolePrincipal(snap, role, t.Spec.ID)
	for _, action := range channels {
		err := s.env.Allowed(snap, service.Ask{Principal: who, Account: scope.Account, Region: scope.Region, Action: action, Resource: "*"})
		if err != nil {
			s.env.Log.Info("session refused", "task", t.Spec.ID, "because", err)
			return ecsapi.NewTargetNotConnectedException("The execute command failed due to an internal error. Try again later.")
		}
	}
	return nil
}

// enterable finds the container that a caller means and may enter.
func enterable(t Task, name string) (ContainerStatus, error) {
	if !t.Spec.ExecuteCommand || last(t) != statusRunning {
		return ContainerStatus{}, invalid(notEnabled)
	}
	if name == "" && len(t.Status.Containers) > 1 {
		return ContainerStatus{}, invalid("The task has more than one container: name one.")
	}
	for _, c := range t.Status.Containers {
		if name != "" && c.Name != name {
			continue
		}
		if c.Last != statusRunning {
			return ContainerStatus{}, invalid(notEnabled)
		}
		return c, nil
	}
	return ContainerStatus{}, invalid("The container %s is not one of the task's.", name)
}
