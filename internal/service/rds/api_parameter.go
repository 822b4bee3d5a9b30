package rds

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
)

// Where a parameter's value comes from.
const (
	sourceUser    = "user"
	sourceSystem  = "system"
	sourceDefault = "engine-default"
)

func (s *Service) describeParameters(_ context.Context, call *api.Call, in *rdsapi.DescribeDBParametersMessage) (*rdsapi.DBParameterGroupDetails, error) {
	g, err := findParameterGroup(s.env.Store.Snapshot(), scopeOf(call), *in.DBParameterGroupName)
	if err != nil {
		return nil, err
	}
	var all []rdsapi.Parameter
	for _, p := range catalogue() {
		out := p.describe()
		if v, ok := g.Spec.Values[p.name]; ok {
			out.ParameterValue, out.Source, out.ApplyMethod = api.Ptr(v.Value), api.Ptr(sourceUser), api.Ptr(v.Method)
		}
		if in.Source == nil || *in.Source == *out.Source {
			all = append(all, out)
		}
	}
	some, marker, err := page(all, parameterName, in.MaxRecords, in.Marker)
	return &rdsapi.DBParameterGroupDetails{Parameters: some, Marker: marker}, err
}

func (s *Service) describeEngineDefaults(_ context.Context, _ *api.Call, in *rdsapi.DescribeEngineDefaultParametersMessage) (*rdsapi.DescribeEngineDefaultParametersResult, error) {
	if _, ok := offerOfFamily(*in.DBParameterGroupFamily); !ok {
		return nil, invalid("Invalid DBParameterGroupFamily: %s", *in.DBParameterGroupFamily)
	}
	var all []rdsapi.Parameter
	for _, p := range catalogue() {
		all = append(all, p.describe())
	}
	some, marker, err := page(all, parameterName, in.MaxRecords, in.Marker)
	return &rdsapi.DescribeEngineDefaultParametersResult{EngineDefaults: &rdsapi.EngineDefaults{
		DBParameterGroupFamily: in.DBParameterGroupFamily, Parameters: some, Marker: marker,
	}}, err
}

func parameterName(p rdsapi.Parameter) string { return *p.ParameterName }

func (p parameter) describe() rdsapi.Parameter {
	out := rdsapi.Parameter{
		ParameterName: api.Ptr(p.name), ApplyType: api.Ptr(p.applyType()), DataType: api.Ptr(p.kind),
		IsModifiable: api.Ptr(true), ApplyMethod: api.Ptr(rdsapi.ApplyMethodPendingReboot), Source: api.Ptr(sourceDefault),
	}
	if p.allowed != "" {
		out.AllowedValues = api.Ptr(p.allowed)
	}
	if p.preset != "" {
		out.ParameterValue, out.Source = api.Ptr(p.preset), api.Ptr(sourceSystem)
	}
	if p.reaches == "kept" {
		out.Description = api.Ptr("Kept and given back; the server is not given it.")
	}
	return out
}
