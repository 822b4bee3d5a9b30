package house

import (
	"strings"
	"testing"
)

// mayImport says, for each part of the tree, which parts of the module it may
// import. The longest matching part speaks. Imports go one way:
// values → store, api → controller → service → region → cli; data planes know
// none of these; stack → graph → cli.
var mayImport = map[string][]string{
	"internal/arn":         {},
	"internal/awsid":       {},
	"internal/tag":         {},
	"internal/cidr":        {},
	"internal/seal":        {},
	"internal/page":        {},
	"internal/datachannel": {},
	"internal/sdkhttp":     {},
	"internal/store":       {},
	"internal/controller":  {"internal/store"},
	"internal/api":         {"internal/api"},
	"internal/awswire":     {"internal/api", "internal/awswire"},
	"internal/endpoint":    {"internal/api", "internal/awswire", "internal/awsid", "internal/arn"},
	"internal/dataplane":   {"internal/dataplane"},
	"internal/image":       {"internal/dataplane/registry", "internal/image"},
	"internal/service":     {"internal/arn", "internal/awsid", "internal/tag", "internal/cidr", "internal/page", "internal/seal", "internal/store", "internal/controller", "internal/api", "internal/datachannel", "internal/dataplane", "internal/image", "internal/service"},
	// servicetest is test code: it drives services through the wire.
	"internal/service/servicetest": {"internal/api", "internal/awsid", "internal/awswire", "internal/controller", "internal/dataplane/objects", "internal/dataplane/series", "internal/sdkhttp", "internal/seal", "internal/service", "internal/store"},
	"internal/region":              {"internal/arn", "internal/awsid", "internal/seal", "internal/store", "internal/controller", "internal/api", "internal/endpoint", "internal/service", "internal/dataplane", "internal/region"},
	"internal/stack":               {"internal/stack"},
	"internal/graph":               {"internal/stack", "internal/graph"},
	"internal/graph/apply":         {"internal/stack", "internal/graph", "internal/image"},
	"internal/cli":                 {"internal/sdkhttp", "internal/stack", "internal/graph", "internal/region", "internal/datachannel", "internal/dataplane", "internal/image", "internal/cli"},
	"internal/regiontest":          {"internal/sdkhttp", "internal/region"},
	"cmd/apex-task":                {"internal/dataplane"},
	"cmd/apex":                     {"internal/cli", "internal/region", "internal/dataplane"},
	"tests":                        {"internal/region", "internal/regiontest", "internal/dataplane"},
	"bench":                        {"internal"},
}

// onlyIn names what may be imported in some places alone, and why.
var onlyIn = map[string]struct {
	places []string
	reason string
}{
	"github.com/aws/aws-sdk-go-v2": {[]string{"internal/graph/apply", "internal/cli", "internal/regiontest", "internal/service/servicetest"}, "the region serves AWS's API and never calls it"},
	"testing":                      {[]string{"internal/regiontest", "internal/service/servicetest", "tests"}, "test code does not ship"},
	"text/template":                {nil, "its reflection makes the linker keep every method of every SDK client"},
	"html/template":                {nil, "its reflection makes the linker keep every method of every SDK client"},
	"plugin":                       {nil, "one static binary"},
	"C":                            {nil, "one static binary"},
}

func TestImports(t *testing.T) {
	for _, f := range sources(t) {
		for _, imp := range f.imports {
			if inner, ok := strings.CutPrefix(imp, "apex/"); ok && !f.isTest() {
				if part, allowed := allowance(f.dir()); !allowedIn(inner, f.dir(), allowed) {
					t.Errorf("%s imports %s: %s may import only %v", f.path, imp, part, allowed)
				}
			}
			for name, rule := range onlyIn {
				if !f.isTest() && within(imp, name) && !anyWithin(f.dir(), rule.places) {
					t.Errorf("%s imports %s: %s", f.path, imp, rule.reason)
				}
			}
		}
	}
}

// TestEveryPartHasItsRule finds folders that the rules forgot.
func TestEveryPartHasItsRule(t *testing.T) {
	for _, f := range sources(t) {
		if part, _ := allowance(f.dir()); part == "" {
			t.Errorf("%s: no entry of mayImport covers it", f.path)
		}
	}
}

func allowance(dir string) (part string, allowed []string) {
	for p, a := range mayImport {
		if within(dir, p) && len(p) > len(part) {
			part, allowed = p, a
		}
	}
	return part, allowed
}

func allowedIn(imp, dir string, allowed []string) bool {
	return imp == dir || anyWithin(imp, allowed)
}

func anyWithin(path string, parts []string) bool {
	for _, p := range parts {
		if within(path, p) {
			return true
		}
	}
	return false
}

func within(path, part string) bool { return path == part || strings.HasPrefix(path, part+"/") }
