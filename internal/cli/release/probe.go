package release

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

const (
	probeMark    = "apex-probe"
	steadyFor    = 3 * time.Second  // how long a task without health checks must live
	cleanTimeout = 30 * time.Second // for taking away what a probe made
)

// Probe starts one task of the definition in the service's network and waits until
// it proves that it can serve: behind a load balancer its health check must pass.
// Users' requests never reach it. What it made is taken away again.
func (c *Client) Probe(ctx context.Context, s types.Service, definition string) error {
	p := &probe{Client: c, service: s, definition: definition, id: randomID()}
	defer p.clean()
	if err := p.prepare(ctx); err != nil {
		return fmt.Errorf("probe of %s: %w", aws.ToString(s.ServiceName), err)
	}
	if err := p.run(ctx); err != nil {
		return fmt.Errorf("probe of %s: %w%s", aws.ToString(s.ServiceName), err, p.lastWords())
	}
	return nil
}

// A probe is one task that is tried, with a target group of its own: a rule that
// no request meets makes the load balancer check it.
type probe struct {
	*Client
	service    types.Service
	definition string
	id         string
	group      string // the target group's ARN
	rule       string
	task       string
}

func randomID() string {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// prepare makes the target group and its rule, like those of the service.
func (p *probe) prepare(ctx context.Context) error {
	if len(p.service.LoadBalancers) == 0 {
		return nil
	}
	out, err := p.elb.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{
		TargetGroupArns: []string{aws.ToString(p.service.LoadBalancers[0].TargetGroupArn)},
	})
	if err != nil {
		return err
	}
	like := out.TargetGroups[0]
	made, err := p.elb.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
		Name: aws.String(probeMark + "-" + p.id), Protocol: like.Protocol, ProtocolVersion: like.ProtocolVersion,
		Port: like.Port, VpcId: like.VpcId, TargetType: like.TargetType, Matcher: like.Matcher,
		HealthCheckPath: like.HealthCheckPath, HealthCheckPort: like.HealthCheckPort, HealthCheckProtocol: like.HealthCheckProtocol,
		HealthCheckIntervalSeconds: like.HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds: like.HealthCheckTimeoutSeconds,
		HealthyThresholdCount: like.HealthyThresholdCount, UnhealthyThresholdCount: like.UnhealthyThresholdCount,
	})
	if err != nil {
		return err
	}
	p.group = aws.ToString(made.TargetGroups[0].TargetGroupArn)
	return p.route(ctx, like.LoadBalancerArns)
}

// route adds a rule for a host that nobody has to the first listener.
func (p *probe) route(ctx context.Context, balancers []string) error {
	if len(balancers) == 0 {
		return errors.New("the service's target group has no load balancer")
	}
	listeners, err := p.elb.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: &balancers[0]})
	if err != nil {
		return err
	}
	if len(listeners.Listeners) == 0 {
		return errors.New("the load balancer has no listener")
	}
	listener := listeners.Listeners[0].ListenerArn
	rules, err := p.elb.DescribeRules(ctx, &elb.DescribeRulesInput{ListenerArn: listener})
	if err != nil {
		return err
	}
	made, err := p.elb.CreateRule(ctx, &elb.CreateRuleInput{
		ListenerArn: listener, Priority: aws.Int32(freePriority(rules.Rules)),
		Conditions: []elbtypes.RuleCondition{{
			Field:            aws.String("host-header"),
			HostHeaderConfig: &elbtypes.HostHeaderConditionConfig{Values: []string{p.id + "." + probeMark + ".invalid"}},
		}},
		Actions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &p.group}},
	})
	if err == nil {
		p.rule = aws.ToString(made.Rules[0].RuleArn)
	}
	return err
}

// freePriority is the last priority that no rule has: the one that matters least.
func freePriority(rules []elbtypes.Rule) int32 {
	taken := map[string]bool{}
	for _, r := range rules {
		taken[aws.ToString(r.Priority)] = true
	}
	n := int32(50000)
	for taken[fmt.Sprint(n)] {
		n--
	}
	return n
}

func (p *probe) run(ctx context.Context) error {
	out, err := p.ecs.RunTask(ctx, &ecs.RunTaskInput{
		Cluster: &p.Cluster, TaskDefinition: &p.definition, LaunchType: types.LaunchTypeFargate,
		NetworkConfiguration: p.service.NetworkConfiguration, StartedBy: aws.String(probeMark),
	})
	if err != nil {
		return err
	}
	if len(out.Tasks) == 0 {
		return fmt.Errorf("the task was not placed: %s", failuresOf(out.Failures))
	}
	p.task = aws.ToString(out.Tasks[0].TaskArn)
	address, err := p.awaitRunning(ctx)
	if err != nil {
		return err
	}
	if p.group == "" {
		return p.awaitSteady(ctx)
	}
	target := elbtypes.TargetDescription{Id: &address, Port: p.service.LoadBalancers[0].ContainerPort}
	if _, err := p.elb.RegisterTargets(ctx, &elb.RegisterTargetsInput{TargetGroupArn: &p.group, Targets: []elbtypes.TargetDescription{target}}); err != nil {
		return err
	}
	return p.awaitHealthy(ctx)
}

func failuresOf(list []types.Failure) string {
	var texts []string
	for _, f := range list {
		texts = append(texts, strings.TrimSpace(aws.ToString(f.Reason)+" "+aws.ToString(f.Detail)))
	}
	return strings.Join(texts, "; ")
}

// clean takes away what the probe made. What cannot be taken away is said.
func (p *probe) clean() {
	ctx, cancel := context.WithTimeout(context.Background(), cleanTimeout)
	defer cancel()
	var faults []error
	if p.task != "" {
		_, err := p.ecs.StopTask(ctx, &ecs.StopTaskInput{Cluster: &p.Cluster, Task: &p.task, Reason: aws.String("the probe has ended")})
		faults = append(faults, err)
	}
	if p.rule != "" {
		_, err := p.elb.DeleteRule(ctx, &elb.DeleteRuleInput{RuleArn: &p.rule})
		faults = append(faults, err)
	}
	if p.group != "" {
		_, err := p.elb.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: &p.group})
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		p.say("the probe left something behind: %v", err)
	}
}
