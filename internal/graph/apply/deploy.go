package apply

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/graph"
)

// deployment is a service's deployment configuration.
func deployment(d graph.Deploy) *types.DeploymentConfiguration {
	out := &types.DeploymentConfiguration{
		Strategy:              types.DeploymentStrategy(d.Strategy),
		MinimumHealthyPercent: aws.Int32(int32(d.Minimum)), MaximumPercent: aws.Int32(int32(d.Maximum)),
		BakeTimeInMinutes:        aws.Int32(int32(d.Bake)),
		DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true, Rollback: d.Rollback},
	}
	if len(d.Alarms) > 0 {
		out.Alarms = &types.DeploymentAlarms{AlarmNames: d.Alarms, Enable: true, Rollback: d.Rollback}
	}
	step, pause := aws.Float64(float64(d.Step)), aws.Int32(int32(d.Pause))
	switch out.Strategy {
	case types.DeploymentStrategyCanary:
		out.CanaryConfiguration = &types.CanaryConfiguration{CanaryPercent: step, CanaryBakeTimeInMinutes: pause}
	case types.DeploymentStrategyLinear:
		out.LinearConfiguration = &types.LinearConfiguration{StepPercent: step, StepBakeTimeInMinutes: pause}
	}
	return out
}

// sameDeployment reports whether a service is deployed as wanted.
func sameDeployment(have *types.DeploymentConfiguration, d graph.Deploy) bool {
	want := deployment(d)
	if have == nil {
		return false
	}
	is := types.DeploymentConfiguration{
		Strategy: have.Strategy, MinimumHealthyPercent: have.MinimumHealthyPercent, MaximumPercent: have.MaximumPercent,
		BakeTimeInMinutes: have.BakeTimeInMinutes, CanaryConfiguration: have.CanaryConfiguration, LinearConfiguration: have.LinearConfiguration,
	}
	if b := have.DeploymentCircuitBreaker; b != nil {
		is.DeploymentCircuitBreaker = &types.DeploymentCircuitBreaker{Enable: b.Enable, Rollback: b.Rollback}
	}
	if a := have.Alarms; a != nil && a.Enable {
		is.Alarms = a
	}
	return reflect.DeepEqual(&is, want)
}

// noAlarms is how an update says that a service has none any more.
func noAlarms(c *types.DeploymentConfiguration) *types.DeploymentConfiguration {
	if c.Alarms == nil {
		c.Alarms = &types.DeploymentAlarms{AlarmNames: []string{}}
	}
	return c
}

// balancersOf are the load balancers of a service.
func (r *run) balancersOf(v graph.Service) []types.LoadBalancer {
	if v.TargetGroup == "" {
		return nil
	}
	lb := types.LoadBalancer{
		TargetGroupArn: aws.String(r.fact(v.TargetGroup).ARN), ContainerName: &v.Container, ContainerPort: aws.Int32(int32(v.Port)),
	}
	if v.Alternate != "" {
		lb.AdvancedConfiguration = &types.AdvancedConfiguration{
			AlternateTargetGroupArn: aws.String(r.fact(v.Alternate).ARN), RoleArn: aws.String(r.fact(v.ShiftRole).ARN),
			ProductionListenerRule: aws.String(r.fact(r.ruleOf(v)).ARN),
		}
	}
	return []types.LoadBalancer{lb}
}

// ruleOf is the one rule of a service whose traffic shifts.
func (r *run) ruleOf(v graph.Service) graph.ID {
	for _, res := range r.Graph.Resources {
		if rule, ok := res.(graph.Rule); ok && rule.Target == v.TargetGroup {
			return rule.ID
		}
	}
	return ""
}

// sameBalancers reports whether a service has the load balancers that it shall.
func sameBalancers(have, want []types.LoadBalancer) bool {
	if len(have) != len(want) {
		return false
	}
	for i := range want {
		a, b := have[i].AdvancedConfiguration, want[i].AdvancedConfiguration
		if aws.ToString(have[i].TargetGroupArn) != aws.ToString(want[i].TargetGroupArn) || (a == nil) != (b == nil) ||
			a != nil && (aws.ToString(a.AlternateTargetGroupArn) != aws.ToString(b.AlternateTargetGroupArn) ||
				aws.ToString(a.ProductionListenerRule) != aws.ToString(b.ProductionListenerRule)) {
			return false
		}
	}
	return true
}

// rolledBack is why a service runs another task definition than the one that was
// deployed, or nil.
func (r *run) rolledBack(ctx context.Context, s *types.Service, definition string) error {
	if aws.ToString(s.TaskDefinition) == definition {
		return nil
	}
	why := "it runs " + aws.ToString(s.TaskDefinition)
	list, err := r.ecs.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{Cluster: s.ClusterArn, Service: s.ServiceName})
	if err == nil && len(list.ServiceDeployments) > 0 && list.ServiceDeployments[0].StatusReason != nil {
		why = *list.ServiceDeployments[0].StatusReason
	}
	return fmt.Errorf("the deployment failed, and the service went back: %s", why)
}

// patience is how long a deployment may take: longer if it pauses and bakes.
func patience(d graph.Deploy) time.Duration {
	steps := 1
	if d.Step > 0 && d.Strategy == string(types.DeploymentStrategyLinear) {
		steps = 100/d.Step + 1
	}
	return steadyTimeout + time.Duration(d.Bake+d.Pause*steps)*time.Minute
}
