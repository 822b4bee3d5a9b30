package route53

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/route53api"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/service/logs"
	"apex/internal/store"
)

// logRegion is the region whose log groups Route 53 writes to.
const logRegion = "us-east-1"

func (s *Service) createQueryLog(ctx context.Context, call *api.Call, in *route53api.CreateQueryLoggingConfigRequest) (*route53api.CreateQueryLoggingConfigResponse, error) {
	made := QueryLog{Key: scopeOf(call).Key(awsid.UUID()), Spec: QueryLogSpec{LogGroup: *in.CloudWatchLogsLogGroupArn}}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		zone, err := find(tx, scopeOf(call), in.HostedZoneId)
		switch {
		case err != nil:
			return err
		case zone.Spec.Private:
			return route53api.NewInvalidInput("Query logging is for public hosted zones: %s is private.", zone.ID())
		}
		if err := checkLogGroup(tx, call, made.Spec.LogGroup); err != nil {
			return err
		}
		for _, q := range QueryLogs.Prefix(tx, scopeOf(call).Prefix()) {
			if q.Spec.Zone == zone.ID() {
				return route53api.NewQueryLoggingConfigAlreadyExists("The hosted zone %s has a query logging configuration already.", zone.ID())
			}
		}
		made.Spec.Zone = zone.ID()
		QueryLogs.Put(tx, made)
		return nil
	})
	location := api.Ptr("https://route53.amazonaws.com/2013-04-01/queryloggingconfig/" + idOf(made.Key))
	return &route53api.CreateQueryLoggingConfigResponse{QueryLoggingConfig: describeLog(&made), Location: location}, err
}

func checkLogGroup(r store.Reader, call *api.Call, name string) error {
	a, err := arn.Parse(name)
	group, ok := strings.CutPrefix(a.Resource, "log-group:")
	switch {
	case err != nil || !ok || a.Service != "logs":
		return route53api.NewInvalidInput("The ARN for the CloudWatch Logs log group is invalid: %s", name)
	case a.Region != logRegion:
		return route53api.NewInvalidInput("The CloudWatch Logs log group must be in the region %s", logRegion)
	}
	if _, ok := logs.Groups.Get(r, a.Scope().Key(strings.TrimSuffix(group, ":*"))); !ok || a.Account != call.Account {
		return route53api.NewNoSuchCloudWatchLogsLogGroup("The specified CloudWatch Logs log group does not exist: %s", name)
	}
	return nil
}

func describeLog(q *QueryLog) *route53api.QueryLoggingConfig {
	return &route53api.QueryLoggingConfig{Id: api.Ptr(idOf(q.Key)), HostedZoneId: &q.Spec.Zone, CloudWatchLogsLogGroupArn: &q.Spec.LogGroup}
}

func findLog(r store.Reader, call *api.Call, id *string) (QueryLog, error) {
	q, ok := QueryLogs.Get(r, scopeOf(call).Key(api.Val(id)))
	if !ok {
		return q, route53api.NewNoSuchQueryLoggingConfig("The specified query logging configuration does not exist: %s", api.Val(id))
	}
	return q, nil
}

func (s *Service) getQueryLog(_ context.Context, call *api.Call, in *route53api.GetQueryLoggingConfigRequest) (*route53api.GetQueryLoggingConfigResponse, error) {
	q, err := findLog(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &route53api.GetQueryLoggingConfigResponse{QueryLoggingConfig: describeLog(&q)}, nil
}

func (s *Service) deleteQueryLog(ctx context.Context, call *api.Call, in *route53api.DeleteQueryLoggingConfigRequest) (*route53api.DeleteQueryLoggingConfigResponse, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		q, err := findLog(tx, call, in.Id)
		if err != nil {
			return err
		}
		QueryLogs.Delete(tx, q.Key)
		return nil
	})
}

func (s *Service) listQueryLogs(_ context.Context, call *api.Call, in *route53api.ListQueryLoggingConfigsRequest) (*route53api.ListQueryLoggingConfigsResponse, error) {
	limit, err := pageSize(in.MaxResults, 100)
	if err != nil {
		return nil, err
	}
	snap := s.store.Snapshot()
	if in.HostedZoneId != nil {
		if _, err := find(snap, scopeOf(call), in.HostedZoneId); err != nil {
			return nil, err
		}
	}
	var all []QueryLog
	for _, q := range QueryLogs.Prefix(snap, scopeOf(call).Prefix()) {
		if in.HostedZoneId == nil || q.Spec.Zone == bareID(*in.HostedZoneId) {
			all = append(all, q)
		}
	}
	shown, next := page(all, func(q *QueryLog) string { return idOf(q.Key) }, in.NextToken, limit)
	out := &route53api.ListQueryLoggingConfigsResponse{QueryLoggingConfigs: []route53api.QueryLoggingConfig{}, NextToken: next}
	for i := range shown {
		out.QueryLoggingConfigs = append(out.QueryLoggingConfigs, *describeLog(&shown[i]))
	}
	return out, nil
}
