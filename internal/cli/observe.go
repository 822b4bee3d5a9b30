package cli

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"golang.org/x/sync/errgroup"

	"apex/internal/region"
)

// An observer asks the region what runs in one environment of a stack.
type observer struct {
	target
	ecs   *ecs.Client
	elb   *elb.Client
	rds   *rds.Client
	cache *elasticache.Client
}

// observe fills the status with what the region says.
func observe(ctx context.Context, home region.Home, t target, st *status) error {
	cfg, err := running(home)
	if err != nil {
		return err
	}
	o := observer{t, ecs.NewFromConfig(cfg), elb.NewFromConfig(cfg), rds.NewFromConfig(cfg), elasticache.NewFromConfig(cfg)}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { st.Services, err = o.services(ctx); return err })
	g.Go(func() (err error) { st.Database, err = o.database(ctx); return err })
	g.Go(func() (err error) { st.Cache, err = o.replicationGroup(ctx); return err })
	return g.Wait()
}

func (o observer) services(ctx context.Context) (map[string]serviceStatus, error) {
	all := map[string]serviceStatus{}
	pages := ecs.NewListServicesPaginator(listServices(o.ecs.ListServices), &ecs.ListServicesInput{
		Cluster: aws.String(o.prefix()), MaxResults: aws.Int32(10), // as many as one call describes
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if missing(err, "ClusterNotFoundException") {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list services: %w", err)
		}
		if err := o.describe(ctx, page.ServiceArns, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (o observer) describe(ctx context.Context, services []string, all map[string]serviceStatus) error {
	if len(services) == 0 {
		return nil
	}
	out, err := o.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(o.prefix()), Services: services})
	if err != nil {
		return fmt.Errorf("describe services: %w", err)
	}
	for _, s := range out.Services {
		if all[*s.ServiceName], err = o.service(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (o observer) service(ctx context.Context, s ecstypes.Service) (serviceStatus, error) {
	st := serviceStatus{Desired: int(s.DesiredCount), Running: int(s.RunningCount), Zones: []string{}}
	tasks, err := o.tasks(ctx, *s.ServiceName)
	if err != nil {
		return st, err
	}
	for _, task := range tasks {
		if zone := aws.ToString(task.AvailabilityZone); zone != "" && !slices.Contains(st.Zones, zone) {
			st.Zones = append(st.Zones, zone)
		}
		if task.HealthStatus != ecstypes.HealthStatusUnhealthy {
			st.Healthy++
		}
	}
	slices.Sort(st.Zones)
	if len(s.LoadBalancers) > 0 {
		st.Healthy, err = o.healthyTargets(ctx, s.LoadBalancers[0].TargetGroupArn)
	}
	if len(s.Events) > 0 && (st.Running != st.Desired || st.Healthy < st.Desired) {
		st.Event = aws.ToString(s.Events[0].Message)
	}
	return st, err
}

// tasks are the service's that run.
func (o observer) tasks(ctx context.Context, service string) (tasks []ecstypes.Task, err error) {
	list, err := o.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: aws.String(o.prefix()), ServiceName: &service})
	if err != nil || len(list.TaskArns) == 0 {
		return nil, err
	}
	out, err := o.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(o.prefix()), Tasks: list.TaskArns})
	if err != nil {
		return nil, fmt.Errorf("describe tasks of %s: %w", service, err)
	}
	for _, t := range out.Tasks {
		if aws.ToString(t.LastStatus) == "RUNNING" {
			tasks = append(tasks, t)
		}
	}
	return tasks, nil
}

func (o observer) healthyTargets(ctx context.Context, group *string) (n int, err error) {
	out, err := o.elb.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: group})
	if err != nil {
		return 0, fmt.Errorf("describe target health: %w", err)
	}
	for _, d := range out.TargetHealthDescriptions {
		if d.TargetHealth != nil && d.TargetHealth.State == elbtypes.TargetHealthStateEnumHealthy {
			n++
		}
	}
	return n, nil
}

func (o observer) database(ctx context.Context) (*storeStatus, error) {
	out, err := o.rds.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{})
	if err != nil {
		return nil, fmt.Errorf("describe databases: %w", err)
	}
	for _, i := range out.DBInstances {
		if !o.owns(aws.ToString(i.DBInstanceIdentifier)) {
			continue
		}
		st := &storeStatus{
			ID: *i.DBInstanceIdentifier, Status: aws.ToString(i.DBInstanceStatus),
			Engine: aws.ToString(i.Engine) + " " + aws.ToString(i.EngineVersion),
		}
		if i.Endpoint != nil {
			st.Endpoint = address(i.Endpoint.Address, i.Endpoint.Port)
		}
		st.Engine, err = o.server(ctx, i.Engine, i.EngineVersion, st.Engine)
		return st, err
	}
	return nil, nil
}

// server says which server is behind an engine's version, where the region says
// so: "mysql 8.0.40, served by MariaDB 10.11".
func (o observer) server(ctx context.Context, engine, version *string, plain string) (string, error) {
	out, err := o.rds.DescribeDBEngineVersions(ctx, &rds.DescribeDBEngineVersionsInput{Engine: engine, EngineVersion: version})
	if err != nil {
		return plain, fmt.Errorf("describe engines: %w", err)
	}
	for _, v := range out.DBEngineVersions {
		if text := aws.ToString(v.DBEngineVersionDescription); strings.Contains(text, "served by") {
			return text, nil
		}
	}
	return plain, nil
}

func (o observer) replicationGroup(ctx context.Context) (*storeStatus, error) {
	out, err := o.cache.DescribeReplicationGroups(ctx, &elasticache.DescribeReplicationGroupsInput{})
	if err != nil {
		return nil, fmt.Errorf("describe caches: %w", err)
	}
	for _, g := range out.ReplicationGroups {
		if !o.owns(aws.ToString(g.ReplicationGroupId)) {
			continue
		}
		st := &storeStatus{ID: *g.ReplicationGroupId, Status: aws.ToString(g.Status), Engine: aws.ToString(g.Engine)}
		if st.Engine == "" {
			st.Engine = "redis"
		}
		if len(g.NodeGroups) > 0 && g.NodeGroups[0].PrimaryEndpoint != nil {
			e := g.NodeGroups[0].PrimaryEndpoint
			st.Endpoint = address(e.Address, e.Port)
		}
		return st, nil
	}
	return nil, nil
}

func address(host *string, port *int32) string {
	return net.JoinHostPort(aws.ToString(host), strconv.Itoa(int(aws.ToInt32(port))))
}
