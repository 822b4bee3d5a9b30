package access

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"apex/internal/regiontest"
)

const stackFile = `name: access
secrets:
  token: {description: of the service itself}
services:
  web:
    build: ./app
    command: [serve]
    port: 3000
    count: 1
    secrets: {TOKEN: token}
`

func start(t *testing.T) *regiontest.Region {
	t.Helper()
	r, dir := regiontest.New(t), t.TempDir()
	for name, text := range map[string]string{"app/go.mod": "module app\n\ngo 1.26\n", "app/main.go": program, "apex.yaml": stackFile} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.Apex(t, "up", "--file", filepath.Join(dir, "apex.yaml"))
	return r
}

// try runs the command line and returns all that it printed.
func try(t *testing.T, r *regiontest.Region, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := r.TryApex(ctx, args...)
	if err != nil {
		out += err.Error()
	}
	return out
}

// A document is a policy as the stack writes it.
type document struct {
	Version   string
	Statement []json.RawMessage
}

// A role is one of the stack's with its one policy.
type role struct {
	t      *testing.T
	client *iam.Client
	name   string
	document
}

func open(t *testing.T, client *iam.Client, name string) role {
	t.Helper()
	out, err := client.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: &name, PolicyName: aws.String("apex")})
	if err != nil {
		t.Fatal(err)
	}
	r := role{t: t, client: client, name: name}
	text, _ := url.PathUnescape(*out.PolicyDocument)
	if err := json.Unmarshal([]byte(text), &r.document); err != nil {
		t.Fatal(err)
	}
	attached, err := client.ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: &name})
	if err != nil || len(attached.AttachedPolicies) > 0 {
		t.Errorf("role %s has policies besides its own: %v, %v", name, attached, err)
	}
	return r
}

// put gives the role some statements, or none.
func (r role) put(statements []json.RawMessage) {
	r.t.Helper()
	if len(statements) == 0 {
		if _, err := r.client.DeleteRolePolicy(r.t.Context(), &iam.DeleteRolePolicyInput{RoleName: &r.name, PolicyName: aws.String("apex")}); err != nil {
			r.t.Fatal(err)
		}
		return
	}
	text, err := json.Marshal(document{r.Version, statements})
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.client.PutRolePolicy(r.t.Context(), &iam.PutRolePolicyInput{
		RoleName: &r.name, PolicyName: aws.String("apex"), PolicyDocument: aws.String(string(text)),
	}); err != nil {
		r.t.Fatal(err)
	}
}

// TestRolesAreLeastPrivilege removes each statement of the stack's roles in turn:
// what it is for fails without it, and works again with it. The table says so.
func TestRolesAreLeastPrivilege(t *testing.T) {
	r := start(t)
	client := iam.NewFromConfig(r.AWS(t))
	needs := []struct {
		role, action string
		args         []string
		works, fails string
	}{
		{"access-dev-execution", "ecr:GetAuthorizationToken", []string{"run", "web", "--", "say"}, "runs with a token", "unable to retrieve ecr registry auth"},
		{"access-dev-execution", "ecr:BatchGetImage", []string{"run", "web", "--", "say"}, "runs with a token", "CannotPullContainerError"},
		{"access-dev-execution", "logs:CreateLogStream", []string{"run", "web", "--", "say"}, "runs with a token", "failed to create Cloudwatch log stream"},
		{"access-dev-execution", "secretsmanager:GetSecretValue", []string{"run", "web", "--", "say"}, "runs with a token", "unable to retrieve secret from asm"},
		{"access-dev-task", "ssmmessages:CreateControlChannel", []string{"exec", "web", "--", "/app/app", "say"}, "runs with a token", "The execute command failed due to an internal error"},
	}
	tried := map[string]int{}
	var table strings.Builder
	for _, need := range needs {
		own := open(t, client, need.role)
		at := slices.IndexFunc(own.Statement, func(s json.RawMessage) bool { return strings.Contains(string(s), need.action) })
		if at < 0 {
			t.Fatalf("no statement of %s allows %s", need.role, need.action)
		}
		tried[need.role]++
		with := try(t, r, need.args...)
		own.put(slices.Delete(slices.Clone(own.Statement), at, at+1))
		without := try(t, r, need.args...)
		own.put(own.Statement)
		if !strings.Contains(with, need.works) || !strings.Contains(without, need.fails) {
			t.Errorf("%s, %s:\nwith it    %s\nwithout it %s", need.role, need.action, with, without)
		}
		fmt.Fprintf(&table, "%-22s %-32s apex %-28s works with it; without it: %s\n", need.role, need.action, strings.Join(need.args, " "), need.fails)
	}
	for name, n := range tried {
		if own := open(t, client, name); len(own.Statement) != n {
			t.Errorf("role %s has %d statements, of which %d were tried", name, len(own.Statement), n)
		}
	}
	t.Logf("each statement of the stack's roles, taken away:\n%s", table.String())
	t.Run("another secret", func(t *testing.T) { anotherSecret(t, r) })
}

// anotherSecret has the server's task read a secret that is not its own: the
// refusal is in the task's own log, and explain access says the same.
func anotherSecret(t *testing.T, r *regiontest.Region) {
	made, err := secretsmanager.NewFromConfig(r.AWS(t)).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("payroll"), SecretString: aws.String("42"),
	})
	if err != nil {
		t.Fatal(err)
	}
	out := try(t, r, "run", "web", "--", "read", "payroll")
	for _, want := range []string{
		"answered 400", "AccessDeniedException", "assumed-role/access-dev-task/", "secretsmanager:GetSecretValue on resource: " + *made.ARN,
		"because no identity-based policy allows the secretsmanager:GetSecretValue action",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the task's log lacks %q:\n%s", want, out)
		}
	}
	t.Logf("the task's log: %s", out)
	for _, tt := range []struct{ role, resource, want string }{
		{"task", "payroll", "denied: secretsmanager:GetSecretValue on " + *made.ARN},
		{"execution", "access-dev/token", `"secretsmanager:GetSecretValue"`},
	} {
		if said := try(t, r, "explain", "access", "secretsmanager:GetSecretValue", tt.resource, "--as", tt.role); !strings.Contains(said, tt.want) {
			t.Errorf("explain access --as %s: %s", tt.role, said)
		}
	}
}
