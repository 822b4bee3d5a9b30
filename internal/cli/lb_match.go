package cli

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/dataplane/balancer/http1"
	"apex/internal/dataplane/balancer/route"
)

// A probeRequest is a request that is matched and never sent.
type probeRequest = route.Request

func newProbeRequest(method string, u *url.URL, header map[string]string, source string) (r probeRequest, err error) {
	r = probeRequest{
		Method: []byte(method), Host: []byte(cmp.Or(u.Host, "localhost")),
		Path: []byte(cmp.Or(u.EscapedPath(), "/")), Query: []byte(u.RawQuery),
	}
	for _, name := range sortedKeys(header) {
		if strings.EqualFold(name, "host") {
			r.Host = []byte(header[name])
		}
		r.Fields = append(r.Fields, http1.Field{Name: []byte(name), Value: []byte(header[name])})
	}
	if r.Source, err = netip.ParseAddr(source); err != nil {
		return r, fmt.Errorf("lb test --source: %w", err)
	}
	return r, nil
}

// A ruleTrail is the way of a request through the rules.
type ruleTrail struct {
	Listener string        `json:"listener"`
	Rules    []ruleLook    `json:"rules"` // those looked at, in order; the last one takes it
	Action   string        `json:"action"`
	Targets  []targetShare `json:"targets,omitempty"`
}

// A ruleLook is one rule, and the first condition that does not hold.
type ruleLook struct {
	Priority   string `json:"priority"`
	Conditions string `json:"conditions"`
	Failed     string `json:"failed,omitempty"`
}

// A targetShare is a target group that a request may go to.
type targetShare struct {
	ARN     string `json:"arn"`
	Name    string `json:"name"`
	Weight  int32  `json:"weight"`
	Targets int    `json:"targets"`
	Healthy int    `json:"healthy"`
}

// follow matches the request against the rules in their order.
func follow(rules []types.Rule, r probeRequest) ruleTrail {
	slices.SortStableFunc(rules, func(a, b types.Rule) int { return cmp.Compare(rank(a), rank(b)) })
	var trail ruleTrail
	for _, rule := range rules {
		look := ruleLook{Priority: aws.ToString(rule.Priority), Conditions: conditionsText(rule.Conditions)}
		for _, c := range rule.Conditions {
			if converted := routeCondition(c); !converted.Matches(&r) {
				look.Failed = conditionText(c)
				break
			}
		}
		trail.Rules = append(trail.Rules, look)
		if look.Failed == "" {
			trail.take(rule.Actions)
			break
		}
	}
	return trail
}

// rank orders rules by priority, the default one last.
func rank(r types.Rule) int {
	n, err := strconv.Atoi(aws.ToString(r.Priority))
	if err != nil {
		return 1 << 20
	}
	return n
}

// take notes what a rule does with the request: its last action decides.
func (t *ruleTrail) take(actions []types.Action) {
	var names []string
	for _, a := range actions {
		names = append(names, string(a.Type))
		switch {
		case a.RedirectConfig != nil:
			names[len(names)-1] += " " + string(a.RedirectConfig.StatusCode)
		case a.FixedResponseConfig != nil:
			names[len(names)-1] += " " + aws.ToString(a.FixedResponseConfig.StatusCode)
		case a.ForwardConfig != nil && len(a.ForwardConfig.TargetGroups) > 0:
			for _, g := range a.ForwardConfig.TargetGroups {
				arn := aws.ToString(g.TargetGroupArn)
				t.Targets = append(t.Targets, targetShare{ARN: arn, Name: groupName(arn), Weight: aws.ToInt32(g.Weight)})
			}
		case a.TargetGroupArn != nil:
			t.Targets = append(t.Targets, targetShare{ARN: *a.TargetGroupArn, Name: groupName(*a.TargetGroupArn), Weight: 1})
		}
	}
	t.Action = strings.Join(names, ", then ")
}

// groupName is "name" of "…:targetgroup/name/0123456789abcdef".
func groupName(arn string) string {
	parts := strings.Split(arn, "/")
	if len(parts) < 3 {
		return arn
	}
	return parts[len(parts)-2]
}

func (t ruleTrail) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintf(w, "%s\n\nPRIORITY\tCONDITIONS\t\n", t.Listener)
	for _, r := range t.Rules {
		verdict := "takes it"
		if r.Failed != "" {
			verdict = "no: " + r.Failed
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.Priority, cmp.Or(r.Conditions, "any request"), verdict)
	}
	fmt.Fprintf(w, "\n%s\n", t.Action)
	for _, g := range t.Targets {
		fmt.Fprintf(w, "%s\tweight %d\t%d of %d targets healthy\n", g.Name, g.Weight, g.Healthy, g.Targets)
	}
	return w.Flush()
}
