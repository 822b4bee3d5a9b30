package clients

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"apex/internal/regiontest"
)

// TestCommandLine takes the high-level commands of Debian's aws through what
// people do with them in a day.
func TestCommandLine(t *testing.T) {
	r := regiontest.Start(t)
	c := newCLI(t, r)
	t.Run("buckets", func(t *testing.T) { buckets(t, c) })
	t.Run("paging", func(t *testing.T) { paging(t, c) })
	t.Run("profiles", func(t *testing.T) { profiles(t, c) })
	t.Run("service", func(t *testing.T) { service(t, c) })
	t.Run("database", func(t *testing.T) { database(t, c) })
	t.Run("figures", func(t *testing.T) { figures(t, c) })
	t.Run("refused", func(t *testing.T) { refused(t, c) })
}

// buckets uses the commands of `aws s3`.
func buckets(t *testing.T, c cli) {
	dir := t.TempDir()
	for name, text := range map[string]string{"one.txt": "1", "dir/two words é.txt": "2", "../up": "3"} {
		path := filepath.Join(dir, "tree", filepath.Clean("/"+name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.run(t, "s3", "mb", "s3://box")
	c.run(t, "s3", "sync", filepath.Join(dir, "tree"), "s3://box/t")
	c.run(t, "s3", "mv", "s3://box/t/one.txt", "s3://box/moved")
	if got := c.run(t, "s3", "ls", "--recursive", "s3://box"); !strings.Contains(got, "t/dir/two words é.txt") || strings.Contains(got, "one.txt") || !strings.Contains(got, "moved") {
		t.Errorf("ls:\n%s", got)
	}
	if got := c.run(t, "s3", "cp", "s3://box/t/dir/two words é.txt", "-"); got != "2" {
		t.Errorf("cp to standard output: %q", got)
	}
	resp, err := http.Get(c.run(t, "s3", "presign", "s3://box/moved"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); string(text) != "1" {
		t.Errorf("presigned: %s %s %v", resp.Status, text, err)
	}
	if out, err := c.try(t, "s3", "rb", "s3://box"); err == nil || !strings.Contains(err.Error(), "BucketNotEmpty") {
		t.Errorf("rb of a full bucket: %s %v", out, err)
	}
	c.run(t, "s3", "rb", "--force", "s3://box")
	if out, err := c.try(t, "s3", "ls", "s3://box"); err == nil || !strings.Contains(err.Error(), "NoSuchBucket") {
		t.Errorf("ls of no bucket: %s %v", out, err)
	}
}

// paging uses the flags that every command has for lists and for printing.
func paging(t *testing.T, c cli) {
	groups := cloudwatchlogs.NewFromConfig(c.r.AWS(t))
	for n := range 7 {
		if _, err := groups.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(fmt.Sprintf("/paged/%d", n))}); err != nil {
			t.Fatal(err)
		}
	}
	var page struct {
		LogGroups []struct{ LogGroupName string }
		NextToken string
	}
	list := []string{"logs", "describe-log-groups", "--log-group-name-prefix", "/paged/"}
	if err := json.Unmarshal([]byte(c.run(t, append(list, "--max-items", "3", "--page-size", "2")...)), &page); err != nil || len(page.LogGroups) != 3 {
		t.Fatalf("first page: %+v, %v", page, err)
	}
	rest := c.run(t, append(list, "--starting-token", page.NextToken, "--query", "logGroups[].logGroupName", "--output", "text")...)
	if rest != "/paged/3\t/paged/4\t/paged/5\t/paged/6" {
		t.Errorf("the rest: %q", rest)
	}
	if got := c.run(t, append(list, "--page-size", "2", "--query", "length(logGroups)")...); got != "7" {
		t.Errorf("in pages of two there are %s", got)
	}
	if got := c.run(t, append(list, "--output", "table", "--max-items", "1")...); !strings.Contains(got, "| ") || !strings.Contains(got, "/paged/0") {
		t.Errorf("as a table:\n%s", got)
	}
	if got := c.run(t, append(list, "--output", "yaml", "--query", "logGroups[0]")...); !strings.Contains(got, "logGroupName: /paged/0") {
		t.Errorf("as YAML:\n%s", got)
	}
	if got := c.run(t, "iam", "list-policies", "--scope", "AWS", "--page-size", "1", "--query", "length(Policies)"); got == "0" || got == "1" {
		t.Errorf("policies in pages of one: %s", got)
	}
}

// profiles uses a configuration of profiles: a role that another profile
// assumes, with an external id, and a program that gives a key.
func profiles(t *testing.T, c cli) {
	key, err := c.r.Home.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"shibboleth"}}}]}`, c.r.Home.Account)
	role := c.run(t, "iam", "create-role", "--role-name", "deployer", "--assume-role-policy-document", trust, "--query", "Role.Arn", "--output", "text")
	dir := t.TempDir()
	program := filepath.Join(dir, "key.json")
	given, _ := json.Marshal(map[string]any{"Version": 1, "AccessKeyId": key.AccessKeyID, "SecretAccessKey": key.SecretAccessKey})
	config := fmt.Sprintf(`[profile base]
aws_access_key_id = %s
aws_secret_access_key = %s
[profile deployer]
role_arn = %s
source_profile = base
external_id = shibboleth
role_session_name = night
[profile stranger]
role_arn = %[3]s
source_profile = base
[profile program]
credential_process = cat %s
`, key.AccessKeyID, key.SecretAccessKey, role, program)
	for name, text := range map[string]string{program: string(given), filepath.Join(dir, "config"): config} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := c.with("AWS_CONFIG_FILE="+filepath.Join(dir, "config"), "HOME="+dir).without("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
	for profile, want := range map[string]string{
		"base": ":root", "program": ":root", "deployer": ":assumed-role/deployer/night",
	} {
		if got := p.run(t, "--profile", profile, "sts", "get-caller-identity", "--query", "Arn", "--output", "text"); !strings.HasSuffix(got, want) {
			t.Errorf("profile %s is %s, want %s", profile, got, want)
		}
	}
	if out, err := p.try(t, "--profile", "stranger", "sts", "get-caller-identity"); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("without the external id: %s %v", out, err)
	}
	if out, err := p.try(t, "--profile", "deployer", "iam", "list-users"); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("a role without a policy lists users: %s %v", out, err)
	}
}

// service deploys: a login of a registry, a push, a service, its waiters, its
// log as it is written.
func service(t *testing.T, c cli) {
	text := []string{"--output", "text", "--query"}
	repository := c.run(t, append([]string{"ecr", "create-repository", "--repository-name", "web"}, append(text, "repository.repositoryUri")...)...)
	push(t, image(t), repository+":one", "AWS", c.run(t, "ecr", "get-login-password"))
	vpc := c.run(t, append([]string{"ec2", "create-vpc", "--cidr-block", "10.3.0.0/16"}, append(text, "Vpc.VpcId")...)...)
	subnet := c.run(t, append([]string{"ec2", "create-subnet", "--vpc-id", vpc, "--cidr-block", "10.3.1.0/24"}, append(text, "Subnet.SubnetId")...)...)
	c.run(t, "ec2", "wait", "subnet-available", "--subnet-ids", subnet)
	role := c.run(t, append([]string{
		"iam", "create-role", "--role-name", "execution", "--assume-role-policy-document",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
	}, append(text, "Role.Arn")...)...)
	c.run(t, "iam", "attach-role-policy", "--role-name", "execution", "--policy-arn", "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")
	c.run(t, "logs", "create-log-group", "--log-group-name", "/web")
	c.run(t, "ecs", "create-cluster", "--cluster-name", "web")
	definition := fmt.Sprintf(`[{"name":"web","image":"%s:one","command":["serve"],"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/web","awslogs-region":"%s","awslogs-stream-prefix":"web"}}}]`, repository, c.r.Home.Region)
	c.run(t, "ecs", "register-task-definition", "--family", "web", "--requires-compatibilities", "FARGATE", "--network-mode", "awsvpc",
		"--cpu", "256", "--memory", "512", "--execution-role-arn", role, "--container-definitions", definition)
	c.run(t, "ecs", "create-service", "--cluster", "web", "--service-name", "web", "--task-definition", "web", "--desired-count", "1", "--launch-type", "FARGATE",
		"--network-configuration", "awsvpcConfiguration={subnets=["+subnet+"],assignPublicIp=DISABLED}")
	follow := c.command(t, "logs", "tail", "/web", "--follow", "--since", "1h", "--format", "short")
	out, err := follow.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := follow.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = follow.Process.Kill(); _ = follow.Wait() }()
	c.run(t, "ecs", "wait", "services-stable", "--cluster", "web", "--services", "web")
	task := c.run(t, append([]string{"ecs", "list-tasks", "--cluster", "web"}, append(text, "taskArns[0]")...)...)
	c.run(t, "ecs", "wait", "tasks-running", "--cluster", "web", "--tasks", task)
	lines, seen := bufio.NewScanner(out), 0
	for seen < 3 && lines.Scan() {
		if strings.Contains(lines.Text(), fmt.Sprintf("line %d", seen)) {
			seen++
		}
	}
	if seen < 3 {
		t.Errorf("`logs tail --follow` ended after %d lines: %v", seen, lines.Err())
	}
	c.run(t, "ecs", "delete-service", "--cluster", "web", "--service", "web", "--force")
	c.run(t, "ecs", "wait", "services-inactive", "--cluster", "web", "--services", "web")
	c.run(t, "ecs", "wait", "tasks-stopped", "--cluster", "web", "--tasks", task)
	c.run(t, "ecs", "delete-cluster", "--cluster", "web")
}

// database keeps a secret, makes a database with it and waits for it to come and
// to go.
func database(t *testing.T, c cli) {
	c.run(t, "secretsmanager", "create-secret", "--name", "db", "--secret-string", `{"password":"hunter22"}`)
	secret := c.run(t, "secretsmanager", "get-secret-value", "--secret-id", "db", "--query", "SecretString", "--output", "text")
	if secret != `{"password":"hunter22"}` {
		t.Errorf("the secret is %s", secret)
	}
	vpc := c.run(t, "ec2", "create-vpc", "--cidr-block", "10.4.0.0/16", "--query", "Vpc.VpcId", "--output", "text")
	subnets := []string{"rds", "create-db-subnet-group", "--db-subnet-group-name", "db", "--db-subnet-group-description", "d", "--subnet-ids"}
	for i, zone := range []string{"a", "b"} {
		subnets = append(subnets, c.run(t, "ec2", "create-subnet", "--vpc-id", vpc, "--cidr-block", fmt.Sprintf("10.4.%d.0/24", i),
			"--availability-zone", c.r.Home.Region+zone, "--query", "Subnet.SubnetId", "--output", "text"))
	}
	c.run(t, subnets...)
	c.run(t, "rds", "create-db-instance", "--db-instance-identifier", "db", "--db-instance-class", "db.t3.micro", "--engine", "mysql",
		"--allocated-storage", "20", "--master-username", "admin", "--master-user-password", "hunter22", "--db-subnet-group-name", "db", "--backup-retention-period", "0")
	c.run(t, "rds", "wait", "db-instance-available", "--db-instance-identifier", "db")
	balancer := append([]string{"elbv2", "create-load-balancer", "--name", "db", "--scheme", "internal", "--query", "LoadBalancers[0].LoadBalancerArn", "--output", "text", "--subnets"}, subnets[7:]...)
	arn := c.run(t, balancer...)
	c.run(t, "elbv2", "wait", "load-balancer-available", "--load-balancer-arns", arn)
	c.run(t, "elbv2", "delete-load-balancer", "--load-balancer-arn", arn)
	c.run(t, "elbv2", "wait", "load-balancers-deleted", "--load-balancer-arns", arn)
	c.run(t, "rds", "delete-db-instance", "--db-instance-identifier", "db", "--skip-final-snapshot")
	c.run(t, "rds", "wait", "db-instance-deleted", "--db-instance-identifier", "db")
}

// figures puts a metric in and gets it out.
func figures(t *testing.T, c cli) {
	c.run(t, "cloudwatch", "put-metric-data", "--namespace", "shop", "--metric-name", "orders", "--value", "3", "--dimensions", "place=here")
	queries := `[{"Id":"a","MetricStat":{"Metric":{"Namespace":"shop","MetricName":"orders","Dimensions":[{"Name":"place","Value":"here"}]},"Period":60,"Stat":"Sum"}},{"Id":"b","Expression":"a*2"}]`
	regiontest.Await(t, "the figure is there, and its double", func() bool {
		return c.run(t, "cloudwatch", "get-metric-data", "--metric-data-queries", queries, "--start-time", ago(600), "--end-time", ago(-60),
			"--query", "MetricDataResults[].Values[]", "--output", "text") == "3.0\t6.0"
	})
}

// refused asks for what the region has not. It says so, and nothing goes to AWS.
func refused(t *testing.T, c cli) {
	appspec := filepath.Join(t.TempDir(), "appspec.json")
	if err := os.WriteFile(appspec, []byte(`{"version":1,"Resources":[{"TargetService":{"Type":"AWS::ECS::Service","Properties":{}}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	c.run(t, "ecs", "create-cluster", "--cluster-name", "default")
	for command, want := range map[string]string{
		"cloudformation describe-stacks":                                "DescribeStacks",
		"cloudformation create-stack --stack-name s --template-body {}": "CreateStack",
		"dynamodb list-tables":                                          "ListTables",
		"lambda list-functions":                                         "does not serve",
		"deploy list-applications":                                      "does not serve",
	} {
		args := strings.Fields(command)
		if out, err := c.try(t, args...); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "amazonaws.com") {
			t.Errorf("aws %s answers %s, %v", command, out, err)
		}
	}
	out, err := c.try(t, "ecs", "deploy", "--service", "web", "--task-definition", appspec, "--codedeploy-appspec", appspec)
	if err == nil || strings.Contains(err.Error(), "amazonaws.com") {
		t.Errorf("aws ecs deploy answers %s, %v", out, err)
	}
}
