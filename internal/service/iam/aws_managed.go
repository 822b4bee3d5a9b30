package iam

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// awsAccount stands for an account in the ARNs of what AWS keeps for all.
const awsAccount = "aws"

// awsManagedPrefix begins the ARNs of the policies that AWS keeps.
const awsManagedPrefix = "arn:aws:iam::aws:policy"

// awsGrants are AWS's own managed policies that stacks of this field attach, by
// path and name, with the actions they allow on every resource (source: AWS
// managed policy reference). Policies of a narrower resource are not listed.
var awsGrants = []struct {
	path, name string
	actions    []string
}{
	{"/", "AdministratorAccess", []string{"*"}},
	{"/", "AmazonEC2ContainerRegistryFullAccess", []string{"ecr:*"}},
	{"/", "AmazonEC2ContainerRegistryPowerUser", []string{
		"ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:GetRepositoryPolicy",
		"ecr:DescribeRepositories", "ecr:ListImages", "ecr:DescribeImages", "ecr:BatchGetImage", "ecr:GetLifecyclePolicy",
		"ecr:GetLifecyclePolicyPreview", "ecr:ListTagsForResource", "ecr:DescribeImageScanFindings", "ecr:InitiateLayerUpload",
		"ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage",
	}},
	{"/", "AmazonEC2ContainerRegistryReadOnly", []string{
		"ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:GetRepositoryPolicy",
		"ecr:DescribeRepositories", "ecr:ListImages", "ecr:DescribeImages", "ecr:BatchGetImage", "ecr:GetLifecyclePolicy",
		"ecr:GetLifecyclePolicyPreview", "ecr:ListTagsForResource", "ecr:DescribeImageScanFindings",
	}},
	{"/", "AmazonEC2ReadOnlyAccess", []string{
		"ec2:Describe*", "ec2:GetSecurityGroupsForVpc", "elasticloadbalancing:Describe*", "cloudwatch:ListMetrics",
		"cloudwatch:GetMetricStatistics", "cloudwatch:Describe*", "autoscaling:Describe*",
	}},
	{"/", "AmazonS3FullAccess", []string{"s3:*", "s3-object-lambda:*"}},
	{"/", "AmazonS3ReadOnlyAccess", []string{"s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"}},
	{"/", "AmazonSNSFullAccess", []string{"sns:*"}},
	{"/", "AmazonSQSFullAccess", []string{"sqs:*"}},
	{"/", "AmazonSSMReadOnlyAccess", []string{"ssm:Describe*", "ssm:Get*", "ssm:List*"}},
	{"/", "AmazonVPCReadOnlyAccess", []string{"ec2:Describe*"}},
	{"/", "AWSXRayDaemonWriteAccess", []string{
		"xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
		"xray:GetSamplingStatisticSummaries",
	}},
	{"/", "CloudWatchReadOnlyAccess", []string{
		"application-autoscaling:DescribeScalingPolicies", "autoscaling:Describe*", "cloudwatch:BatchGet*", "cloudwatch:Describe*",
		"cloudwatch:GenerateQuery", "cloudwatch:Get*", "cloudwatch:List*", "logs:Get*", "logs:List*", "logs:StartQuery",
		"logs:StopQuery", "logs:Describe*", "logs:TestMetricFilter", "logs:FilterLogEvents", "logs:StartLiveTail",
		"logs:StopLiveTail", "oam:ListSinks", "sns:Get*", "sns:List*", "xray:BatchGet*", "xray:Get*",
	}},
	{"/", "CloudWatchLogsFullAccess", []string{"logs:*"}},
	{"/", "IAMReadOnlyAccess", []string{
		"iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails", "iam:Get*", "iam:List*", "iam:SimulateCustomPolicy",
		"iam:SimulatePrincipalPolicy",
	}},
	// Of the services that a region has; AWS's own names some hundred more.
	{"/", "ReadOnlyAccess", []string{
		"acm:Describe*", "acm:Get*", "acm:List*", "application-autoscaling:Describe*", "application-autoscaling:List*",
		"cloudfront:Get*", "cloudfront:List*", "cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*", "ec2:Describe*",
		"ec2:Get*", "ecr:BatchCheck*", "ecr:BatchGet*", "ecr:Describe*", "ecr:Get*", "ecr:List*", "ecs:Describe*", "ecs:List*",
		"elasticache:Describe*", "elasticache:List*", "elasticloadbalancing:Describe*", "events:Describe*", "events:List*",
		"events:Test*", "iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*", "kms:Describe*", "kms:Get*", "kms:List*",
		"logs:Describe*", "logs:FilterLogEvents", "logs:Get*", "logs:List*", "logs:StartQuery", "logs:StopQuery",
		"logs:TestMetricFilter", "rds:Describe*", "rds:Download*", "rds:List*", "route53:Get*", "route53:List*", "route53:Test*",
		"s3:Get*", "s3:List*", "scheduler:Get*", "scheduler:List*", "secretsmanager:Describe*",
		"secretsmanager:GetResourcePolicy", "secretsmanager:List*", "servicediscovery:Get*", "servicediscovery:List*",
		"sns:Get*", "sns:List*", "sqs:Get*", "sqs:List*", "sqs:Receive*", "ssm:Describe*", "ssm:Get*", "ssm:List*",
		"wafv2:Describe*", "wafv2:Get*", "wafv2:List*", "xray:BatchGet*", "xray:Get*",
	}},
	{"/", "SecretsManagerReadWrite", []string{"secretsmanager:*", "kms:DescribeKey", "kms:ListAliases", "kms:ListKeys"}},
	{"/service-role/", "AmazonECSTaskExecutionRolePolicy", []string{
		"ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage",
		"logs:CreateLogStream", "logs:PutLogEvents",
	}},
	{"/service-role/", "AmazonRDSEnhancedMonitoringRole", []string{
		"logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams",
		"logs:GetLogEvents",
	}},
}

// awsPolicies returns AWS's managed policies.
var awsPolicies = sync.OnceValue(makeAWSPolicies)

func makeAWSPolicies() []Policy {
	list := make([]Policy, len(awsGrants))
	created := time.Date(2015, 2, 6, 18, 39, 46, 0, time.UTC)
	for i, g := range awsGrants {
		document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` + strings.Join(g.actions, `","`) + `"],"Resource":"*"}]}`
		list[i].Spec = PolicySpec{
			Name: g.name, Path: g.path, ARN: awsManagedPrefix + g.path + g.name, Default: "v1", Last: 1,
			ID:       "ANPA" + strings.ToUpper(g.name + strings.Repeat("X", 17))[:17],
			Versions: []PolicyVersion{{ID: "v1", Document: document, Created: created}}, Created: created, Updated: created,
		}
	}
	// Lists are paged by ARN.
	slices.SortFunc(list, func(a, b Policy) int { return strings.Compare(a.Spec.ARN, b.Spec.ARN) })
	return list
}

// awsManaged finds one of AWS's managed policies by its ARN.
func awsManaged(name string) (Policy, bool) {
	if !strings.HasPrefix(name, awsManagedPrefix) {
		return Policy{}, false
	}
	for _, p := range awsPolicies() {
		if p.Spec.ARN == name {
			return p, true
		}
	}
	return Policy{}, false
}
