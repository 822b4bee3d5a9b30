package scaling

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// A Pace is what the region makes of AWS's timings.
type Pace struct {
	Period   func(time.Duration) time.Duration // of alarms
	Cooldown func(time.Duration) time.Duration
}

// A Client asks for all that concerns the scaling of services of one cluster.
type Client struct {
	Cluster string
	Pace    Pace
	scaling *scaling.Client
	metrics *cloudwatch.Client
}

// New returns a client for a cluster.
func New(cfg aws.Config, cluster string, pace Pace) *Client {
	return &Client{cluster, pace, scaling.NewFromConfig(cfg), cloudwatch.NewFromConfig(cfg)}
}

// ResourceID names a service of the cluster to Application Auto Scaling.
func (c *Client) ResourceID(service string) string { return "service/" + c.Cluster + "/" + service }

// A View is what is known of a service's scaling at one moment.
type View struct {
	Service          string
	CPU              string // units of a task; empty if not known
	Desired, Running int
	Deploying        bool
	Scales           bool // it has a scalable target
	Min, Max         int
	InOff, OutOff    bool // suspended
	Policies         []Policy
	Activities       []Activity // the newest first
}

// A Policy is a scaling policy with its alarms.
type Policy struct {
	Name             string
	Metric           string  // "CPU", "memory", "requests per target", or a name
	Percent          bool    // whether the metric is a percentage
	Tracking         bool    // target tracking; otherwise steps, of which only the alarms are told
	Target           float64 // of target tracking
	NoScaleIn        bool
	OutFor, InFor    time.Duration
	High, Low        *Alarm // of target tracking
	Alarms           []Alarm
	HasData          bool
	Values           []float64 // of the last periods that are over, the newest first
	Latest           float64
	FullPeriod, Runs time.Duration // of the alarms: as they say, and as it runs here
}

// An Alarm is one that a policy listens to.
type Alarm struct {
	Name, State string
	Above       bool // it is on above its threshold
	Threshold   float64
	Periods     int // how many must breach
}

// An Activity is something that scaling did.
type Activity struct {
	At, End                    time.Time
	Description, Cause, Status string
}

// Look collects the view of a service, whose ECS side is already known.
func (c *Client) Look(ctx context.Context, s ecstypes.Service, cpu string, now time.Time) (View, error) {
	v := View{
		Service: aws.ToString(s.ServiceName), CPU: cpu, Desired: int(s.DesiredCount), Running: int(s.RunningCount), Deploying: deploying(s),
	}
	resource := c.ResourceID(v.Service)
	targets, err := c.scaling.DescribeScalableTargets(ctx, &scaling.DescribeScalableTargetsInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ResourceIds: []string{resource},
	})
	if err != nil {
		return v, fmt.Errorf("describe scalable target %s: %w", resource, err)
	}
	for _, t := range targets.ScalableTargets {
		v.Scales, v.Min, v.Max = true, int(aws.ToInt32(t.MinCapacity)), int(aws.ToInt32(t.MaxCapacity))
		if off := t.SuspendedState; off != nil {
			v.InOff, v.OutOff = aws.ToBool(off.DynamicScalingInSuspended), aws.ToBool(off.DynamicScalingOutSuspended)
		}
	}
	if !v.Scales {
		return v, nil
	}
	if v.Policies, err = c.policies(ctx, resource, now); err != nil {
		return v, err
	}
	v.Activities, err = c.activities(ctx, resource)
	return v, err
}

func deploying(s ecstypes.Service) bool {
	for _, d := range s.Deployments {
		if d.RolloutState == ecstypes.DeploymentRolloutStateInProgress {
			return true
		}
	}
	return false
}

func (c *Client) policies(ctx context.Context, resource string, now time.Time) ([]Policy, error) {
	out, err := c.scaling.DescribeScalingPolicies(ctx, &scaling.DescribeScalingPoliciesInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ResourceId: &resource,
	})
	if err != nil {
		return nil, fmt.Errorf("describe scaling policies of %s: %w", resource, err)
	}
	var list []Policy
	for _, p := range out.ScalingPolicies {
		one := Policy{Name: aws.ToString(p.PolicyName)}
		if t := p.TargetTrackingScalingPolicyConfiguration; t != nil {
			one.Tracking, one.Target, one.NoScaleIn = true, aws.ToFloat64(t.TargetValue), aws.ToBool(t.DisableScaleIn)
			one.OutFor, one.InFor = c.cooldown(t.ScaleOutCooldown), c.cooldown(t.ScaleInCooldown)
		}
		if err := c.alarms(ctx, &one, p.Alarms, now); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// defaultCooldown is that of ECS policies which name none.
const defaultCooldown = 300 * time.Second

func (c *Client) cooldown(seconds *int32) time.Duration {
	if seconds == nil {
		return c.Pace.Cooldown(defaultCooldown)
	}
	return c.Pace.Cooldown(time.Duration(*seconds) * time.Second)
}

// alarms fills in a policy's alarms and the metric that they watch.
func (c *Client) alarms(ctx context.Context, p *Policy, list []scalingtypes.Alarm, now time.Time) error {
	if len(list) == 0 {
		return nil
	}
	var names []string
	for _, a := range list {
		names = append(names, aws.ToString(a.AlarmName))
	}
	out, err := c.metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: names})
	if err != nil {
		return fmt.Errorf("describe alarms of policy %s: %w", p.Name, err)
	}
	for i, a := range out.MetricAlarms {
		one := Alarm{
			Name: aws.ToString(a.AlarmName), State: string(a.StateValue), Threshold: aws.ToFloat64(a.Threshold),
			Periods: int(aws.ToInt32(a.EvaluationPeriods)), Above: strings.HasPrefix(string(a.ComparisonOperator), "Greater"),
		}
		p.Alarms = append(p.Alarms, one)
		switch {
		case p.Tracking && one.Above:
			p.High = &one
		case p.Tracking:
			p.Low = &one
		}
		if i == 0 {
			if err := c.measure(ctx, p, a, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// periods is how many periods the view has the metric of.
const periods = 15

// measure reads what an alarm watches, by the periods that it runs with.
func (c *Client) measure(ctx context.Context, p *Policy, a cwtypes.MetricAlarm, now time.Time) error {
	p.FullPeriod = time.Duration(aws.ToInt32(a.Period)) * time.Second
	if p.FullPeriod == 0 {
		p.FullPeriod = time.Minute // metric math has it in its parts
	}
	p.Runs = c.Pace.Period(p.FullPeriod)
	p.Metric, p.Percent = metricName(aws.ToString(a.MetricName), p.Name)
	to := now.Truncate(p.Runs)
	out, err := c.metrics.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		MetricDataQueries: queries(a, p.Runs), StartTime: aws.Time(to.Add(-periods * p.Runs)), EndTime: &to,
		ScanBy: cwtypes.ScanByTimestampDescending,
	})
	if err != nil {
		return fmt.Errorf("read the metric of policy %s: %w", p.Name, err)
	}
	for _, r := range out.MetricDataResults {
		p.Values = append(p.Values, r.Values...)
	}
	if a.Statistic == cwtypes.StatisticSum || a.Statistic == cwtypes.StatisticSampleCount {
		for i := range p.Values {
			p.Values[i] *= float64(p.FullPeriod) / float64(p.Runs)
		}
	}
	if p.HasData = len(p.Values) > 0; p.HasData {
		p.Latest = p.Values[0]
	}
	return nil
}

// queries asks for what an alarm watches, by other periods.
func queries(a cwtypes.MetricAlarm, runs time.Duration) []cwtypes.MetricDataQuery {
	period := aws.Int32(int32(runs / time.Second))
	if len(a.Metrics) == 0 {
		return []cwtypes.MetricDataQuery{{
			Id: aws.String("m"),
			MetricStat: &cwtypes.MetricStat{
				Metric: &cwtypes.Metric{Namespace: a.Namespace, MetricName: a.MetricName, Dimensions: a.Dimensions},
				Period: period, Stat: aws.String(string(a.Statistic) + aws.ToString(a.ExtendedStatistic)),
			},
		}}
	}
	list := make([]cwtypes.MetricDataQuery, len(a.Metrics))
	for i, q := range a.Metrics {
		if q.MetricStat != nil {
			stat := *q.MetricStat
			stat.Period = period
			q.MetricStat = &stat
		} else {
			q.Period = period
		}
		list[i] = q
	}
	return list
}

// metricName is how a person calls a metric.
func metricName(metric, policy string) (name string, percent bool) {
	switch metric {
	case "CPUUtilization":
		return "CPU", true
	case "MemoryUtilization":
		return "memory", true
	case "RequestCountPerTarget":
		return "requests per target and minute", false
	case "":
		return "the metric of " + policy, false
	}
	return metric, false
}

// told is how many activities the view has.
const told = 10

func (c *Client) activities(ctx context.Context, resource string) ([]Activity, error) {
	out, err := c.scaling.DescribeScalingActivities(ctx, &scaling.DescribeScalingActivitiesInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ResourceId: &resource, MaxResults: aws.Int32(told),
	})
	if err != nil {
		return nil, fmt.Errorf("describe scaling activities of %s: %w", resource, err)
	}
	var list []Activity
	for _, a := range out.ScalingActivities {
		list = append(list, Activity{
			At: aws.ToTime(a.StartTime), End: aws.ToTime(a.EndTime), Description: aws.ToString(a.Description),
			Cause: aws.ToString(a.Cause), Status: string(a.StatusCode),
		})
	}
	return list, nil
}
