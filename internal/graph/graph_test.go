package graph

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"apex/internal/stack"
)

var update = flag.Bool("update", false, "write golden files")

func load(t *testing.T, path, env string) stack.Stack {
	t.Helper()
	file, err := stack.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := file.Stack(env)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestGolden shows every resource of the seed's stack in both environments.
func TestGolden(t *testing.T) {
	for _, env := range []string{"dev", "production"} {
		t.Run(env, func(t *testing.T) {
			g, err := Build(load(t, "../../apex.yaml", env))
			if err != nil {
				t.Fatal(err)
			}
			file := "testdata/" + env + ".txt"
			if *update {
				if err := os.WriteFile(file, []byte(g.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), g.String()); diff != "" {
				t.Errorf("graph (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOrder holds every graph to its one promise: nothing stands before what it
// refers to.
func TestOrder(t *testing.T) {
	base := load(t, "../../apex.yaml", "dev")
	rapid.Check(t, func(t *rapid.T) {
		s := base
		s.Network.NAT = rapid.SampledFrom([]stack.NAT{stack.NATNone, stack.NATSingle, stack.NATPerZone}).Draw(t, "nat")
		s.Services = map[string]stack.Service{}
		for _, name := range rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,8}`), 1, 5).Draw(t, "services") {
			s.Services[name] = service(t)
		}
		g, err := Build(s)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[ID]bool{}
		for _, r := range g.Resources {
			for _, ref := range References(r) {
				if !seen[ref] {
					t.Fatalf("%s stands before %s", r.Base().ID, ref)
				}
			}
			seen[r.Base().ID] = true
		}
	})
}

func service(t *rapid.T) stack.Service {
	s := stack.Service{Image: "x", Port: rapid.IntRange(1, 9).Draw(t, "port"), Count: stack.Count{Min: 1, Max: rapid.IntRange(1, 3).Draw(t, "max")}}
	if rapid.Bool().Draw(t, "built") {
		s.Image, s.Build = "", "./x"
	}
	if rapid.Bool().Draw(t, "reached") {
		s.HTTP = &stack.HTTP{Paths: []string{"/" + rapid.StringMatching(`[a-z*?]{0,6}`).Draw(t, "path")}}
	}
	if rapid.Bool().Draw(t, "secrets") {
		s.Secrets = map[string]string{"A": "database.url", "B": "gemini"}
	}
	return s
}

func TestOrderRefuses(t *testing.T) {
	a := NATGateway{Meta: Meta{ID: "A"}, Subnet: "B"}
	b := NATGateway{Meta: Meta{ID: "B"}, Subnet: "A"}
	for name, tt := range map[string]struct {
		resources []Resource
		want      string
	}{
		"a circle":    {[]Resource{a, b}, "in a circle"},
		"a stranger":  {[]Resource{a}, "refers to B, which is not there"},
		"the same ID": {[]Resource{ElasticIP{Meta{ID: "E"}}, ElasticIP{Meta{ID: "E"}}}, "there are two"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := order(tt.resources); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestMoreSpecific(t *testing.T) {
	want := []string{"/api/health", "/socket.io/*", "/api/v?/*", "/api/*", "/*"}
	var claims []claim
	for _, p := range slices.Backward(want) {
		claims = append(claims, claim{"s", []string{p}})
	}
	slices.SortFunc(claims, moreSpecific)
	var got []string
	for _, c := range claims {
		got = append(got, c.patterns...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// shifting is a stack of a service whose traffic shifts and one that takes the rest.
const shifting = `name: shop
services:
  api:
    image: api:1
    http: {paths: [/api/*, /v1/*]}
    deploy: {strategy: canary, step: 20%, pause: 3 minutes, alarms: [errors]}
  web:
    image: web:1
    http: {paths: [/*]}
`

func TestTrafficShiftsBetweenTwoTargetGroups(t *testing.T) {
	file, err := stack.Parse("apex.yaml", []byte(shifting))
	if err != nil {
		t.Fatal(err)
	}
	s, err := file.Stack("dev")
	if err != nil {
		t.Fatal(err)
	}
	g, err := Build(s)
	if err != nil {
		t.Fatal(err)
	}
	got := map[ID]Resource{}
	for _, id := range []ID{"Rule/api-1", "Rule/web-1", "Service/api", "Service/web"} {
		if got[id], _ = g.Get(id); got[id] == nil {
			t.Fatalf("there is no %s", id)
		}
	}
	api, web := got["Service/api"].(Service), got["Service/web"].(Service)
	want := Deploy{Strategy: "CANARY", Minimum: 100, Maximum: 200, Step: 20, Pause: 3, Bake: 5, Rollback: true, Alarms: []string{"errors"}}
	if diff := cmp.Diff(want, api.Deploy); diff != "" {
		t.Errorf("deploy (-want +got):\n%s", diff)
	}
	if api.Alternate != "TargetGroup/api-2" || api.ShiftRole == "" || web.Alternate != "" || web.Deploy.Strategy != "ROLLING" {
		t.Errorf("services: %+v, %+v", api, web)
	}
	rule, rest := got["Rule/api-1"].(Rule), got["Rule/web-1"].(Rule)
	if diff := cmp.Diff([]string{"/api/*", "/v1/*"}, rule.Patterns); diff != "" || rule.Alternate != api.Alternate || rule.Priority > rest.Priority {
		t.Errorf("rules: %+v, %+v", rule, rest)
	}
}

// A task that is told the balancer's address comes after the balancer.
func TestBalancerURL(t *testing.T) {
	s := load(t, "../../apex.yaml", "dev")
	server := s.Services["server"]
	server.Environment = map[string]string{"SELF": BalancerURL + "/api"}
	s.Services["server"] = server
	g, err := Build(s)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := g.Get("TaskDefinition/server")
	if task := r.(TaskDefinition); task.References[BalancerURL] != "LoadBalancer" {
		t.Errorf("the task refers to %v", task.References)
	}
}
