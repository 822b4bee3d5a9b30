package clients

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"apex/internal/regiontest"
)

// javaScript is what js/story.mjs sees of a region, one call a line.
const javaScript = `
awsQuery STS GetCallerIdentity: 000000000000
awsQuery IAM GetRole: arn:aws:iam::000000000000:role/js js é
ec2Query EC2 waitUntilVpcAvailable: SUCCESS
ec2Query EC2 paginateDescribeSubnets: 5+2
ec2Query EC2 DeleteVpc: DependencyViolation 400
awsQuery Elastic Load Balancing v2 DescribeTargetGroups: 8080 7 true 200-299
awsQuery Elastic Load Balancing v2 DescribeTargetGroups: TargetGroupNotFoundException
awsJson1_1 ECS DescribeClusters: js ACTIVE 0
awsJson1_0 SQS ReceiveMessage: hello é
awsJson1_0 SQS GetQueueUrl: QueueDoesNotExist
awsJson1_1 SSM GetParameter: SecureString kept 1
awsJson1_1 Secrets Manager GetSecretValue: 0,255,10 AWSCURRENT
restXml S3 GetObject: text 4 js
restXml S3 ListObjectsV2: dir/two words é.txt 4
restXml S3 GetObject: NoSuchKey 404
restXml Route 53 ListResourceRecordSets: NS js.example., SOA js.example., A www.js.example.
awsJson1_0 CloudWatch GetMetricData: sum 9.5
rpcv2Cbor CloudWatch GetMetricData: sum 9.5
awsJson1_1 CloudWatch Logs StartLiveTail: sessionStart arn:aws:logs:us-east-1:000000000000:log-group:/js
`

// TestJavaScript lets the official SDK for JavaScript speak all its protocols
// but restJson1 to a region, with waiters, paginators, error classes and a stream.
func TestJavaScript(t *testing.T) {
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat("js/node_modules/.package-lock.json") // npm's last word
	}
	if err != nil {
		t.Skipf("SKIPPED: %v: NOTHING of the SDK for JavaScript was checked (make setup-test installs it)", err)
	}
	r := regiontest.Start(t)
	key, err := r.Home.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(regiontest.Context(t), node, "story.mjs")
	var stdout, stderr strings.Builder
	cmd.Dir, cmd.Stdout, cmd.Stderr = "js", &stdout, &stderr
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+r.Home.Endpoint(), "AWS_REGION="+r.Home.Region,
		"AWS_ACCESS_KEY_ID="+key.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+key.SecretAccessKey, "AWS_SESSION_TOKEN=", "AWS_PROFILE=",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_MAX_ATTEMPTS=1")
	if err := cmd.Run(); err != nil {
		t.Fatalf("node story.mjs: %v\n%s%s", err, stdout.String(), stderr.String())
	}
	if got, want := strings.TrimSpace(stdout.String()), strings.TrimSpace(javaScript); got != want {
		t.Errorf("the SDK for JavaScript saw\n%s\nnot\n%s", got, want)
	}
}
