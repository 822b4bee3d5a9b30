package iam_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/api/ec2api"
	"apex/internal/api/ecrapi"
	"apex/internal/api/ecsapi"
	"apex/internal/api/elbv2api"
	"apex/internal/api/iamapi"
	"apex/internal/api/logsapi"
	"apex/internal/api/rdsapi"
	"apex/internal/api/snsapi"
	"apex/internal/api/stsapi"
)

// decide answers whether a role with one policy may make a call: "" or the code.
func (f fixture) decide(t *testing.T, document string, op api.OperationInfo, in any) (string, error) {
	t.Helper()
	must[*sdk.PutRolePolicyOutput](t)(f.PutRolePolicy(t.Context(), &sdk.PutRolePolicyInput{
		RoleName: aws.String("caller"), PolicyName: aws.String("rights"), PolicyDocument: &document,
	}))
	err := f.svc.Authorize(t.Context(), &api.Call{
		Account: "000000000000", Region: "us-east-1", Now: time.Now(), Route: op,
		Principal: api.Principal{ARN: "arn:aws:sts::000000000000:assumed-role/caller/session"},
	}, in)
	if err == nil {
		return "", nil
	}
	return err.(*api.Error).Code, err
}

func allow(action, resource string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}]}`
}

// Each call is allowed by a policy for just its resource, and by none for another.
func TestCallsAreDecidedOnTheirResource(t *testing.T) {
	f := start(t)
	f.role(t, "caller")
	f.role(t, "task") // its path is /app/
	for name, tt := range map[string]struct {
		op       api.OperationInfo
		in       any
		resource string
	}{
		"service by name": {
			ecsapi.UpdateService.Info(),
			&ecsapi.UpdateServiceRequest{Cluster: api.Ptr("main"), Service: api.Ptr("web"), TaskDefinition: api.Ptr("web:2")},
			"arn:aws:ecs:us-east-1:000000000000:service/main/web",
		},
		"service in a cluster by ARN": {
			ecsapi.CreateService.Info(),
			&ecsapi.CreateServiceRequest{Cluster: api.Ptr("arn:aws:ecs:us-east-1:000000000000:cluster/main"), ServiceName: api.Ptr("web")},
			"arn:aws:ecs:us-east-1:000000000000:service/main/web",
		},
		"service in the default cluster": {
			ecsapi.DeleteService.Info(), &ecsapi.DeleteServiceRequest{Service: api.Ptr("web")},
			"arn:aws:ecs:us-east-1:000000000000:service/default/web",
		},
		"tasks": {
			ecsapi.DescribeTasks.Info(), &ecsapi.DescribeTasksRequest{Cluster: api.Ptr("main"), Tasks: []string{"1", "2"}},
			"arn:aws:ecs:us-east-1:000000000000:task/main/*",
		},
		"task definition": {
			ecsapi.RunTask.Info(), &ecsapi.RunTaskRequest{Cluster: api.Ptr("main"), TaskDefinition: api.Ptr("web:3")},
			"arn:aws:ecs:us-east-1:000000000000:task-definition/web:*",
		},
		"alarm": {
			cloudwatchapi.DeleteAlarms.Info(), &cloudwatchapi.DeleteAlarmsInput{AlarmNames: []string{"high"}},
			"arn:aws:cloudwatch:us-east-1:000000000000:alarm:high",
		},
		"dashboard": {
			cloudwatchapi.GetDashboard.Info(), &cloudwatchapi.GetDashboardInput{DashboardName: api.Ptr("main")},
			"arn:aws:cloudwatch::000000000000:dashboard/main",
		},
		"topic by ARN": {
			snsapi.Publish.Info(), &snsapi.PublishInput{TopicArn: api.Ptr("arn:aws:sns:us-east-1:000000000000:ops"), Message: api.Ptr("x")},
			"arn:aws:sns:us-east-1:000000000000:ops",
		},
		"topic by name": {
			snsapi.CreateTopic.Info(), &snsapi.CreateTopicInput{Name: api.Ptr("ops")},
			"arn:aws:sns:us-east-1:000000000000:ops",
		},
		"cluster": {
			ecsapi.DeleteCluster.Info(), &ecsapi.DeleteClusterRequest{Cluster: api.Ptr("main")},
			"arn:aws:ecs:us-east-1:000000000000:cluster/main",
		},
		"by ARN": {
			elbv2api.DeleteRule.Info(), &elbv2api.DeleteRuleInput{RuleArn: api.Ptr("arn:aws:elasticloadbalancing:us-east-1:000000000000:listener-rule/app/a/1/2/3")},
			"arn:aws:elasticloadbalancing:us-east-1:000000000000:listener-rule/app/a/*",
		},
		"several ARNs": {
			elbv2api.AddTags.Info(), &elbv2api.AddTagsInput{ResourceArns: []string{"arn:aws:e:r:000000000000:lb/a", "arn:aws:e:r:000000000000:lb/b"}},
			"arn:aws:e:r:000000000000:lb/*",
		},
		"repository":       {ecrapi.PutImage.Info(), &ecrapi.PutImageRequest{RepositoryName: api.Ptr("web")}, "arn:aws:ecr:us-east-1:000000000000:repository/web"},
		"log group":        {logsapi.PutLogEvents.Info(), &logsapi.PutLogEventsRequest{LogGroupName: api.Ptr("/ecs/web")}, "arn:aws:logs:us-east-1:000000000000:log-group:/ecs/web:*"},
		"database":         {rdsapi.RebootDBInstance.Info(), &rdsapi.RebootDBInstanceMessage{DBInstanceIdentifier: api.Ptr("db1")}, "arn:aws:rds:us-east-1:000000000000:db:db1"},
		"a role of a path": {iamapi.DeleteRole.Info(), &iamapi.DeleteRoleRequest{RoleName: api.Ptr("task")}, "arn:aws:iam::000000000000:role/app/task"},
		"a role to assume": {stsapi.AssumeRole.Info(), &stsapi.AssumeRoleRequest{RoleArn: api.Ptr("arn:aws:iam::000000000000:role/app/task")}, "arn:aws:iam::000000000000:role/app/task"},
		"no resource":      {ec2api.DescribeVpcs.Info(), &ec2api.DescribeVpcsRequest{}, "*"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := f.decide(t, allow("*", tt.resource), tt.op, tt.in); err != nil {
				t.Errorf("allowed: %v", err)
			}
			if code, _ := f.decide(t, allow("*", "arn:aws:other:::x"), tt.op, tt.in); !strings.Contains(code, "Denied") && code != "UnauthorizedOperation" {
				t.Errorf("another resource: %q", code)
			}
		})
	}
}

func TestOneOfSeveralResourcesIsNotAllowed(t *testing.T) {
	f := start(t)
	f.role(t, "caller")
	in := &ecsapi.DescribeTasksRequest{Cluster: api.Ptr("main"), Tasks: []string{"1", "2"}}
	_, err := f.decide(t, allow("ecs:*", "arn:aws:ecs:us-east-1:000000000000:task/main/1"), ecsapi.DescribeTasks.Info(), in)
	if err == nil || !strings.Contains(err.Error(), "task/main/2") {
		t.Errorf("got %v, want a denial of task 2", err)
	}
}

func TestHandingOverARoleNeedsPassRole(t *testing.T) {
	f := start(t)
	f.role(t, "caller")
	f.role(t, "task")
	const task = "arn:aws:iam::000000000000:role/app/task"
	register := func(role *string) any {
		return &ecsapi.RegisterTaskDefinitionRequest{Family: api.Ptr("web"), TaskRoleArn: role}
	}
	run := &ecsapi.RunTaskRequest{TaskDefinition: api.Ptr("web"), Overrides: &ecsapi.TaskOverride{ExecutionRoleArn: api.Ptr(task)}}
	ecsAnd := func(more string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecs:*","Resource":"*"},` + more + `]}`
	}
	pass := ecsAnd(`{"Effect":"Allow","Action":"iam:PassRole","Resource":"` + task + `"}`)
	elsewhere := ecsAnd(`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}`)
	here := ecsAnd(`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ecs-tasks.amazonaws.com"}}}`)
	for name, tt := range map[string]struct {
		document string
		op       api.OperationInfo
		in       any
		allowed  bool
	}{
		"no role":              {allow("ecs:*", "*"), ecsapi.RegisterTaskDefinition.Info(), register(nil), true},
		"without PassRole":     {allow("ecs:*", "*"), ecsapi.RegisterTaskDefinition.Info(), register(api.Ptr(task)), false},
		"by its name":          {allow("ecs:*", "*"), ecsapi.RegisterTaskDefinition.Info(), register(api.Ptr("task")), false},
		"with PassRole":        {pass, ecsapi.RegisterTaskDefinition.Info(), register(api.Ptr(task)), true},
		"with it, by its name": {pass, ecsapi.RegisterTaskDefinition.Info(), register(api.Ptr("task")), true},
		"another role":         {pass, ecsapi.RegisterTaskDefinition.Info(), register(api.Ptr("arn:aws:iam::000000000000:role/admin")), false},
		"deep in the request":  {allow("ecs:*", "*"), ecsapi.RunTask.Info(), run, false},
		"deep, with PassRole":  {pass, ecsapi.RunTask.Info(), run, true},
		"to another service":   {elsewhere, ecsapi.RunTask.Info(), run, false},
		"to this service":      {here, ecsapi.RunTask.Info(), run, true},
		"a role to act upon":   {allow("sts:*", "*"), stsapi.AssumeRole.Info(), &stsapi.AssumeRoleRequest{RoleArn: api.Ptr(task)}, true},
		"a role to attach to":  {allow("iam:Attach*", "*"), iamapi.AttachRolePolicy.Info(), &iamapi.AttachRolePolicyRequest{RoleName: api.Ptr("task"), PolicyArn: api.Ptr(execution)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.decide(t, tt.document, tt.op, tt.in)
			if (err == nil) != tt.allowed {
				t.Errorf("allowed %v, %v", err == nil, err)
			}
			if err != nil && !strings.Contains(err.Error(), "iam:PassRole") {
				t.Errorf("the denial does not name the action: %v", err)
			}
		})
	}
}
