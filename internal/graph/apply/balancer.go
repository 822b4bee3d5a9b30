package apply

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go"

	"apex/internal/graph"
)

func (r *run) elbTags(id graph.ID) (tags []types.Tag) {
	for k, v := range r.Graph.Tags(id) {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

func (r *run) findBalancer(ctx context.Context, name string) (*types.LoadBalancer, error) {
	out, err := r.elb.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{Names: []string{name}})
	var missing *types.LoadBalancerNotFoundException
	if errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &out.LoadBalancers[0], nil
}

func (r *run) loadBalancer(ctx context.Context, v graph.LoadBalancer, began time.Time) (fact, Phase, error) {
	have, err := r.findBalancer(ctx, v.Name)
	if err != nil {
		return fact{}, "", err
	}
	phase := Unchanged
	if have == nil {
		phase = Created
		made, err := r.elb.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{
			Name: &v.Name, Subnets: r.ids(v.Subnets), SecurityGroups: r.ids(v.Groups), Tags: r.elbTags(v.ID),
		})
		if err != nil {
			return fact{}, "", err
		}
		have = &made.LoadBalancers[0]
	} else if !sameSet(have.SecurityGroups, r.ids(v.Groups)) {
		phase = Updated
		if _, err := r.elb.SetSecurityGroups(ctx, &elb.SetSecurityGroupsInput{LoadBalancerArn: have.LoadBalancerArn, SecurityGroups: r.ids(v.Groups)}); err != nil {
			return fact{}, "", err
		}
	}
	changed, err := r.compression(ctx, v, *have.LoadBalancerArn)
	if err != nil {
		return fact{}, "", err
	}
	if changed && phase == Unchanged {
		phase = Updated
	}
	f := fact{ID: v.Name, ARN: *have.LoadBalancerArn, Host: aws.ToString(have.DNSName)}
	tries := 0
	return f, phase, r.wait(ctx, v, began, pollSoon, func() (bool, string, error) {
		lb, err := r.findBalancer(ctx, v.Name)
		if err != nil {
			return false, "", err
		}
		if lb == nil {
			return false, "", errGone
		}
		if lb.State.Code != types.LoadBalancerStateEnumFailed {
			tries = 0
		} else if tries++; tries > failedTries {
			return false, "", fmt.Errorf("it failed: %s", aws.ToString(lb.State.Reason))
		}
		return lb.State.Code == types.LoadBalancerStateEnumActive, "state " + string(lb.State.Code), nil
	})
}

const compressionAttribute = "apex.compression.enabled"

// compression sets whether a load balancer compresses responses. A region of
// AWS does not know the attribute, and goes without.
func (r *run) compression(ctx context.Context, v graph.LoadBalancer, arn string) (bool, error) {
	out, err := r.elb.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &arn})
	if err != nil {
		return false, err
	}
	have, wanted := "false", strconv.FormatBool(v.Gzip)
	for _, a := range out.Attributes {
		if aws.ToString(a.Key) == compressionAttribute {
			have = aws.ToString(a.Value)
		}
	}
	if have == wanted {
		return false, nil
	}
	_, err = r.elb.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
		LoadBalancerArn: &arn,
		Attributes:      []types.LoadBalancerAttribute{{Key: aws.String(compressionAttribute), Value: &wanted}},
	})
	var fault smithy.APIError
	if errors.As(err, &fault) && fault.ErrorCode() == "ValidationError" {
		return false, nil
	}
	return err == nil, err
}

// failedTries is how often in a row a load balancer may be seen failed: a region
// here tries again by itself, for instance until a port is free.
const failedTries = 40

func (r *run) targetGroup(ctx context.Context, v graph.TargetGroup) (fact, Phase, error) {
	out, err := r.elb.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{Names: []string{v.Name}})
	var missing *types.TargetGroupNotFoundException
	phase := Unchanged
	var group types.TargetGroup
	switch {
	case errors.As(err, &missing):
		made, err := r.elb.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
			Name: &v.Name, VpcId: aws.String(r.fact(v.VPC).ID), Port: aws.Int32(int32(v.Port)), Protocol: types.ProtocolEnumHttp,
			TargetType: types.TargetTypeEnumIp, HealthCheckPath: &v.Health, Tags: r.elbTags(v.ID),
		})
		if err != nil {
			return fact{}, "", err
		}
		phase, group = Created, made.TargetGroups[0]
	case err != nil:
		return fact{}, "", err
	default:
		group = out.TargetGroups[0]
		if int(aws.ToInt32(group.Port)) != v.Port {
			return fact{}, "", fmt.Errorf("its port is %d and cannot become %d while a rule uses it: rename the service to change its port", aws.ToInt32(group.Port), v.Port)
		}
	}
	changed, err := r.targetGroupSettings(ctx, v, group)
	if changed && phase == Unchanged {
		phase = Updated
	}
	return fact{ID: v.Name, ARN: *group.TargetGroupArn}, phase, err
}

const drainAttribute = "deregistration_delay.timeout_seconds"

func (r *run) targetGroupSettings(ctx context.Context, v graph.TargetGroup, group types.TargetGroup) (bool, error) {
	changed := false
	if aws.ToString(group.HealthCheckPath) != v.Health {
		changed = true
		if _, err := r.elb.ModifyTargetGroup(ctx, &elb.ModifyTargetGroupInput{TargetGroupArn: group.TargetGroupArn, HealthCheckPath: &v.Health}); err != nil {
			return true, err
		}
	}
	out, err := r.elb.DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: group.TargetGroupArn})
	if err != nil {
		return changed, err
	}
	drain := strconv.Itoa(v.Drain)
	for _, a := range out.Attributes {
		if aws.ToString(a.Key) == drainAttribute && aws.ToString(a.Value) == drain {
			return changed, nil
		}
	}
	_, err = r.elb.ModifyTargetGroupAttributes(ctx, &elb.ModifyTargetGroupAttributesInput{
		TargetGroupArn: group.TargetGroupArn, Attributes: []types.TargetGroupAttribute{{Key: aws.String(drainAttribute), Value: &drain}},
	})
	return true, err
}

func (r *run) rule(ctx context.Context, v graph.Rule) (fact, Phase, error) {
	listener := r.fact(v.Listener).ARN
	out, err := r.elb.DescribeRules(ctx, &elb.DescribeRulesInput{ListenerArn: &listener})
	if err != nil {
		return fact{}, "", err
	}
	conditions := []types.RuleCondition{{Field: aws.String("path-pattern"), PathPatternConfig: &types.PathPatternConditionConfig{Values: v.Patterns}}}
	for _, have := range out.Rules {
		if aws.ToString(have.Priority) != strconv.Itoa(v.Priority) {
			continue
		}
		if r.sameRule(have, v) {
			return fact{ARN: *have.RuleArn}, Unchanged, nil
		}
		if other := otherTarget(have, r.fact(v.Target).ARN); other != "" && v.Alternate == "" {
			return fact{}, "", fmt.Errorf("rule %s sends requests to %s: deploy the service once more, so that they are in the first target group again, and change the strategy then", *have.RuleArn, other)
		}
		_, err := r.elb.ModifyRule(ctx, &elb.ModifyRuleInput{RuleArn: have.RuleArn, Conditions: conditions, Actions: r.forward(v)})
		return fact{ARN: *have.RuleArn}, Updated, err
	}
	made, err := r.elb.CreateRule(ctx, &elb.CreateRuleInput{
		ListenerArn: &listener, Priority: aws.Int32(int32(v.Priority)), Conditions: conditions, Actions: r.forward(v), Tags: r.elbTags(v.ID),
	})
	if err != nil {
		return fact{}, "", err
	}
	return fact{ARN: *made.Rules[0].RuleArn}, Created, nil
}

// otherTarget is a second target group that takes requests of a rule: to let go
// of it would lose them.
func otherTarget(have types.Rule, first string) string {
	for _, a := range have.Actions {
		if a.ForwardConfig == nil || len(a.ForwardConfig.TargetGroups) < 2 {
			continue
		}
		for _, t := range a.ForwardConfig.TargetGroups {
			if arn := aws.ToString(t.TargetGroupArn); arn != first && aws.ToInt32(t.Weight) > 0 {
				return arn
			}
		}
	}
	return ""
}

// forward sends all to the first target group. ECS shifts it from there.
func (r *run) forward(v graph.Rule) []types.Action {
	target := r.fact(v.Target).ARN
	if v.Alternate == "" {
		return []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: &target}}
	}
	return []types.Action{{Type: types.ActionTypeEnumForward, ForwardConfig: &types.ForwardActionConfig{TargetGroups: []types.TargetGroupTuple{
		{TargetGroupArn: &target, Weight: aws.Int32(100)}, {TargetGroupArn: aws.String(r.fact(v.Alternate).ARN), Weight: aws.Int32(0)},
	}}}}
}

// sameRule reports whether a rule has the patterns and target groups that are
// wanted. Their weights are ECS's.
func (r *run) sameRule(have types.Rule, v graph.Rule) bool {
	if len(have.Conditions) != 1 || have.Conditions[0].PathPatternConfig == nil || len(have.Actions) != 1 {
		return false
	}
	want := []string{r.fact(v.Target).ARN}
	if v.Alternate != "" {
		want = append(want, r.fact(v.Alternate).ARN)
	}
	var groups []string
	if f := have.Actions[0].ForwardConfig; f != nil {
		for _, t := range f.TargetGroups {
			groups = append(groups, aws.ToString(t.TargetGroupArn))
		}
	}
	return sameSet(have.Conditions[0].PathPatternConfig.Values, v.Patterns) && sameSet(groups, want)
}
