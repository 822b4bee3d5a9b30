package clients

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// A client is the official SDK's client of one service, its operations found by
// reflection.
type client struct {
	module string // the SDK's module below aws-sdk-go-v2/service
	value  reflect.Value
}

// awsConfig is a configuration for nobody.
func awsConfig(url string) aws.Config {
	return aws.Config{Region: "us-east-1", BaseEndpoint: &url, Credentials: aws.AnonymousCredentials{}}
}

// sdk returns a client of each service that the region serves.
func sdk(cfg aws.Config) []client {
	return []client{
		{"ec2", reflect.ValueOf(ec2.NewFromConfig(cfg))},
		{"iam", reflect.ValueOf(iam.NewFromConfig(cfg))},
		{"sts", reflect.ValueOf(sts.NewFromConfig(cfg))},
		{"s3", reflect.ValueOf(s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }))},
		{"acm", reflect.ValueOf(acm.NewFromConfig(cfg))},
		{"secretsmanager", reflect.ValueOf(secretsmanager.NewFromConfig(cfg))},
		{"sns", reflect.ValueOf(sns.NewFromConfig(cfg))},
		{"cloudwatchlogs", reflect.ValueOf(cloudwatchlogs.NewFromConfig(cfg))},
		{"cloudwatch", reflect.ValueOf(cloudwatch.NewFromConfig(cfg))},
		{"ecr", reflect.ValueOf(ecr.NewFromConfig(cfg))},
		{"elasticloadbalancingv2", reflect.ValueOf(elasticloadbalancingv2.NewFromConfig(cfg))},
		{"rds", reflect.ValueOf(rds.NewFromConfig(cfg))},
		{"elasticache", reflect.ValueOf(elasticache.NewFromConfig(cfg))},
		{"ecs", reflect.ValueOf(ecs.NewFromConfig(cfg))},
		{"applicationautoscaling", reflect.ValueOf(applicationautoscaling.NewFromConfig(cfg))},
		{"kms", reflect.ValueOf(kms.NewFromConfig(cfg))},
		{"ssm", reflect.ValueOf(ssm.NewFromConfig(cfg))},
		{"route53", reflect.ValueOf(route53.NewFromConfig(cfg))},
		{"cloudfront", reflect.ValueOf(cloudfront.NewFromConfig(cfg))},
		{"eventbridge", reflect.ValueOf(eventbridge.NewFromConfig(cfg))},
		{"scheduler", reflect.ValueOf(scheduler.NewFromConfig(cfg))},
		{"sqs", reflect.ValueOf(sqs.NewFromConfig(cfg))},
		{"wafv2", reflect.ValueOf(wafv2.NewFromConfig(cfg))},
		{"xray", reflect.ValueOf(xray.NewFromConfig(cfg))},
		{"servicediscovery", reflect.ValueOf(servicediscovery.NewFromConfig(cfg))},
	}
}

// operations returns the names of all operations that the SDK has for the
// service, whether the region serves them or not.
func (c client) operations() (names []string) {
	for i := range c.value.NumMethod() {
		method := c.value.Type().Method(i)
		if method.Type.NumIn() == 4 && method.Type.NumOut() == 2 && strings.HasSuffix(method.Type.In(2).String(), method.Name+"Input") {
			names = append(names, method.Name)
		}
	}
	return names
}

// has reports whether the SDK knows the operation.
func (c client) has(operation string) bool { return slices.Contains(c.operations(), operation) }

// input returns an operation's input with the given members.
func (c client) input(operation string, members map[string]any) (reflect.Value, error) {
	if !c.has(operation) {
		return reflect.Value{}, fmt.Errorf("the SDK's %s has no operation %s", c.module, operation)
	}
	in := reflect.New(c.value.MethodByName(operation).Type().In(1).Elem())
	return in, set(in.Elem(), members)
}

// call makes one call.
func (c client) call(ctx context.Context, operation string, in reflect.Value) (reflect.Value, error) {
	out := c.value.MethodByName(operation).Call([]reflect.Value{reflect.ValueOf(ctx), in})
	err, _ := out[1].Interface().(error)
	return out[0], err
}
