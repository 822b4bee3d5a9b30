package events

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"apex/internal/regiontest"
)

// debianCLI is Debian's own aws: 2.9.19, which speaks SQS's older protocol.
const debianCLI = "/usr/bin/aws"

// TestCommandLine asks each service through the aws CLI, and holds how
// CloudFormation is refused.
func TestCommandLine(t *testing.T) {
	if _, err := os.Stat(debianCLI); err != nil {
		t.Skip("SKIPPED: there is no aws command of Debian: NOTHING of it was checked")
	}
	r := regiontest.Start(t)
	cfg := r.AWS(t)
	keys, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ command, want string }{
		{"sqs create-queue --queue-name jobs --attributes VisibilityTimeout=5,DelaySeconds=0 --tags a=1", "/000000000000/jobs"},
		{"sqs send-message --queue-url http://127.0.0.1/000000000000/jobs --message-body hello", "MD5OfMessageBody"},
		{"sqs receive-message --queue-url http://127.0.0.1/000000000000/jobs --attribute-names All --wait-time-seconds 1", "ApproximateReceiveCount"},
		{"sqs get-queue-attributes --queue-url http://127.0.0.1/000000000000/jobs --attribute-names QueueArn VisibilityTimeout", `"VisibilityTimeout": "5"`},
		{"sqs list-queue-tags --queue-url http://127.0.0.1/000000000000/jobs", `"a": "1"`},
		{"sqs get-queue-url --queue-name none", "AWS.SimpleQueueService.NonExistentQueue"},
		{"events put-rule --name hourly --schedule-expression rate(1hour)", "ValidationException"},
		{"events put-rule --name orders --event-pattern {\"source\":[\"shop\"]}", "rule/orders"},
		{"events put-events --entries [{\"Source\":\"shop\",\"DetailType\":\"Order\",\"Detail\":\"{}\"}]", "EventId"},
		{"scheduler list-schedule-groups", `"Name": "default"`},
		{"scheduler get-schedule --name none", "ResourceNotFoundException"},
		{"wafv2 list-available-managed-rule-groups --scope REGIONAL", "AWSManagedRulesCommonRuleSet"},
		{"xray get-sampling-rules", `"RuleName": "Default"`},
		{"cloudformation list-stacks", "CloudFormation is not built in this region"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		words := strings.ReplaceAll(step.command, "http://127.0.0.1/", r.Home.Endpoint()+"/")
		cmd := exec.CommandContext(ctx, debianCLI, append(strings.Fields(words), "--endpoint-url", r.Home.Endpoint(), "--region", "us-east-1")...)
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+keys.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+keys.SecretAccessKey, "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1",
			"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
		out, _ := cmd.CombinedOutput() // some are to be refused
		cancel()
		if !strings.Contains(string(out), step.want) {
			t.Errorf("aws %s: no %q in\n%s", step.command, step.want, out)
		}
	}
}
