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

// engineDefaults are the parameters of a family that runs here; those of others
// are not known.
func engineDefaults(family string, maxRecords *int64, marker *string) (*rdsapi.EngineDefaults, error) {
	if !isFamily(family) {
		return nil, invalid("Invalid DBParameterGroupFamily: %s", family)
	}
	all := []rdsapi.Parameter{}
	if isServed(family) {
		for _, p := range catalogue() {
			all = append(all, p.describe())
		}
	}
	some, marker, err := page(all, func(p rdsapi.Parameter) string { return *p.ParameterName }, maxRecords, marker)
	return &rdsapi.EngineDefaults{DBParameterGroupFamily: &family, Parameters: some, Marker: marker}, err
}

func (s *Service) describeEngineDefaults(_ context.Context, _ *api.Call, in *rdsapi.DescribeEngineDefaultParametersMessage) (*rdsapi.DescribeEngineDefaultParametersResult, error) {
	out, err := engineDefaults(*in.DBParameterGroupFamily, in.MaxRecords, in.Marker)
	return &rdsapi.DescribeEngineDefaultParametersResult{EngineDefaults: out}, err
}

func (s *Service) describeClusterDefaults(_ context.Context, _ *api.Call, in *rdsapi.DescribeEngineDefaultClusterParametersMessage) (*rdsapi.DescribeEngineDefaultClusterParametersResult, error) {
	out, err := engineDefaults(*in.DBParameterGroupFamily, in.MaxRecords, in.Marker)
	return &rdsapi.DescribeEngineDefaultClusterParametersResult{EngineDefaults: out}, err
}

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
