package iam_test

import (
	"slices"
	"strings"
	"testing"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/api/ec2api"
	"apex/internal/api/ecsapi"
	"apex/internal/api/elbv2api"
	"apex/internal/api/iamapi"
	"apex/internal/api/logsapi"
	"apex/internal/api/rdsapi"
	"apex/internal/api/snsapi"
)

// grants is a policy of one statement for each "ACTION RESOURCE".
func grants(list []string) string {
	var statements []string
	for _, g := range list {
		action, resource, _ := strings.Cut(g, " ")
		statements = append(statements, `{"Effect":"Allow","Action":"`+action+`","Resource":"`+resource+`"}`)
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(append(statements, `{"Effect":"Allow","Action":"sts:GetCallerIdentity","Resource":"*"}`), ",") + `]}`
}

// TestCallsNeedAllTheirRights: with a right for each resource that AWS's service
// authorization reference names the call is allowed, and without any one it is not.
func TestCallsNeedAllTheirRights(t *testing.T) {
	f := start(t)
	f.role(t, "caller")
	const ec2, rds = "arn:aws:ec2:us-east-1:000000000000:", "arn:aws:rds:us-east-1:000000000000:"
	tags := []ec2api.TagSpecification{{ResourceType: api.Ptr("vpc"), Tags: []ec2api.Tag{{Key: api.Ptr("team"), Value: api.Ptr("crm")}}}}
	for name, tt := range map[string]struct {
		op   api.OperationInfo
		in   any
		need []string
	}{
		"a VPC": {ec2api.CreateVpc.Info(), &ec2api.CreateVpcRequest{}, []string{"ec2:CreateVpc " + ec2 + "vpc/*"}},
		"a VPC with tags": {
			ec2api.CreateVpc.Info(), &ec2api.CreateVpcRequest{TagSpecifications: tags},
			[]string{"ec2:CreateVpc " + ec2 + "vpc/*", "ec2:CreateTags " + ec2 + "vpc/*"},
		},
		"a group in a VPC": {
			ec2api.CreateSecurityGroup.Info(), &ec2api.CreateSecurityGroupRequest{VpcId: api.Ptr("vpc-1"), GroupName: api.Ptr("web")},
			[]string{"ec2:CreateSecurityGroup " + ec2 + "security-group/*", "ec2:CreateSecurityGroup " + ec2 + "vpc/vpc-1"},
		},
		"a NAT gateway": {
			ec2api.CreateNatGateway.Info(), &ec2api.CreateNatGatewayRequest{SubnetId: api.Ptr("subnet-1"), AllocationId: api.Ptr("eipalloc-1")},
			[]string{"ec2:CreateNatGateway " + ec2 + "natgateway/*", "ec2:CreateNatGateway " + ec2 + "subnet/subnet-1", "ec2:CreateNatGateway " + ec2 + "elastic-ip/eipalloc-1"},
		},
		"tags of two things": {
			ec2api.CreateTags.Info(), &ec2api.CreateTagsRequest{Resources: []string{"vpc-1", "sg-1"}, Tags: tags[0].Tags},
			[]string{"ec2:CreateTags " + ec2 + "vpc/vpc-1", "ec2:CreateTags " + ec2 + "security-group/sg-1"},
		},
		"a route, by its table": {
			ec2api.CreateRoute.Info(), &ec2api.CreateRouteRequest{RouteTableId: api.Ptr("rtb-1"), GatewayId: api.Ptr("igw-1")},
			[]string{"ec2:CreateRoute " + ec2 + "route-table/rtb-1"},
		},
		"a database": {
			rdsapi.CreateDBInstance.Info(), &rdsapi.CreateDBInstanceMessage{DBInstanceIdentifier: api.Ptr("db1"), DBSubnetGroupName: api.Ptr("private"), Tags: []rdsapi.Tag{{Key: api.Ptr("a"), Value: api.Ptr("b")}}},
			[]string{"rds:CreateDBInstance " + rds + "db:db1", "rds:CreateDBInstance " + rds + "subgrp:private", "rds:AddTagsToResource " + rds + "db:db1"},
		},
		"every database": {rdsapi.DescribeDBInstances.Info(), &rdsapi.DescribeDBInstancesMessage{}, []string{"rds:DescribeDBInstances " + rds + "db:*"}},
		"a load balancer": {
			elbv2api.CreateLoadBalancer.Info(), &elbv2api.CreateLoadBalancerInput{Name: api.Ptr("web")},
			[]string{"elasticloadbalancing:CreateLoadBalancer arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/*"},
		},
		"descriptions name nothing": {
			elbv2api.DescribeLoadBalancers.Info(), &elbv2api.DescribeLoadBalancersInput{LoadBalancerArns: []string{"arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/a/1"}},
			[]string{"elasticloadbalancing:DescribeLoadBalancers *"},
		},
		"a subscription is of its topic": {
			snsapi.Subscribe.Info(), &snsapi.SubscribeInput{TopicArn: api.Ptr("arn:aws:sns:us-east-1:000000000000:ops"), Endpoint: api.Ptr("arn:aws:sqs:us-east-1:000000000000:q")},
			[]string{"sns:Subscribe arn:aws:sns:us-east-1:000000000000:ops"},
		},
		"a stream of a group": {
			logsapi.PutLogEvents.Info(), &logsapi.PutLogEventsRequest{LogGroupName: api.Ptr("/web"), LogStreamName: api.Ptr("1")},
			[]string{"logs:PutLogEvents arn:aws:logs:us-east-1:000000000000:log-group:/web:log-stream:1"},
		},
		"a role with a path and tags": {
			iamapi.CreateRole.Info(), &iamapi.CreateRoleRequest{RoleName: api.Ptr("new"), Path: api.Ptr("/ci/"), Tags: []iamapi.Tag{{Key: api.Ptr("a"), Value: api.Ptr("b")}}},
			[]string{"iam:CreateRole arn:aws:iam::000000000000:role/ci/new", "iam:TagRole arn:aws:iam::000000000000:role/ci/new"},
		},
		"a cluster with tags": {
			ecsapi.CreateCluster.Info(), &ecsapi.CreateClusterRequest{ClusterName: api.Ptr("main"), Tags: []ecsapi.Tag{{Key: api.Ptr("a"), Value: api.Ptr("b")}}},
			[]string{"ecs:CreateCluster *", "ecs:TagResource arn:aws:ecs:us-east-1:000000000000:cluster/main"},
		},
		"every alarm": {cloudwatchapi.DescribeAlarms.Info(), &cloudwatchapi.DescribeAlarmsInput{}, []string{"cloudwatch:DescribeAlarms arn:aws:cloudwatch:us-east-1:000000000000:alarm:*"}},
	} {
		if _, err := f.decide(t, grants(tt.need), tt.op, tt.in); err != nil {
			t.Errorf("%s: with all rights: %v", name, err)
		}
		for i, right := range tt.need {
			if _, err := f.decide(t, grants(slices.Delete(slices.Clone(tt.need), i, i+1)), tt.op, tt.in); err == nil {
				t.Errorf("%s: allowed without %s", name, right)
			}
		}
	}
}

// TestKeysOfCalls: conditions on what a request says, and on who makes it.
func TestKeysOfCalls(t *testing.T) {
	f := start(t)
	f.role(t, "caller") // tagged team=crm
	vpc := func(value string) any {
		return &ec2api.CreateVpcRequest{TagSpecifications: []ec2api.TagSpecification{{Tags: []ec2api.Tag{{Key: api.Ptr("team"), Value: &value}}}}}
	}
	run := func(cluster string) any {
		return &ecsapi.RunTaskRequest{Cluster: &cluster, TaskDefinition: api.Ptr("web:1")}
	}
	subscribe := &snsapi.SubscribeInput{TopicArn: api.Ptr("arn:aws:sns:us-east-1:000000000000:ops"), Protocol: api.Ptr("https")}
	for name, tt := range map[string]struct {
		condition string
		op        api.OperationInfo
		in        any
		want      bool
	}{
		"request tag":           {`{"StringEquals":{"aws:RequestTag/team":"crm"}}`, ec2api.CreateVpc.Info(), vpc("crm"), true},
		"another request tag":   {`{"StringEquals":{"aws:RequestTag/team":"crm"}}`, ec2api.CreateVpc.Info(), vpc("ops"), false},
		"the caller's own tag":  {`{"StringEquals":{"aws:RequestTag/team":"${aws:PrincipalTag/team}"}}`, ec2api.CreateVpc.Info(), vpc("crm"), true},
		"tag keys":              {`{"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}`, ec2api.CreateVpc.Info(), vpc("crm"), true},
		"a tag key too many":    {`{"ForAllValues:StringEquals":{"aws:TagKeys":["owner"]}}`, ec2api.CreateVpc.Info(), vpc("crm"), false},
		"cluster":               {`{"ArnEquals":{"ecs:cluster":"arn:aws:ecs:us-east-1:000000000000:cluster/main"}}`, ecsapi.RunTask.Info(), run("main"), true},
		"another cluster":       {`{"ArnEquals":{"ecs:cluster":"arn:aws:ecs:us-east-1:000000000000:cluster/main"}}`, ecsapi.RunTask.Info(), run("other"), false},
		"a member of a request": {`{"StringEquals":{"sns:Protocol":"https"}}`, snsapi.Subscribe.Info(), subscribe, true},
		"another value of it":   {`{"StringEquals":{"sns:Protocol":"email"}}`, snsapi.Subscribe.Info(), subscribe, false},
		"policy of a role":      {`{"ArnEquals":{"iam:PolicyARN":"` + execution + `"}}`, iamapi.AttachRolePolicy.Info(), &iamapi.AttachRolePolicyRequest{RoleName: api.Ptr("x"), PolicyArn: api.Ptr(execution)}, true},
		"region":                {`{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`, ecsapi.RunTask.Info(), run("main"), true},
		"principal":             {`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::000000000000:role/app/*"}}`, ecsapi.RunTask.Info(), run("main"), true},
		"kind of principal":     {`{"StringEquals":{"aws:PrincipalType":"AssumedRole"}}`, ecsapi.RunTask.Info(), run("main"), true},
		"a user's name":         {`{"Null":{"aws:username":"true"}}`, ecsapi.RunTask.Info(), run("main"), true},
		"the wire":              {`{"Bool":{"aws:SecureTransport":"true"}}`, ecsapi.RunTask.Info(), run("main"), true},
		"no device":             {`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`, ecsapi.RunTask.Info(), run("main"), false},
	} {
		document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":` + tt.condition + `}]}`
		if _, err := f.decide(t, document, tt.op, tt.in); (err == nil) != tt.want {
			t.Errorf("%s: %v, want allowed %v", name, err, tt.want)
		}
	}
}
