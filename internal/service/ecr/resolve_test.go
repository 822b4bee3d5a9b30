package ecr

import (
	"errors"
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestResolveImage(t *testing.T) {
	f := start(t, nil)
	f.create("crm/server")
	latest := digestOf(t, f.push("crm/server:latest"))
	v1 := digestOf(t, f.push("crm/server:v1"))
	other := "sha256:" + strings.Repeat("0", 64)
	for image, want := range map[string]string{
		"127.0.0.1:4566/crm/server:v1":                                  v1,
		"127.0.0.1:4566/crm/server":                                     latest,
		"localhost:4566/crm/server:v1":                                  v1,
		"127.0.0.1:4566/crm/server@" + v1:                               v1,
		"127.0.0.1:4566/crm/server:latest@" + v1:                        v1,
		"000000000000.dkr.ecr.us-east-1.amazonaws.com/crm/server:v1":    v1,
		"111111111111.dkr.ecr.us-east-1.amazonaws.com/crm/server:v1":    "",
		"000000000000.dkr.ecr.eu-central-1.amazonaws.com/crm/server:v1": "",
		"127.0.0.1:4566/crm/server:v2":                                  "",
		"127.0.0.1:4566/crm/server@" + other:                            "",
		"127.0.0.1:4566/none:v1":                                        "",
		"nginx":                                                         "",
		"library/nginx:latest":                                          "",
		"":                                                              "",
	} {
		name, digest, err := ResolveImage(f.env.Store.Snapshot(), scope, image)
		if digest != want || (want != "") != (err == nil) || err == nil && name != "crm/server" {
			t.Errorf("%q: %q %q, %v", image, name, digest, err)
		}
		if err != nil && !errors.Is(err, ErrNoImage) {
			t.Errorf("%q: %v, want ErrNoImage", image, err)
		}
	}
}

// wildcard agrees with path.Match where patterns have stars alone.
func TestWildcardProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		pattern := rapid.StringMatching(`[ab*]{0,8}`).Draw(r, "pattern")
		s := rapid.StringMatching(`[ab]{0,8}`).Draw(r, "s")
		want, err := path.Match(pattern, s)
		if err != nil {
			r.Fatal(err)
		}
		if got := wildcard(pattern, s); got != want {
			r.Fatalf("wildcard(%q, %q) = %v", pattern, s, got)
		}
	})
}
