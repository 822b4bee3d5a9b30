package apply

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"apex/internal/graph"
)

// deleteOrphans deletes services, rules and target groups of the stack that the
// graph no longer names. What holds data (databases, secrets, images, logs) and
// the network under them stays: it is named by `apex status`, and deleted by hand.
func (r *run) deleteOrphans(ctx context.Context) error {
	for _, step := range []func(context.Context) error{r.orphanRules, r.orphanServices, r.orphanTargetGroups} {
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

func (r *run) orphanRules(ctx context.Context) error {
	wanted := map[string]bool{}
	var listener graph.ID
	for _, res := range r.Graph.Resources {
		switch v := res.(type) {
		case graph.Rule:
			wanted[r.fact(v.ID).ARN] = true
		case graph.Listener:
			listener = v.ID
		}
	}
	if listener == "" {
		return nil
	}
	began := time.Now()
	out, err := r.elb.DescribeRules(ctx, &elb.DescribeRulesInput{ListenerArn: aws.String(r.fact(listener).ARN)})
	if err != nil {
		return err
	}
	for _, rule := range out.Rules {
		if aws.ToBool(rule.IsDefault) || wanted[*rule.RuleArn] {
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
	pages := ecs.NewListServicesPaginator(r.ecs, &ecs.ListServicesInput{Cluster: &cluster})
	for cluster != "" && pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, arn := range page.ServiceArns {
			name := arn[strings.LastIndex(arn, "/")+1:]
			if wanted[name] {
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
	pages := elb.NewDescribeTargetGroupsPaginator(r.elb, &elb.DescribeTargetGroupsInput{})
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
			began := time.Now()
			if _, err := r.elb.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: g.TargetGroupArn}); err != nil {
				return err
			}
			r.deleted(graph.ID("TargetGroup/"+strings.TrimPrefix(name, r.Graph.Prefix()+"-")), name, began)
		}
	}
	return nil
}
