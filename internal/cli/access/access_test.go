package access_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"apex/internal/cli/access"
	"apex/internal/service"
	iamservice "apex/internal/service/iam"
	secretsservice "apex/internal/service/secretsmanager"
	"apex/internal/service/servicetest"
)

const trust = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}}`

const rights = `{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Logs", "Effect": "Allow", "Action": "logs:*", "Resource": "*"},
    {
      "Sid": "Own",
      "Effect": "Allow",
      "Action": "secretsmanager:GetSecretValue",
      "Resource": "arn:aws:secretsmanager:us-east-1:*:secret:app/*"
    },
    {"Sid": "NotRoot", "Effect": "Deny", "Action": "secretsmanager:*", "Resource": "arn:aws:secretsmanager:*:*:secret:app/root-*"},
    {"Sid": "Near", "Effect": "Allow", "Action": "sns:Publish", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
  ]
}`

// done fails the test when a call failed.
func done(t *testing.T) func(any, error) {
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnswersNameTheStatement(t *testing.T) {
	env := servicetest.Env(t, slices.Concat(iamservice.Tables(), secretsservice.Tables())...)
	identity := iamservice.New(env, map[string]service.Finder{"secretsmanager": secretsservice.Find})
	cfg := servicetest.Config(t, env, slices.Concat(identity.Routes(), secretsservice.New(env).Routes()))
	roles, secrets := iam.NewFromConfig(cfg), secretsmanager.NewFromConfig(cfg)
	done(t)(roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("app-dev-task"), AssumeRolePolicyDocument: aws.String(trust)}))
	done(t)(roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("app-dev-task"), PolicyName: aws.String("rights"), PolicyDocument: aws.String(rights)}))
	done(t)(roles.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: aws.String("app-dev-task"), PolicyArn: aws.String("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")}))
	for _, name := range []string{"app/db", "app/root", "shared"} {
		done(t)(secrets.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("x")}))
	}
	done(t)(secrets.PutResourcePolicy(t.Context(), &secretsmanager.PutResourcePolicyInput{SecretId: aws.String("shared"), ResourcePolicy: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Sid":"Share","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:role/app-dev-task"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`,
	)}))
	client := access.New(cfg)
	for name, tt := range map[string]struct {
		q       access.Question
		allowed bool
		policy  string // of the first statement
		text    string // in it
		missing string
	}{
		"allowed by a statement": {access.Question{Action: "secretsmanager:GetSecretValue", Resource: "app/db"}, true, "role_app-dev-task_rights", `"Sid": "Own"`, "aws:sourceip"},
		"denied by a statement":  {access.Question{Action: "secretsmanager:GetSecretValue", Resource: "app/root"}, false, "role_app-dev-task_rights", `"Sid": "NotRoot"`, "aws:sourceip"},
		"nothing allows":         {access.Question{Action: "secretsmanager:DeleteSecret", Resource: "app/db"}, false, "", "", "aws:sourceip"},
		"by the secret's own":    {access.Question{Action: "secretsmanager:GetSecretValue", Resource: "shared"}, true, "ResourcePolicy", `"Sid":"Share"`, "aws:sourceip"},
		"by a managed policy":    {access.Question{Action: "ecr:BatchGetImage", Resource: "*"}, true, "AmazonECSTaskExecutionRolePolicy", `"ecr:BatchGetImage"`, "aws:sourceip"},
		"without the address":    {access.Question{Action: "sns:Publish", Resource: "*"}, false, "", "", "aws:sourceip"},
		"with it":                {access.Question{Action: "sns:Publish", Resource: "*", Context: map[string]string{"aws:SourceIp": "10.0.0.7"}}, true, "role_app-dev-task_rights", `"Sid": "Near"`, ""},
	} {
		tt.q.As, tt.q.Prefix = "task", "app-dev"
		a, err := client.Ask(t.Context(), tt.q)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if a.Allowed() != tt.allowed || strings.Join(a.Missing, " ") != tt.missing {
			t.Errorf("%s: %+v", name, a)
		}
		policy, text := "", ""
		if len(a.Statements) > 0 {
			policy, text = a.Statements[0].Policy, string(a.Statements[0].Text)
		}
		if policy != tt.policy || !strings.Contains(text, tt.text) {
			t.Errorf("%s: by %q, %s", name, policy, text)
		}
		var out strings.Builder
		if err := a.Print(&out); err != nil || !strings.Contains(out.String(), tt.q.Action) {
			t.Errorf("%s: printed %q, %v", name, out.String(), err)
		}
	}
	if _, err := client.Ask(t.Context(), access.Question{Action: "s3:GetObject", As: "nobody", Prefix: "app-dev"}); err == nil {
		t.Error("a role that is not there: no error")
	}
}
