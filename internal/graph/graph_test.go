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
		claims = append(claims, claim{"s", p})
	}
	slices.SortFunc(claims, moreSpecific)
	var got []string
	for _, c := range claims {
		got = append(got, c.pattern)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
