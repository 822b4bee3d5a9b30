package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"apex/internal/regiontest"
)

// few and many are how many resources of a kind there are when its calls are
// timed; FLAT_MANY sets the latter.
const few = 10

func many(b *testing.B) int {
	n, err := strconv.Atoi(os.Getenv("FLAT_MANY"))
	if err != nil {
		return 10_000
	}
	return n
}

// A kind is a resource and what is asked of it: to make the nth, to show it, to
// list a page.
type kind struct {
	name             string
	make, show, list func(ctx context.Context, n int) error
}

// BenchmarkFlat times the calls of each kind of resource when there are few and
// when there are many. Its figures are the ratios of the medians.
func BenchmarkFlat(b *testing.B) {
	r := regiontest.Start(b)
	cfg := r.AWS(b)
	ctx := b.Context()
	for b.Loop() {
		worst := 0.0
		for _, k := range kinds(b, cfg) {
			fill(b, k, 0, few)
			before := timed(b, ctx, k, few)
			fill(b, k, few+rounds, many(b))
			after := timed(b, ctx, k, many(b))
			for what := range before {
				ratio := after[what].Seconds() / before[what].Seconds()
				worst = max(worst, ratio)
				fmt.Fprintf(os.Stderr, "%s: %s: %v with %d, %v with %d: %.2f\n", k.name, what, before[what], few, after[what], many(b), ratio)
			}
		}
		b.ReportMetric(worst, "x-worst")
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkMemory is the region's resident memory once there are 2,000 resources,
// as many of each kind.
func BenchmarkMemory(b *testing.B) {
	const resources = 2000
	r := regiontest.Start(b)
	all := kinds(b, r.AWS(b))
	for b.Loop() {
		for _, k := range all {
			fill(b, k, 0, resources/len(all))
		}
		daemon, ok := r.Home.Daemon()
		if !ok {
			b.Fatal("no region runs")
		}
		b.ReportMetric(resident(b, daemon.PID), "MiB")
	}
	b.ReportMetric(0, "ns/op")
}

// rounds is how often each call is timed.
const rounds = 30

// timed returns the median times of a kind's calls. The resources that it makes
// are the ones after those that there are.
func timed(b *testing.B, ctx context.Context, k kind, there int) map[string]time.Duration {
	b.Helper()
	times := map[string]time.Duration{}
	for what, do := range map[string]func(context.Context, int) error{"make": k.make, "show": k.show, "list": k.list} {
		var took []time.Duration
		for n := range rounds {
			which := n % few
			if what == "make" {
				which = there + n
			}
			begin := time.Now()
			if err := do(ctx, which); err != nil {
				b.Fatalf("%s: %s %d: %v", k.name, what, which, err)
			}
			took = append(took, time.Since(begin))
		}
		slices.Sort(took)
		times[what] = took[len(took)/2]
	}
	return times
}

// fill makes a kind's resources from one number to another.
func fill(b *testing.B, k kind, from, to int) {
	b.Helper()
	next := atomic.Int64{}
	next.Store(int64(from) - 1)
	var group sync.WaitGroup
	for range 4 * callers {
		group.Go(func() {
			for n := int(next.Add(1)); n < to; n = int(next.Add(1)) {
				if err := k.make(b.Context(), n); err != nil {
					b.Errorf("%s: make %d: %v", k.name, n, err)
					return
				}
			}
		})
	}
	group.Wait()
}

func kinds(b *testing.B, cfg aws.Config) []kind {
	made, err := makeThings(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	return slices.Concat(networkKinds(cfg, made), nameKinds(cfg), computeKinds(cfg, made))
}

// named gives the nth resource of a kind its name.
func named(n int) *string { return aws.String(fmt.Sprintf("flat-%05d", n)) }

func networkKinds(cfg aws.Config, made things) []kind {
	network := ec2.NewFromConfig(cfg)
	var ids sync.Map
	return []kind{{
		"security group",
		func(ctx context.Context, n int) error {
			out, err := network.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: named(n), Description: named(n), VpcId: &made.vpc})
			if err == nil {
				ids.Store(n, *out.GroupId)
			}
			return err
		},
		func(ctx context.Context, n int) error {
			id, _ := ids.Load(n)
			_, err := network.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id.(string)}})
			return err
		},
		func(ctx context.Context, _ int) error {
			_, err := network.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{MaxResults: aws.Int32(5)})
			return err
		},
	}}
}

func nameKinds(cfg aws.Config) []kind {
	roles, secrets, topics := iam.NewFromConfig(cfg), secretsmanager.NewFromConfig(cfg), sns.NewFromConfig(cfg)
	groups, images, buckets, alarms := cloudwatchlogs.NewFromConfig(cfg), ecr.NewFromConfig(cfg), s3client(cfg), cloudwatch.NewFromConfig(cfg)
	return []kind{
		{
			"role",
			func(ctx context.Context, n int) error {
				_, err := roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: named(n), AssumeRolePolicyDocument: aws.String(trust)})
				return err
			},
			func(ctx context.Context, n int) error {
				_, err := roles.GetRole(ctx, &iam.GetRoleInput{RoleName: named(n)})
				return err
			},
			func(ctx context.Context, _ int) error {
				_, err := roles.ListRoles(ctx, &iam.ListRolesInput{MaxItems: aws.Int32(5)})
				return err
			},
		},
		{
			"secret",
			func(ctx context.Context, n int) error {
				_, err := secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: named(n), SecretString: named(n)})
				return err
			},
			func(ctx context.Context, n int) error {
				_, err := secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: named(n)})
				return err
			},
			func(ctx context.Context, _ int) error {
				_, err := secrets.ListSecrets(ctx, &secretsmanager.ListSecretsInput{MaxResults: aws.Int32(5)})
				return err
			},
		},
		{
			"log group",
			func(ctx context.Context, n int) error {
				_, err := groups.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: named(n)})
				return err
			},
			func(ctx context.Context, n int) error {
				_, err := groups.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: named(n)})
				return err
			},
			func(ctx context.Context, _ int) error {
				_, err := groups.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{Limit: aws.Int32(5)})
				return err
			},
		},
		{
			"repository",
			func(ctx context.Context, n int) error {
				_, err := images.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: named(n)})
				return err
			},
			func(ctx context.Context, n int) error {
				_, err := images.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{*named(n)}})
				return err
			},
			func(ctx context.Context, _ int) error {
				_, err := images.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(5)})
				return err
			},
		},
		{
			"topic",
			func(ctx context.Context, n int) error {
				_, err := topics.CreateTopic(ctx, &sns.CreateTopicInput{Name: named(n)})
				return err
			},
			func(ctx context.Context, n int) error {
				_, err := topics.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(strings.TrimSuffix(topic, "bench") + *named(n))})
				return err
			},
			func(ctx context.Context, _ int) error { _, err := topics.ListTopics(ctx, nil); return err },
		},
		{
			"alarm",
			func(ctx context.Context, n int) error {
				_, err := alarms.PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
					AlarmName: named(n), Namespace: aws.String("flat"), MetricName: aws.String("m"), Statistic: cwtypes.StatisticSum,
					Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold,
				})
				return err
			},
			func(ctx context.Context, n int) error {
				_, err := alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{*named(n)}})
				return err
			},
			func(ctx context.Context, _ int) error {
				_, err := alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(5)})
				return err
			},
		},
		{
			"object",
			func(ctx context.Context, n int) error {
				_, err := buckets.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("bench"), Key: named(n), Body: strings.NewReader("text")})
				return err
			},
			func(ctx context.Context, n int) error {
				_, err := buckets.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String("bench"), Key: named(n)})
				return err
			},
			func(ctx context.Context, _ int) error {
				_, err := buckets.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("bench"), MaxKeys: aws.Int32(5)})
				return err
			},
		},
	}
}

func computeKinds(cfg aws.Config, made things) []kind {
	balancers, clusters := elasticloadbalancingv2.NewFromConfig(cfg), ecs.NewFromConfig(cfg)
	return []kind{
		{
			"target group",
			func(ctx context.Context, n int) error {
				_, err := balancers.CreateTargetGroup(ctx, &elasticloadbalancingv2.CreateTargetGroupInput{
					Name: named(n), Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: &made.vpc, TargetType: elbtypes.TargetTypeEnumIp,
				})
				return err
			},
			func(ctx context.Context, n int) error {
				_, err := balancers.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{Names: []string{*named(n)}})
				return err
			},
			func(ctx context.Context, _ int) error {
				_, err := balancers.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{PageSize: aws.Int32(5)})
				return err
			},
		},
		{
			"task definition",
			func(ctx context.Context, n int) error {
				_, err := clusters.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
					Family: named(n), NetworkMode: ecstypes.NetworkModeAwsvpc, Cpu: aws.String("256"), Memory: aws.String("512"),
					RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate},
					ContainerDefinitions:    []ecstypes.ContainerDefinition{{Name: aws.String("a"), Image: aws.String("b")}},
				})
				return err
			},
			func(ctx context.Context, n int) error {
				_, err := clusters.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: named(n)})
				return err
			},
			func(ctx context.Context, _ int) error {
				_, err := clusters.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{MaxResults: aws.Int32(5)})
				return err
			},
		},
	}
}
