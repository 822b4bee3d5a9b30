package endpoint_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/api/stsapi"
	"apex/internal/endpoint"
)

// The AWS CLI of Debian 12 knows no AWS_ENDPOINT_URL.
func TestClientDataLeadsTheCLIHere(t *testing.T) {
	const cli = "/usr/bin/aws"
	if _, err := os.Stat(cli); err != nil {
		t.Skip("no AWS CLI from Debian:", err)
	}
	d := open(t, nil)
	dir := t.TempDir()
	routes := []api.Route{stsapi.GetCallerIdentity.Handle(nil), ecsapi.ListClusters.Handle(nil)}
	for range 2 { // the second time over the first
		if err := endpoint.WriteClientData(dir, d.url, routes); err != nil {
			t.Fatal(err)
		}
	}
	run := func(secret string, args ...string) string {
		cmd := exec.Command(cli, args...)
		cmd.Env = append(os.Environ(), "AWS_DATA_PATH="+dir, "AWS_ENDPOINT_URL=", "AWS_DEFAULT_REGION=eu-west-1",
			"AWS_ACCESS_KEY_ID=AKIDADMIN", "AWS_SECRET_ACCESS_KEY="+secret, "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	for command, want := range map[string]string{"sts get-caller-identity": admin.ARN, "ecs list-clusters": "cluster/apexai"} {
		if out := run(secret, strings.Fields(command)...); !strings.Contains(out, want) {
			t.Errorf("%s answers %s", command, out)
		}
	}
	if out := run("wrong", "sts", "get-caller-identity"); !strings.Contains(out, "SignatureDoesNotMatch") {
		t.Errorf("a wrong secret is answered %s", out)
	}
}
