package main

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// A call is one of the mixed set.
type call struct {
	name string
	do   func(context.Context) error
}

const (
	trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	topic = "arn:aws:sns:us-east-1:000000000000:bench"
)

// things are what the mixed set reads and writes.
type things struct{ vpc, subnet, topic string }

// makeThings makes them by the API.
func makeThings(ctx context.Context, cfg aws.Config) (t things, err error) {
	network := ec2.NewFromConfig(cfg)
	vpc, err := network.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		return t, err
	}
	t.vpc = *vpc.Vpc.VpcId
	for i := range 4 {
		subnet, err := network.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &t.vpc, CidrBlock: aws.String("10.0." + strconv.Itoa(i) + ".0/24")})
		if err != nil {
			return t, err
		}
		t.subnet = *subnet.Subnet.SubnetId
	}
	steps := []func() error{
		func() error {
			_, err := iam.NewFromConfig(cfg).CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("bench"), AssumeRolePolicyDocument: aws.String(trust)})
			return err
		},
		func() error {
			_, err := secretsmanager.NewFromConfig(cfg).CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("bench"), SecretString: aws.String("text")})
			return err
		},
		func() error {
			_, err := cloudwatchlogs.NewFromConfig(cfg).CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("bench")})
			return err
		},
		func() error {
			_, err := cloudwatchlogs.NewFromConfig(cfg).CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("bench"), LogStreamName: aws.String("s")})
			return err
		},
		func() error {
			_, err := ecs.NewFromConfig(cfg).CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("bench")})
			return err
		},
		func() error {
			out, err := sns.NewFromConfig(cfg).CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("bench")})
			if err == nil {
				t.topic = *out.TopicArn
			}
			return err
		},
		func() error {
			_, err := s3client(cfg).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("bench")})
			return err
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return t, err
		}
	}
	return t, nil
}

func s3client(cfg aws.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
}

// callsOf returns the mixed set: twelve reads and four writes.
func callsOf(cfg aws.Config, t things) []call {
	network, roles, secrets, groups := ec2.NewFromConfig(cfg), iam.NewFromConfig(cfg), secretsmanager.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg)
	clusters, topics, buckets, who := ecs.NewFromConfig(cfg), sns.NewFromConfig(cfg), s3client(cfg), sts.NewFromConfig(cfg)
	var n atomic.Int64
	calls := []call{
		of("ec2.DescribeVpcs", network.DescribeVpcs, &ec2.DescribeVpcsInput{VpcIds: []string{t.vpc}}),
		of("ec2.DescribeSubnets", network.DescribeSubnets, &ec2.DescribeSubnetsInput{Filters: []ec2types.Filter{{Name: aws.String("vpc-id"), Values: []string{t.vpc}}}}),
		of("ec2.DescribeSecurityGroups", network.DescribeSecurityGroups, &ec2.DescribeSecurityGroupsInput{}),
		of("iam.GetRole", roles.GetRole, &iam.GetRoleInput{RoleName: aws.String("bench")}),
		of("iam.TagRole", roles.TagRole, &iam.TagRoleInput{RoleName: aws.String("bench"), Tags: []iamtypes.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}),
		of("sts.GetCallerIdentity", who.GetCallerIdentity, &sts.GetCallerIdentityInput{}),
		of("secretsmanager.GetSecretValue", secrets.GetSecretValue, &secretsmanager.GetSecretValueInput{SecretId: aws.String("bench")}),
		of("secretsmanager.DescribeSecret", secrets.DescribeSecret, &secretsmanager.DescribeSecretInput{SecretId: aws.String("bench")}),
		of("ec2.CreateTags", network.CreateTags, &ec2.CreateTagsInput{Resources: []string{t.subnet}, Tags: []ec2types.Tag{{Key: aws.String("Name"), Value: aws.String("bench")}}}),
		of("logs.DescribeLogGroups", groups.DescribeLogGroups, &cloudwatchlogs.DescribeLogGroupsInput{}),
		of("ecs.DescribeClusters", clusters.DescribeClusters, &ecs.DescribeClustersInput{Clusters: []string{"bench"}}),
		of("ecs.ListServices", clusters.ListServices, &ecs.ListServicesInput{Cluster: aws.String("bench")}),
		of("sns.GetTopicAttributes", topics.GetTopicAttributes, &sns.GetTopicAttributesInput{TopicArn: &t.topic}),
	}
	return append(calls,
		call{"logs.PutLogEvents", func(ctx context.Context) error {
			_, err := groups.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
				LogGroupName: aws.String("bench"), LogStreamName: aws.String("s"),
				LogEvents: []logtypes.InputLogEvent{{Message: aws.String("a line of a log"), Timestamp: aws.Int64(time.Now().UnixMilli())}},
			})
			return err
		}},
		call{"s3.PutObject", func(ctx context.Context) error {
			key := "k" + strconv.FormatInt(n.Add(1)%100, 10)
			_, err := buckets.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("bench"), Key: &key, Body: strings.NewReader("a small object")})
			return err
		}},
		of("s3.ListObjectsV2", buckets.ListObjectsV2, &s3.ListObjectsV2Input{Bucket: aws.String("bench"), MaxKeys: aws.Int32(5)}),
	)
}

// of names a call with a fixed input.
func of[In, Out, Opt any](name string, method func(context.Context, *In, ...func(*Opt)) (*Out, error), in *In) call {
	return call{name, func(ctx context.Context) error {
		_, err := method(ctx, in)
		return err
	}}
}
