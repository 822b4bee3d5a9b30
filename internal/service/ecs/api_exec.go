package ecs

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
)

// executeCommand says that there is no session to be had: it needs AWS's session
// protocol, which the region does not speak.
func (s *Service) executeCommand(_ context.Context, call *api.Call, in *ecsapi.ExecuteCommandRequest) (*ecsapi.ExecuteCommandResponse, error) {
	scope, snap := scopeOf(call), s.store.Snapshot()
	cluster, err := findCluster(snap, scope, in.Cluster)
	if err != nil {
		return nil, err
	}
	name := cluster.Spec.Name
	if _, ok := Tasks.Get(snap, taskKey(scope, name, taskID(scope, name, api.Val(in.Task)))); !ok {
		return nil, invalid("The referenced task was not found.")
	}
	return nil, ecsapi.NewTargetNotConnectedException("The execute command failed because this region opens no sessions into containers.")
}
