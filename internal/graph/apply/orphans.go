package apply

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"apex/internal/graph"
)

// deleteOrphans deletes services, listeners, rules, target groups and
// certificates of the stack that the graph no longer names. What holds data (databases, secrets, images, logs) and
// the network under them stays, to be deleted by hand.
func (r *run) deleteOrphans(ctx context.Context) error {
	for _, step := range []func(context.Context) error{r.orphanListeners, r.orphanRules, r.orphanServices, r.orphanTargetGroups, r.orphanCertificates} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("delete what the stack file no longer names: %s", reason(err))
		}
	}
	return nil
}

func (r *run) deleted(id graph.ID, name string, began time.Time) {
	r.summary.count(Deleted)
	if r.Report != nil {
		r.Report(Event{ID: id, Name: name, Phase: Deleted, Elapsed: time.Since(began)})
	}
}

// owns reports whether tags are those of this stack and environment: what others
// made beside it is not touched.
func (r *run) owns(tags map[string]string) bool {
	return tags[graph.TagStack] == r.Graph.Stack && tags[graph.TagEnvironment] == r.Graph.Environment
}

// tagsOf returns the tags of a resource of the load balancer's service.
func (r *run) tagsOf(ctx context.Context, arn string) (map[string]string, error) {
	out, err := r.elb.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: []string{arn}})
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, d := range out.TagDescriptions {
		for _, t := range d.Tags {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	return tags, nil
}

// orphanListeners deletes listeners at ports that the stack does not name.
func (r *run) orphanListeners(ctx context.Context) error {
	wanted, balancer := map[string]bool{}, ""
	for _, res := range r.Graph.Resources {
		if v, ok := res.(graph.Listener); ok {
			wanted[r.fact(v.ID).ARN], balancer = true, r.fact(v.LoadBalancer).ARN
		}
	}
	if balancer == "" {
		return nil
	}
	began := time.Now()
	out, err := r.elb.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: &balancer})
	if err != nil {
		return err
	}
	for _, l := range out.Listeners {
		if wanted[*l.ListenerArn] {
			continue
		}
		tags, err := r.tagsOf(ctx, *l.ListenerArn)
		if err != nil {
			return err
		}
		if !r.owns(tags) {
			continue
		}
		if _, err := r.elb.DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: l.ListenerArn}); err != nil {
			return err
		}
		r.deleted("Listener", fmt.Sprintf("port %d", aws.ToInt32(l.Port)), began)
	}
	return nil
}

func (r *run) orphanRules(ctx context.Context) error {
	wanted := map[string]bool{}
	var listeners []graph.ID
	for _, res := range r.Graph.Resources {
		switch v := res.(type) {
		case graph.Rule:
			wanted[r.fact(v.ID).ARN] = true
		case graph.Listener:
			listeners = append(listeners, v.ID)
		}
	}
	for _, l := range listeners {
		if err := r.orphanRulesOf(ctx, r.fact(l).ARN, wanted); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) orphanRulesOf(ctx context.Context, listener string, wanted map[string]bool) error {
	began := time.Now()
	out, err := r.elb.DescribeRules(ctx, &elb.DescribeRulesInput{ListenerArn: &listener})
	if err != nil {
		return err
	}
	for _, rule := range out.Rules {
		if aws.ToBool(rule.IsDefault) || wanted[*rule.RuleArn] {
			continue
		}
		tags, err := r.tagsOf(ctx, *rule.RuleArn)
		if err != nil {
			return err
		}
		if !r.owns(tags) {
			continue
		}
		if _, err := r.elb.DeleteRule(ctx, &elb.DeleteRuleInput{RuleArn: rule.RuleArn}); err != nil {
			return err
		}
		r.deleted("Rule", "priority "+aws.ToString(rule.Priority), began)
	}
	return nil
}

func (r *run) orphanServices(ctx context.Context) error {
	cluster, wanted := "", map[string]bool{}
	for _, res := range r.Graph.Resources {
		switch v := res.(type) {
		case graph.Cluster:
			cluster = v.Name
		case graph.Service:
			wanted[v.Name] = true
		}
	}
	pages := ecs.NewListServicesPaginator(listServices(r.ecs.ListServices), &ecs.ListServicesInput{Cluster: &cluster})
	for cluster != "" && pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if len(page.ServiceArns) == 0 {
			continue
		}
		out, err := r.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{
			Cluster: &cluster, Services: page.ServiceArns, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags},
		})
		if err != nil {
			return err
		}
		for _, svc := range out.Services {
			name := aws.ToString(svc.ServiceName)
			tags := map[string]string{}
			for _, t := range svc.Tags {
				tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
			if wanted[name] || !r.owns(tags) {
				continue
			}
			began := time.Now()
			if _, err := r.ecs.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: &cluster, Service: &name, Force: aws.Bool(true)}); err != nil {
				return err
			}
			r.deleted(graph.ID("Service/"+name), name, began)
		}
	}
	return nil
}

func (r *run) orphanTargetGroups(ctx context.Context) error {
	wanted := map[string]bool{}
	for _, res := range r.Graph.Resources {
		if v, ok := res.(graph.TargetGroup); ok {
			wanted[v.Name] = true
		}
	}
	pages := elb.NewDescribeTargetGroupsPaginator(describeTargetGroups(r.elb.DescribeTargetGroups), &elb.DescribeTargetGroupsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, g := range page.TargetGroups {
			name := aws.ToString(g.TargetGroupName)
			if wanted[name] || !strings.HasPrefix(name, r.Graph.Prefix()+"-") {
				continue
			}
			tags, err := r.tagsOf(ctx, *g.TargetGroupArn)
			if err != nil {
				return err
			}
			if !r.owns(tags) {
				continue
			}
			began := time.Now()
			if _, err := r.elb.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: g.TargetGroupArn}); err != nil {
				return err
			}
			r.deleted(graph.ID("TargetGroup/"+strings.TrimPrefix(name, r.Graph.Prefix()+"-")), name, began)
		}
	}
	return nil
}
