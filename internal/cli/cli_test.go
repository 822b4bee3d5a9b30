package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"apex/internal/graph/apply"
)

func TestErrorsComeWithTheWayOut(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"plain":   {errors.New("read it: gone"), "apex: error: read it: gone\n"},
		"lines":   {errors.New("one\ntwo"), "apex: error: one\napex: error: two\n"},
		"hint":    {fmt.Errorf("up: %w", hinted(errors.New("no"), "do")), "apex: error: up: no\napex: hint: do\n"},
		"from go": {&apply.Error{ID: "VPC", Name: "a", Err: errors.New("no"), Hint: "ask"}, "apex: error: VPC (a): no\napex: hint: ask\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			printError(&out, tt.err)
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if hinted(nil, "x") != nil {
		t.Error("no error became one")
	}
}

// TestShellReadsBack holds for any value: what env prints is what sh gets.
func TestShellReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[ -~]{0,24}`).Draw(t, "value")
		out, err := exec.Command("sh", "-c", variable{"V", value}.export("sh")+`; printf %s "$V"`).Output()
		if err != nil || string(out) != value {
			t.Fatalf("%q came back as %q: %v", value, out, err)
		}
	})
}

func TestTargetOwns(t *testing.T) {
	tt := target{Stack: "shop", Environment: "dev"}
	for name, want := range map[string]bool{
		"shop-dev": true, "shop-dev-main": true, "shop-dev2": false, "shop-development": false, "shop": false, "": false,
	} {
		if got := tt.owns(name); got != want {
			t.Errorf("owns(%q) = %v", name, got)
		}
	}
}

func TestOpenPath(t *testing.T) {
	for pattern, want := range map[string]string{"/*": "/", "/api/*": "/api/", "/v?/x": "/v", "/exact": "/exact"} {
		if got := openPath(pattern); got != want {
			t.Errorf("openPath(%q) = %q, want %q", pattern, got, want)
		}
	}
}

func TestAWSEnvironmentIsTheRegionsAlone(t *testing.T) {
	got := awsEnvironment([]string{"HOME=/root", "AWS_PROFILE=work", "AWS_SESSION_TOKEN=x"}, []variable{{"AWS_REGION", "us-east-1"}})
	if diff := cmp.Diff([]string{"HOME=/root", "AWS_REGION=us-east-1", "AWS_PAGER="}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
