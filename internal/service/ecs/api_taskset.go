package ecs

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
)

// taskSets refuses the operations of services with another deployment controller:
// such a service cannot be made here.
func taskSets[I, O any](context.Context, *api.Call, *I) (*O, error) {
	return nil, ecsapi.NewUnsupportedFeatureException("This region has no task sets: services here have the deployment controller ECS. Use the deployment strategies BLUE_GREEN, CANARY or LINEAR.")
}
