package arn_test

import (
	"strings"
	"testing"

	"apex/internal/arn"
)

func TestParse(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want arn.ARN
		ok   bool
	}{
		"role":             {"arn:aws:iam::000000000000:role/x", arn.ARN{"aws", "iam", "", "000000000000", "role/x"}, true},
		"colons remain":    {"arn:aws:logs:us-east-1:1:log-group:/a:*", arn.ARN{"aws", "logs", "us-east-1", "1", "log-group:/a:*"}, true},
		"no resource":      {"arn:aws:ecs:us-east-1:1:", arn.ARN{}, false},
		"not an ARN":       {"vpc-0a", arn.ARN{}, false},
		"another scheme":   {"urn:aws:ecs:us-east-1:1:x", arn.ARN{}, false},
		"nothing":          {"", arn.ARN{}, false},
		"service left out": {"arn:aws::us-east-1:1:x", arn.ARN{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := arn.Parse(tt.text)
			if (err == nil) != tt.ok || got != tt.want {
				t.Errorf("Parse(%q) = %+v, %v; want %+v, ok %v", tt.text, got, err, tt.want, tt.ok)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("arn:aws:iam::000000000000:role/x")
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := arn.Parse(s); err == nil && a.String() != s {
			t.Errorf("%q came back as %q", s, a)
		}
	})
}

func TestScopeKey(t *testing.T) {
	scope := arn.Scope{Account: "000000000000", Region: "us-east-1"}
	key := scope.Key("cluster/main")
	if !strings.HasPrefix(key, scope.Prefix()) {
		t.Errorf("key %q does not begin with %q", key, scope.Prefix())
	}
	if s, id := arn.SplitKey(key); s != scope || id != "cluster/main" {
		t.Errorf("SplitKey(%q) = %v, %q", key, s, id)
	}
	if got, want := scope.ARN("ecs", "cluster/main"), "arn:aws:ecs:us-east-1:000000000000:cluster/main"; got != want {
		t.Errorf("ARN = %q, want %q", got, want)
	}
}
