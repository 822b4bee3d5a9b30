package autoscaling

import (
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/autoscalingapi"
	"apex/internal/arn"
	"apex/internal/dataplane/series"
	"apex/internal/service/cloudwatch"
	"apex/internal/store"
)

// The alarms of target tracking: above the target in 3 of 3 minutes, and below
// nine tenths of it in 15 of 15 (as ECS's policies make them).
const (
	alarmPeriod = 60 // seconds
	highPeriods = 3
	lowPeriods  = 15
	lowShare    = 0.9
)

// putAlarms makes the alarms of a target tracking policy what its configuration
// says. A policy that never scales in has no low alarm.
func putAlarms(tx *store.Tx, scope arn.Scope, spec *PolicySpec, now time.Time) error {
	c := spec.TargetTracking
	if c == nil {
		return nil
	}
	watched, err := metricOf(c, spec.Owner)
	if err != nil {
		return err
	}
	put := func(name, comparison string, periods int, threshold float64) {
		m := watched
		m.EvaluationPeriods, m.Threshold, m.Comparison = periods, threshold, comparison
		cloudwatch.PutManagedAlarm(tx, scope, now, cloudwatch.AlarmSpec{
			Name: name, Description: "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy " + spec.ARN + ".",
			ActionsEnabled: true, AlarmActions: []string{spec.ARN}, Metric: &m,
		})
	}
	target := api.Val(c.TargetValue)
	put(spec.alarmName("High"), "GreaterThanThreshold", highPeriods, target)
	if api.Val(c.DisableScaleIn) {
		cloudwatch.DeleteManagedAlarm(tx, scope, now, spec.alarmName("Low"))
		return nil
	}
	put(spec.alarmName("Low"), "LessThanThreshold", lowPeriods, target*lowShare)
	return nil
}

// deleteAlarms removes what putAlarms made.
func deleteAlarms(tx *store.Tx, scope arn.Scope, spec PolicySpec, now time.Time) {
	if spec.TargetTracking == nil {
		return
	}
	for _, which := range []string{"High", "Low"} {
		cloudwatch.DeleteManagedAlarm(tx, scope, now, spec.alarmName(which))
	}
}

// alarmName is how AWS names the alarms that it makes.
func (p PolicySpec) alarmName(which string) string {
	return "TargetTracking-" + p.Owner.Resource + "-Alarm" + which + "-" + p.AlarmIDs[which]
}

// metricOf returns the metric that a configuration tracks.
func metricOf(c *autoscalingapi.TargetTrackingScalingPolicyConfiguration, o owner) (cloudwatch.MetricRule, error) {
	if m := c.PredefinedMetricSpecification; m != nil {
		stat, err := predefined(m, o)
		return cloudwatch.MetricRule{Stat: stat}, err
	}
	m := c.CustomizedMetricSpecification
	if len(m.Metrics) > 0 {
		return cloudwatch.MetricRule{Queries: queriesOf(m.Metrics)}, nil
	}
	if m.MetricName == nil || m.Namespace == nil || m.Statistic == nil {
		return cloudwatch.MetricRule{}, autoscalingapi.NewValidationException("A customized metric needs MetricName, Namespace and Statistic, or Metrics")
	}
	var labels []string
	for _, d := range m.Dimensions {
		labels = append(labels, api.Val(d.Name), api.Val(d.Value))
	}
	return cloudwatch.MetricRule{Stat: statOf(*m.Namespace, *m.MetricName, *m.Statistic, api.Val(m.Unit), labels...)}, nil
}

func statOf(space, name, statistic, unit string, labels ...string) cloudwatch.Stat {
	return cloudwatch.Stat{
		Namespace: space, Name: name, Dimensions: series.NewID("", space, name, labels...).Labels,
		Period: alarmPeriod, Statistic: statistic, Unit: unit,
	}
}

// predefined returns the metric behind one of the names that AWS has for those of
// an ECS service.
func predefined(m *autoscalingapi.PredefinedMetricSpecification, o owner) (cloudwatch.Stat, error) {
	cluster, service, _ := strings.Cut(strings.TrimPrefix(o.Resource, "service/"), "/")
	switch api.Val(m.PredefinedMetricType) {
	case autoscalingapi.MetricTypeEcsserviceAverageCpuutilization:
		return statOf("AWS/ECS", "CPUUtilization", "Average", "", "ClusterName", cluster, "ServiceName", service), nil
	case autoscalingapi.MetricTypeEcsserviceAverageMemoryUtilization:
		return statOf("AWS/ECS", "MemoryUtilization", "Average", "", "ClusterName", cluster, "ServiceName", service), nil
	}
	balancer, group, ok := strings.Cut(api.Val(m.ResourceLabel), "/targetgroup/")
	if !ok || !strings.HasPrefix(balancer, "app/") || strings.Count(balancer, "/") != 2 || strings.Count(group, "/") != 1 {
		return cloudwatch.Stat{}, autoscalingapi.NewValidationException("ResourceLabel %q: want app/BALANCER/ID/targetgroup/GROUP/ID", api.Val(m.ResourceLabel))
	}
	return statOf("AWS/ApplicationELB", "RequestCountPerTarget", "Sum", "", "LoadBalancer", balancer, "TargetGroup", "targetgroup/"+group), nil
}

// queriesOf turns a policy's metric math into an alarm's.
func queriesOf(list []autoscalingapi.TargetTrackingMetricDataQuery) []cloudwatch.Query {
	var queries []cloudwatch.Query
	for _, q := range list {
		one := cloudwatch.Query{
			ID: api.Val(q.Id), Expression: api.Val(q.Expression), Label: api.Val(q.Label), Hidden: !api.Or(q.ReturnData, true),
		}
		if s := q.MetricStat; s != nil && s.Metric != nil {
			var labels []string
			for _, d := range s.Metric.Dimensions {
				labels = append(labels, api.Val(d.Name), api.Val(d.Value))
			}
			stat := statOf(api.Val(s.Metric.Namespace), api.Val(s.Metric.MetricName), api.Val(s.Stat), api.Val(s.Unit), labels...)
			one.Stat = &stat
		} else {
			one.Period = alarmPeriod
		}
		queries = append(queries, one)
	}
	return queries
}

// alarmsOf returns the alarms that call a policy, by their names.
func alarmsOf(r store.Reader, scope arn.Scope, policy string) []cloudwatch.Alarm {
	var list []cloudwatch.Alarm
	for _, a := range cloudwatch.Alarms.Prefix(r, scope.Prefix()) {
		if slices.Contains(a.Spec.AlarmActions, policy) {
			list = append(list, a)
		}
	}
	return list
}

// describeAlarms names the alarms that call a policy.
func describeAlarms(r store.Reader, scope arn.Scope, policy string) []autoscalingapi.Alarm {
	list := []autoscalingapi.Alarm{}
	for _, a := range alarmsOf(r, scope, policy) {
		list = append(list, autoscalingapi.Alarm{
			AlarmName: api.Ptr(a.Spec.Name), AlarmARN: api.Ptr(cloudwatch.AlarmARN(scope, a.Spec.Name)),
		})
	}
	return list
}
