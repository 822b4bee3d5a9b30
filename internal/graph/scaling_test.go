package graph

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"apex/internal/stack"
)

// Each aim of a count is a policy; that of requests names what counts them.
func TestEachAimIsAPolicy(t *testing.T) {
	file, err := stack.Parse("apex.yaml", []byte(`
name: shop
services:
  web: {image: web, count: {min: 1, max: 4, cpu: 60%, memory: 80%, requests: 500}, http: {paths: [/*]}}
`))
	if err != nil {
		t.Fatal(err)
	}
	s, err := file.Stack("")
	if err != nil {
		t.Fatal(err)
	}
	g, err := Build(s)
	if err != nil {
		t.Fatal(err)
	}
	var got []ScalingPolicy
	for _, r := range g.Resources {
		if p, ok := r.(ScalingPolicy); ok {
			p.Meta = Meta{}
			got = append(got, p)
		}
	}
	want := []ScalingPolicy{
		{Target: "ScalableTarget/web", Metric: "cpu", Aim: 60},
		{Target: "ScalableTarget/web", Metric: "memory", Aim: 80},
		{Target: "ScalableTarget/web", Metric: "requests", Aim: 500, Balancer: "LoadBalancer", Group: "TargetGroup/web"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
}
