package ecs

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/service"
	"apex/internal/service/iam"
	"apex/internal/service/secretsmanager"
	"apex/internal/store"
)

// executionRights are what a task with a secret, an image and a log stream needs
// of its execution role, each with how AWS says that it is missing.
var executionRights = []struct{ action, reason string }{
	{"ecr:GetAuthorizationToken", "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::000000000000:assumed-role/app/"},
	{"secretsmanager:GetSecretValue", "unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:us-east-1:000000000000:secret:database"},
	{"ecr:BatchGetImage", "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref"},
	{"ecr:GetDownloadUrlForLayer", "CannotPullContainerError: failed to copy: httpReadSeeker: failed open"},
	{"logs:CreateLogStream", "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: User: "},
}

// TestExecutionRoleIsNeeded takes each right away in turn: the task stops, and says
// why in AWS's words. With all of them it runs.
func TestExecutionRoleIsNeeded(t *testing.T) {
	w := newWorldIn(t, func(env service.Env) service.Access {
		return iam.New(env, map[string]service.Finder{"secretsmanager": secretsmanager.Find}).Allowed
	})
	w.cluster()
	w.run()
	definition := w.defineWith("app", func(c *types.ContainerDefinition) {
		c.Secrets = []types.Secret{{Name: aws.String("DATABASE"), ValueFrom: aws.String("database")}}
	}, "exit 0")
	for _, missing := range append(executionRights, struct{ action, reason string }{"", ""}) {
		var actions []string
		for _, right := range executionRights {
			if right.action != missing.action {
				actions = append(actions, right.action)
			}
		}
		w.update(func(tx *store.Tx) {
			iam.Roles.Modify(tx, scope.Global().Key("app"), func(r *iam.Role) {
				r.Spec.Inline = map[string]string{"execution": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` + strings.Join(actions, `","`) + `"],"Resource":"*"}]}`}
			})
		})
		id := w.runOne(definition, nil)
		w.awaitTask(id, "STOPPED")
		reason := aws.ToString(w.task(id).StoppedReason)
		if missing.action == "" {
			if strings.Contains(reason, "Error") {
				t.Errorf("with every right: %s", reason)
			}
			continue
		}
		if !strings.Contains(reason, missing.reason) || !strings.Contains(reason, "because no identity-based policy allows the "+missing.action+" action status code: 400, request id: ") {
			t.Errorf("without %s: %s", missing.action, reason)
		}
	}
}
