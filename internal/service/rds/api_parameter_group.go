package rds

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
)

func (s *Service) createParameterGroup(ctx context.Context, call *api.Call, in *rdsapi.CreateDBParameterGroupMessage) (*rdsapi.CreateDBParameterGroupResult, error) {
	g, err := s.createGroup(ctx, call, instanceGroups, groupRequest{*in.DBParameterGroupName, *in.DBParameterGroupFamily, *in.Description, in.Tags, nil})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CreateDBParameterGroupResult{DBParameterGroup: describeParameterGroup(scopeOf(call), g)}, nil
}

func (s *Service) copyParameterGroup(ctx context.Context, call *api.Call, in *rdsapi.CopyDBParameterGroupMessage) (*rdsapi.CopyDBParameterGroupResult, error) {
	g, err := s.copyGroup(ctx, call, instanceGroups, *in.SourceDBParameterGroupIdentifier, *in.TargetDBParameterGroupIdentifier, *in.TargetDBParameterGroupDescription, in.Tags)
	if err != nil {
		return nil, err
	}
	return &rdsapi.CopyDBParameterGroupResult{DBParameterGroup: describeParameterGroup(scopeOf(call), g)}, nil
}

func (s *Service) describeParameterGroups(_ context.Context, call *api.Call, in *rdsapi.DescribeDBParameterGroupsMessage) (*rdsapi.DBParameterGroupsMessage, error) {
	some, marker, err := instanceGroups.list(s.env.Store.Snapshot(), scopeOf(call), in.DBParameterGroupName, in.MaxRecords, in.Marker)
	out := &rdsapi.DBParameterGroupsMessage{Marker: marker, DBParameterGroups: []rdsapi.DBParameterGroup{}}
	for _, g := range some {
		out.DBParameterGroups = append(out.DBParameterGroups, *describeParameterGroup(scopeOf(call), g))
	}
	return out, err
}

func describeParameterGroup(scope arn.Scope, g ParameterGroup) *rdsapi.DBParameterGroup {
	return &rdsapi.DBParameterGroup{
		DBParameterGroupName: api.Ptr(g.Name()), DBParameterGroupFamily: api.Ptr(g.Spec.Family),
		Description: api.Ptr(g.Spec.Description), DBParameterGroupArn: api.Ptr(arnOf(scope, kindParameterGroup, g.Name())),
	}
}

func (s *Service) modifyParameterGroup(ctx context.Context, call *api.Call, in *rdsapi.ModifyDBParameterGroupMessage) (*rdsapi.DBParameterGroupNameMessage, error) {
	name, err := s.setParameters(ctx, call, instanceGroups, *in.DBParameterGroupName, in.Parameters)
	return &rdsapi.DBParameterGroupNameMessage{DBParameterGroupName: &name}, err
}

func (s *Service) resetParameterGroup(ctx context.Context, call *api.Call, in *rdsapi.ResetDBParameterGroupMessage) (*rdsapi.DBParameterGroupNameMessage, error) {
	name, err := s.resetParameters(ctx, call, instanceGroups, *in.DBParameterGroupName, in.ResetAllParameters, in.Parameters)
	return &rdsapi.DBParameterGroupNameMessage{DBParameterGroupName: &name}, err
}

func (s *Service) deleteParameterGroup(ctx context.Context, call *api.Call, in *rdsapi.DeleteDBParameterGroupMessage) (*rdsapi.DeleteDBParameterGroupOutput, error) {
	return nil, s.deleteGroup(ctx, call, instanceGroups, *in.DBParameterGroupName)
}

func (s *Service) describeParameters(_ context.Context, call *api.Call, in *rdsapi.DescribeDBParametersMessage) (*rdsapi.DBParameterGroupDetails, error) {
	some, marker, err := instanceGroups.parameters(s.env.Store.Snapshot(), scopeOf(call), *in.DBParameterGroupName, in.Source, in.MaxRecords, in.Marker)
	return &rdsapi.DBParameterGroupDetails{Parameters: some, Marker: marker}, err
}

// The parameter groups of clusters.

func (s *Service) createClusterGroup(ctx context.Context, call *api.Call, in *rdsapi.CreateDBClusterParameterGroupMessage) (*rdsapi.CreateDBClusterParameterGroupResult, error) {
	g, err := s.createGroup(ctx, call, clusterGroups, groupRequest{*in.DBClusterParameterGroupName, *in.DBParameterGroupFamily, *in.Description, in.Tags, nil})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CreateDBClusterParameterGroupResult{DBClusterParameterGroup: describeClusterGroup(scopeOf(call), g)}, nil
}

func (s *Service) copyClusterGroup(ctx context.Context, call *api.Call, in *rdsapi.CopyDBClusterParameterGroupMessage) (*rdsapi.CopyDBClusterParameterGroupResult, error) {
	g, err := s.copyGroup(ctx, call, clusterGroups, *in.SourceDBClusterParameterGroupIdentifier, *in.TargetDBClusterParameterGroupIdentifier, *in.TargetDBClusterParameterGroupDescription, in.Tags)
	if err != nil {
		return nil, err
	}
	return &rdsapi.CopyDBClusterParameterGroupResult{DBClusterParameterGroup: describeClusterGroup(scopeOf(call), g)}, nil
}

func (s *Service) describeClusterGroups(_ context.Context, call *api.Call, in *rdsapi.DescribeDBClusterParameterGroupsMessage) (*rdsapi.DBClusterParameterGroupsMessage, error) {
	some, marker, err := clusterGroups.list(s.env.Store.Snapshot(), scopeOf(call), in.DBClusterParameterGroupName, in.MaxRecords, in.Marker)
	out := &rdsapi.DBClusterParameterGroupsMessage{Marker: marker, DBClusterParameterGroups: []rdsapi.DBClusterParameterGroup{}}
	for _, g := range some {
		out.DBClusterParameterGroups = append(out.DBClusterParameterGroups, *describeClusterGroup(scopeOf(call), g))
	}
	return out, err
}

func describeClusterGroup(scope arn.Scope, g ParameterGroup) *rdsapi.DBClusterParameterGroup {
	return &rdsapi.DBClusterParameterGroup{
		DBClusterParameterGroupName: api.Ptr(g.Name()), DBParameterGroupFamily: api.Ptr(g.Spec.Family),
		Description: api.Ptr(g.Spec.Description), DBClusterParameterGroupArn: api.Ptr(arnOf(scope, kindClusterGroup, g.Name())),
	}
}

func (s *Service) modifyClusterGroup(ctx context.Context, call *api.Call, in *rdsapi.ModifyDBClusterParameterGroupMessage) (*rdsapi.DBClusterParameterGroupNameMessage, error) {
	name, err := s.setParameters(ctx, call, clusterGroups, *in.DBClusterParameterGroupName, in.Parameters)
	return &rdsapi.DBClusterParameterGroupNameMessage{DBClusterParameterGroupName: &name}, err
}

func (s *Service) resetClusterGroup(ctx context.Context, call *api.Call, in *rdsapi.ResetDBClusterParameterGroupMessage) (*rdsapi.DBClusterParameterGroupNameMessage, error) {
	name, err := s.resetParameters(ctx, call, clusterGroups, *in.DBClusterParameterGroupName, in.ResetAllParameters, in.Parameters)
	return &rdsapi.DBClusterParameterGroupNameMessage{DBClusterParameterGroupName: &name}, err
}

func (s *Service) deleteClusterGroup(ctx context.Context, call *api.Call, in *rdsapi.DeleteDBClusterParameterGroupMessage) (*rdsapi.DeleteDBClusterParameterGroupOutput, error) {
	return nil, s.deleteGroup(ctx, call, clusterGroups, *in.DBClusterParameterGroupName)
}

func (s *Service) describeClusterParameters(_ context.Context, call *api.Call, in *rdsapi.DescribeDBClusterParametersMessage) (*rdsapi.DBClusterParameterGroupDetails, error) {
	some, marker, err := clusterGroups.parameters(s.env.Store.Snapshot(), scopeOf(call), *in.DBClusterParameterGroupName, in.Source, in.MaxRecords, in.Marker)
	return &rdsapi.DBClusterParameterGroupDetails{Parameters: some, Marker: marker}, err
}
