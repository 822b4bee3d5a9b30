package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

type lbCmd struct {
	Test lbTestCmd `cmd:"" help:"Say which rule a URL meets, and where it goes: apex lb test /api/people."`
}

type lbTestCmd struct {
	targetFlags
	URL    string            `arg:"" help:"A URL, or its path alone."`
	Header map[string]string `short:"H" help:"A header of the request: -H Name=value." placeholder:"NAME=VALUE"`
	Method string            `short:"X" help:"The request's method." default:"GET"`
	Source string            `help:"The client's address." default:"127.0.0.1"`
	Output string            `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// Run matches a request that is not sent against the load balancer's rules.
func (c lbTestCmd) Run(a *app) error {
	_, t, cfg, err := c.open()
	if err != nil {
		return err
	}
	req, port, err := c.request()
	if err != nil {
		return err
	}
	b := balancerView{client: elb.NewFromConfig(cfg), target: t}
	listener, rules, err := b.rules(a.ctx, port)
	if err != nil {
		return err
	}
	trail := follow(rules, req)
	trail.Listener = fmt.Sprintf("%s:%d", listener.Protocol, aws.ToInt32(listener.Port))
	for i := range trail.Targets {
		if err := b.describe(a.ctx, &trail.Targets[i]); err != nil {
			return err
		}
	}
	if c.Output == "json" {
		return writeJSON(a.stdout, trail)
	}
	return trail.print(a.stdout)
}

// request is what is to be matched, and the listener's port; 0 is any.
func (c lbTestCmd) request() (r probeRequest, port int, err error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return r, 0, fmt.Errorf("lb test: %w", err)
	}
	if !strings.HasPrefix(u.Path, "/") && u.Path != "" {
		return r, 0, hinted(fmt.Errorf("lb test %s: a path begins with /", c.URL), "apex lb test /"+c.URL)
	}
	r, err = newProbeRequest(c.Method, u, c.Header, c.Source)
	if u.Scheme == "https" {
		port = 443
	}
	return r, port, err
}

// A balancerView reads what the load balancer of a stack does.
type balancerView struct {
	target
	client *elb.Client
}

// rules returns a listener, the first or the one at a port, and its rules.
func (b balancerView) rules(ctx context.Context, port int) (l types.Listener, rules []types.Rule, err error) {
	found, err := b.client.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{Names: []string{b.prefix()}})
	if err != nil {
		return l, nil, hinted(fmt.Errorf("find the load balancer %s: %w", b.prefix(), err), "apex up makes the stack")
	}
	listeners, err := b.client.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: found.LoadBalancers[0].LoadBalancerArn})
	if err != nil {
		return l, nil, fmt.Errorf("describe listeners: %w", err)
	}
	for _, one := range listeners.Listeners {
		if port == 0 || int(aws.ToInt32(one.Port)) == port {
			pages := elb.NewDescribeRulesPaginator(describeRules(b.client.DescribeRules), &elb.DescribeRulesInput{ListenerArn: one.ListenerArn})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					return l, nil, fmt.Errorf("describe rules: %w", err)
				}
				rules = append(rules, page.Rules...)
			}
			return one, rules, nil
		}
	}
	return l, nil, errors.New("the load balancer has no listener at port " + strconv.Itoa(port))
}

// describe fills in how many of a group's targets are healthy.
func (b balancerView) describe(ctx context.Context, t *targetShare) error {
	out, err := b.client.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &t.ARN})
	if err != nil {
		return fmt.Errorf("describe target health: %w", err)
	}
	t.Targets = len(out.TargetHealthDescriptions)
	for _, d := range out.TargetHealthDescriptions {
		if d.TargetHealth != nil && d.TargetHealth.State == types.TargetHealthStateEnumHealthy {
			t.Healthy++
		}
	}
	return nil
}
