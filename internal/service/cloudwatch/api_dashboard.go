package cloudwatch

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/arn"
	"apex/internal/store"
)

// dashboardARN names a dashboard: it belongs to an account and to no region.
func dashboardARN(account, name string) string {
	return arn.Scope{Account: account}.ARN("cloudwatch", "dashboard/"+name)
}

func dashboardKey(call *api.Call, name string) string { return scopeOf(call).Global().Key(name) }

func (s *Service) putDashboard(ctx context.Context, call *api.Call, in *cloudwatchapi.PutDashboardInput) (*cloudwatchapi.PutDashboardOutput, error) {
	name := *in.DashboardName
	if name == "" || len(name) > 255 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		return nil, cloudwatchapi.NewDashboardInvalidInputError("The value %q for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).", name)
	}
	faults, err := checkDashboard(*in.DashboardBody)
	if err != nil {
		return nil, err
	}
	tags := tagsOf(in.Tags)
	if err := tags.Validate(); err != nil {
		return nil, cloudwatchapi.NewDashboardInvalidInputError("%v", err)
	}
	return &cloudwatchapi.PutDashboardOutput{DashboardValidationMessages: faults}, s.update(ctx, func(tx *store.Tx) error {
		made := Dashboard{Key: dashboardKey(call, name), Name: name, Body: *in.DashboardBody, Modified: call.Now, Tags: tags}
		if old, ok := Dashboards.Get(tx, made.Key); ok {
			made.Tags = old.Tags
		}
		Dashboards.Put(tx, made)
		return nil
	})
}

func (s *Service) getDashboard(_ context.Context, call *api.Call, in *cloudwatchapi.GetDashboardInput) (*cloudwatchapi.GetDashboardOutput, error) {
	found, ok := Dashboards.Get(s.store.Snapshot(), dashboardKey(call, *in.DashboardName))
	if !ok {
		return nil, noDashboard(*in.DashboardName)
	}
	return &cloudwatchapi.GetDashboardOutput{
		DashboardArn: api.Ptr(dashboardARN(call.Account, found.Name)), DashboardBody: &found.Body, DashboardName: &found.Name,
	}, nil
}

func noDashboard(name string) error {
	return cloudwatchapi.NewDashboardNotFoundError("Dashboard %s does not exist", name)
}

func (s *Service) listDashboards(_ context.Context, call *api.Call, in *cloudwatchapi.ListDashboardsInput) (*cloudwatchapi.ListDashboardsOutput, error) {
	entries := []cloudwatchapi.DashboardEntry{}
	for _, d := range Dashboards.Prefix(s.store.Snapshot(), dashboardKey(call, api.Val(in.DashboardNamePrefix))) {
		entries = append(entries, cloudwatchapi.DashboardEntry{
			DashboardName: &d.Name, DashboardArn: api.Ptr(dashboardARN(call.Account, d.Name)),
			LastModified: &d.Modified, Size: api.Ptr(int64(len(d.Body))),
		})
	}
	entries, next, err := paged(entries, func(d *cloudwatchapi.DashboardEntry) string { return *d.DashboardName }, in.NextToken, 1000)
	if err != nil { // dashboards have no InvalidNextToken
		return nil, cloudwatchapi.NewInvalidParameterValueException("The next token is none that this operation gave")
	}
	return &cloudwatchapi.ListDashboardsOutput{DashboardEntries: entries, NextToken: next}, nil
}

// deleteDashboards deletes all of them or, if one is missing, none.
func (s *Service) deleteDashboards(ctx context.Context, call *api.Call, in *cloudwatchapi.DeleteDashboardsInput) (*cloudwatchapi.DeleteDashboardsOutput, error) {
	return nil, s.update(ctx, func(tx *store.Tx) error {
		for _, name := range in.DashboardNames {
			if !Dashboards.Delete(tx, dashboardKey(call, name)) {
				return noDashboard(name)
			}
		}
		return nil
	})
}
