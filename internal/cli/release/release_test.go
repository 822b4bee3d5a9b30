package release

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"
)

func TestParseSecret(t *testing.T) {
	const arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:shop-dev/database-AbCdEf"
	for ref, want := range map[string]secretRef{
		arn:                       {id: arn},
		arn + ":url::":            {id: arn, key: "url"},
		arn + ":url:AWSPREVIOUS:": {id: arn, key: "url", stage: "AWSPREVIOUS"},
		arn + ":::v1":             {id: arn, version: "v1"},
	} {
		if got, ok := parseSecret(ref); !ok || got != want {
			t.Errorf("%s: %+v, %v; want %+v", ref, got, ok, want)
		}
	}
	if _, ok := parseSecret("arn:aws:ssm:us-east-1:000000000000:parameter/x"); ok {
		t.Error("a parameter was taken for a secret")
	}
}

func TestParseImage(t *testing.T) {
	for ref, want := range map[string]struct{ uri, repository, tag, digest string }{
		"000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/web:v2": {"000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/web", "shop/web", "v2", ""},
		"127.0.0.1:4566/shop/web":                                  {"127.0.0.1:4566/shop/web", "shop/web", "latest", ""},
		"registry.example/web@sha256:01020":                        {"registry.example/web", "web", "", "sha256:01020"},
		"nginx:latest":                                             {"nginx:latest", "", "", ""},
		"library/nginx":                                            {"library/nginx", "", "", ""},
	} {
		uri, repository, id := parseImage(ref)
		if uri != want.uri || repository != want.repository || aws.ToString(id.ImageTag) != want.tag || aws.ToString(id.ImageDigest) != want.digest {
			t.Errorf("%s: %s %s %+v", ref, uri, repository, id)
		}
	}
}

func TestVerifyArchitectureOfAnIndex(t *testing.T) {
	const index = `{"manifests":[{"platform":{"architecture":"amd64","os":"linux"}},{"platform":{"architecture":"arm64","os":"linux"}}]}`
	var c Client
	if err := c.verifyArchitecture(t.Context(), "web", "web", index, "arm64"); err != nil {
		t.Error(err)
	}
	err := c.verifyArchitecture(t.Context(), "web", "web", index, "s390x")
	if err == nil || err.Error() != "image web: it is made for amd64, arm64, and tasks run on s390x" {
		t.Errorf("another architecture: %v", err)
	}
}

func release(revision int32, current bool, image string, env map[string]string) Release {
	c := types.ContainerDefinition{Name: aws.String("web"), Image: &image}
	for k, v := range env {
		c.Environment = append(c.Environment, types.KeyValuePair{Name: &k, Value: &v})
	}
	return Release{Revision: revision, Current: current, definition: types.TaskDefinition{ContainerDefinitions: []types.ContainerDefinition{c}}}
}

func TestPreviousIsTheOneBefore(t *testing.T) {
	list := []Release{release(9, false, "c", nil), release(7, true, "b", nil), release(4, false, "a", nil)}
	if r, ok := Previous(list); !ok || r.Revision != 4 {
		t.Errorf("before 7 there is %d, %v", r.Revision, ok)
	}
	if _, ok := Previous(list[:2]); ok {
		t.Error("the first release has one before it")
	}
}

func TestDiffNamesWhatChanged(t *testing.T) {
	a := release(1, false, "web:1", map[string]string{"COLOUR": "red", "OLD": "x"})
	b := release(2, true, "web:2", map[string]string{"COLOUR": "blue"})
	want := []string{
		"- web environment COLOUR red", "+ web environment COLOUR blue",
		"- web environment OLD x",
		"- web image web:1", "+ web image web:2",
	}
	if diff := cmp.Diff(want, Diff(a, b)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFreePriorityIsTheLast(t *testing.T) {
	rule := func(p string) elbtypes.Rule { return elbtypes.Rule{Priority: &p} }
	if got := freePriority([]elbtypes.Rule{rule("50000"), rule("10"), rule("49999"), rule("default")}); got != 49998 {
		t.Errorf("free priority %d", got)
	}
}

func TestTallySpeaksPlainly(t *testing.T) {
	for want, tally := range map[string]Tally{
		"4,812 requests during the deployment, 0 failed":                                                 {Requests: 4812},
		"1,004,812 requests during the deployment, 3 failed (2 found a target gone and went to another)": {Requests: 1004812, Failed: 3, Errors: 2},
		"12 requests during the deployment, 0 failed":                                                    {Requests: 12},
	} {
		if tally.String() != want {
			t.Errorf("%q, want %q", tally, want)
		}
	}
}
