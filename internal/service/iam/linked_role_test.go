package iam_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"apex/internal/service/servicetest"
)

func TestServiceLinkedRoles(t *testing.T) {
	f := start(t)
	for host, want := range map[string]string{
		"ecs.amazonaws.com":                         "AWSServiceRoleForECS",
		"rds.amazonaws.com":                         "AWSServiceRoleForRDS",
		"elasticache.amazonaws.com":                 "AWSServiceRoleForElastiCache",
		"ecs.application-autoscaling.amazonaws.com": "AWSServiceRoleForApplicationAutoScaling_ECSService",
	} {
		made := must[*sdk.CreateServiceLinkedRoleOutput](t)(f.CreateServiceLinkedRole(t.Context(), &sdk.CreateServiceLinkedRoleInput{AWSServiceName: &host})).Role
		if *made.RoleName != want || *made.Arn != "arn:aws:iam::000000000000:role/aws-service-role/"+host+"/"+want {
			t.Errorf("%s: %s, %s", host, *made.RoleName, *made.Arn)
		}
	}
	name := aws.String("AWSServiceRoleForECS")
	_, err := f.CreateServiceLinkedRole(t.Context(), &sdk.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("ecs.amazonaws.com")})
	if got := servicetest.Code(err); got != "InvalidInput" {
		t.Errorf("the second time: %q", got)
	}
	_, err = f.CreateServiceLinkedRole(t.Context(), &sdk.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("no-such-thing")})
	if got := servicetest.Code(err); got != "InvalidInput" {
		t.Errorf("for no service: %q", got)
	}
	_, err = f.DeleteRole(t.Context(), &sdk.DeleteRoleInput{RoleName: name})
	if got := servicetest.Code(err); got != "UnmodifiableEntity" {
		t.Errorf("deleted as any role: %q", got)
	}
	task := must[*sdk.DeleteServiceLinkedRoleOutput](t)(f.DeleteServiceLinkedRole(t.Context(), &sdk.DeleteServiceLinkedRoleInput{RoleName: name})).DeletionTaskId
	status := must[*sdk.GetServiceLinkedRoleDeletionStatusOutput](t)(f.GetServiceLinkedRoleDeletionStatus(t.Context(), &sdk.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: task}))
	if status.Status != types.DeletionTaskStatusTypeSucceeded {
		t.Errorf("deletion is %s", status.Status)
	}
	_, err = f.GetRole(t.Context(), &sdk.GetRoleInput{RoleName: name})
	if got := servicetest.Code(err); got != "NoSuchEntity" {
		t.Errorf("after deletion: %q", got)
	}
	f.role(t, "plain")
	_, err = f.DeleteServiceLinkedRole(t.Context(), &sdk.DeleteServiceLinkedRoleInput{RoleName: aws.String("plain")})
	if got := servicetest.Code(err); got != "NoSuchEntity" {
		t.Errorf("a plain role deleted as linked: %q", got)
	}
}

func TestSimulateCustomPolicy(t *testing.T) {
	f := start(t)
	simulate := func(policies, boundary []string) types.PolicyEvaluationDecisionType {
		t.Helper()
		out := must[*sdk.SimulateCustomPolicyOutput](t)(f.SimulateCustomPolicy(t.Context(), &sdk.SimulateCustomPolicyInput{
			PolicyInputList: policies, PermissionsBoundaryPolicyInputList: boundary, ActionNames: []string{"ecs:StopTask"},
		}))
		return out.EvaluationResults[0].EvalDecision
	}
	all, other := allow("*", "*"), allow("ec2:*", "*")
	if got := simulate([]string{all}, nil); got != types.PolicyEvaluationDecisionTypeAllowed {
		t.Errorf("allowed: %s", got)
	}
	if got := simulate([]string{other}, nil); got != types.PolicyEvaluationDecisionTypeImplicitDeny {
		t.Errorf("another action: %s", got)
	}
	if got := simulate([]string{all}, []string{other}); got != types.PolicyEvaluationDecisionTypeImplicitDeny {
		t.Errorf("beyond the boundary: %s", got)
	}
}

func TestGroupsPathChanges(t *testing.T) {
	f := start(t)
	name := aws.String("g")
	must[*sdk.CreateGroupOutput](t)(f.CreateGroup(t.Context(), &sdk.CreateGroupInput{GroupName: name}))
	must[*sdk.UpdateGroupOutput](t)(f.UpdateGroup(t.Context(), &sdk.UpdateGroupInput{GroupName: name, NewPath: aws.String("/ops/")}))
	got := must[*sdk.GetGroupOutput](t)(f.GetGroup(t.Context(), &sdk.GetGroupInput{GroupName: name})).Group
	if *got.Arn != "arn:aws:iam::000000000000:group/ops/g" {
		t.Errorf("ARN %s", *got.Arn)
	}
}
