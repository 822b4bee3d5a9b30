package apply

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"apex/internal/graph"
)

type clients struct {
	acm         *acm.Client
	ec2         *ec2.Client
	elb         *elasticloadbalancingv2.Client
	ecs         *ecs.Client
	ecr         *ecr.Client
	iam         *iam.Client
	rds         *rds.Client
	elasticache *elasticache.Client
	secrets     *secretsmanager.Client
	logs        *cloudwatchlogs.Client
	scaling     *applicationautoscaling.Client
}

func newClients(c aws.Config) clients {
	return clients{
		acm: acm.NewFromConfig(c), ec2: ec2.NewFromConfig(c), elb: elasticloadbalancingv2.NewFromConfig(c), ecs: ecs.NewFromConfig(c),
		ecr: ecr.NewFromConfig(c), iam: iam.NewFromConfig(c), rds: rds.NewFromConfig(c),
		elasticache: elasticache.NewFromConfig(c), secrets: secretsmanager.NewFromConfig(c),
		logs: cloudwatchlogs.NewFromConfig(c), scaling: applicationautoscaling.NewFromConfig(c),
	}
}

// dispatch makes one resource so and says what that took.
func (r *run) dispatch(ctx context.Context, res graph.Resource, began time.Time) (fact, Phase, error) {
	switch v := res.(type) {
	case graph.VPC:
		return r.vpc(ctx, v)
	case graph.InternetGateway:
		return r.internetGateway(ctx, v)
	case graph.Subnet:
		return r.subnet(ctx, v)
	case graph.ElasticIP:
		return r.elasticIP(ctx, v)
	case graph.NATGateway:
		return r.natGateway(ctx, v, began)
	case graph.RouteTable:
		return r.routeTable(ctx, v)
	case graph.SecurityGroup:
		return r.securityGroup(ctx, v)
	case graph.Role:
		return r.role(ctx, v)
	case graph.LogGroup:
		return r.logGroup(ctx, v)
	case graph.Repository:
		return r.repository(ctx, v)
	case graph.Image:
		return r.image(ctx, v, began)
	case graph.Secret:
		return r.secret(ctx, v)
	case graph.Attachment:
		return r.attachment(ctx, v)
	default:
		return r.dispatchService(ctx, res, began)
	}
}

func (r *run) dispatchService(ctx context.Context, res graph.Resource, began time.Time) (fact, Phase, error) {
	switch v := res.(type) {
	case graph.DBSubnetGroup:
		return r.dbSubnetGroup(ctx, v)
	case graph.DBInstance:
		return r.dbInstance(ctx, v, began)
	case graph.CacheSubnetGroup:
		return r.cacheSubnetGroup(ctx, v)
	case graph.CacheParameterGroup:
		return r.cacheParameterGroup(ctx, v)
	case graph.ReplicationGroup:
		return r.replicationGroup(ctx, v, began)
	case graph.LoadBalancer:
		return r.loadBalancer(ctx, v, began)
	case graph.TargetGroup:
		return r.targetGroup(ctx, v)
	case graph.Certificate:
		return r.certificate(ctx, v, began)
	case graph.Listener:
		return r.listener(ctx, v)
	case graph.Rule:
		return r.rule(ctx, v)
	case graph.Cluster:
		return r.cluster(ctx, v)
	case graph.TaskDefinition:
		return r.taskDefinition(ctx, v)
	case graph.Service:
		return r.service(ctx, v, began)
	case graph.ScalableTarget:
		return r.scalableTarget(ctx, v)
	case graph.ScalingPolicy:
		return r.scalingPolicy(ctx, v)
	}
	return fact{}, Failed, fmt.Errorf("no way is known to make a %T", res)
}
