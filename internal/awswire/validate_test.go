package awswire_test

import (
	"strings"
	"testing"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/api/ecsapi"
	"apex/internal/api/elbv2api"
	"apex/internal/api/iamapi"
	"apex/internal/api/logsapi"
	"apex/internal/api/rdsapi"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/awswire"
)

func info[In, Out any](op *api.Operation[In, Out]) api.OperationInfo { return op.Info() }

func TestValidate(t *testing.T) {
	for name, tt := range map[string]struct {
		op   api.OperationInfo
		in   any
		code string // empty: the input is good
		says string
	}{
		"EC2, nothing required": {info(ec2api.CreateVpc), &ec2api.CreateVpcRequest{}, "", ""},
		"EC2, required missing": {info(ec2api.CreateSubnet), &ec2api.CreateSubnetRequest{}, "MissingParameter", "the parameter VpcId"},
		"EC2, value of no enum": {
			info(ec2api.CreateVpc), &ec2api.CreateVpcRequest{InstanceTenancy: api.Ptr("rented")},
			"InvalidParameterValue", "(rented) for parameter instanceTenancy",
		},
		"query, required missing": {
			info(elbv2api.CreateLoadBalancer), &elbv2api.CreateLoadBalancerInput{},
			"ValidationError", "1 validation error detected: Value null at 'name'",
		},
		"query, two faults": {
			info(elbv2api.CreateTargetGroup),
			&elbv2api.CreateTargetGroupInput{Name: api.Ptr("web"), Port: api.Ptr[int64](70000), Protocol: api.Ptr("GOPHER")},
			"ValidationError", "2 validation errors detected: ",
		},
		"query, fault in a list": {
			info(elbv2api.CreateListener),
			&elbv2api.CreateListenerInput{LoadBalancerArn: api.Ptr("arn"), DefaultActions: []elbv2api.Action{{}}},
			"ValidationError", "'defaultActions.1.member.type'",
		},
		"RDS, required missing": {info(rdsapi.DeleteDBInstance), &rdsapi.DeleteDBInstanceMessage{}, "MissingParameter", "DBInstanceIdentifier"},
		"IAM, too long": {
			info(iamapi.GetRole), &iamapi.GetRoleRequest{RoleName: api.Ptr(strings.Repeat("r", 65))},
			"ValidationError", "length less than or equal to 64",
		},
		"ECS, required missing": {info(ecsapi.RunTask), &ecsapi.RunTaskRequest{}, "InvalidParameterException", "'taskDefinition'"},
		"logs, value too small": {
			info(logsapi.GetLogEvents),
			&logsapi.GetLogEventsRequest{LogStreamName: api.Ptr("s"), Limit: api.Ptr[int64](0)},
			"InvalidParameterException", "Value '0' at 'limit'",
		},
		"JSON, required missing": {info(secretsmanagerapi.GetSecretValue), &secretsmanagerapi.GetSecretValueRequest{}, "ValidationException", "'secretId'"},
		"length is in characters": {
			info(iamapi.GetRole), &iamapi.GetRoleRequest{RoleName: api.Ptr(strings.Repeat("é", 64))}, "", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := awswire.Validate(&tt.op, tt.in)
			if tt.code == "" {
				if err != nil {
					t.Errorf("good input: %v", err)
				}
				return
			}
			if err == nil || err.Code != tt.code || err.Status != 400 || !strings.Contains(err.Message, tt.says) {
				t.Errorf("got %+v, want %s saying %q", err, tt.code, tt.says)
			}
		})
	}
}

// An error's message reaches logs: what was sent must not come along.
func TestValidateNeverShowsText(t *testing.T) {
	op := secretsmanagerapi.GetSecretValue.Info()
	err := awswire.Validate(&op, &secretsmanagerapi.GetSecretValueRequest{SecretId: api.Ptr(strings.Repeat("hunter2", 1000))})
	if err == nil || strings.Contains(err.Message, "hunter2") {
		t.Errorf("message: %v", err)
	}
}

func TestDryRun(t *testing.T) {
	for name, tt := range map[string]struct {
		in   any
		want bool
	}{
		"asked":       {&ec2api.CreateVpcRequest{DryRun: api.Ptr(true)}, true},
		"not asked":   {&ec2api.CreateVpcRequest{}, false},
		"denied":      {&ec2api.CreateVpcRequest{DryRun: api.Ptr(false)}, false},
		"not offered": {&iamapi.GetRoleRequest{}, false},
	} {
		if got := awswire.DryRun(tt.in); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
