package autoscaling_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/autoscaling"
	"apex/internal/service/cloudwatch"
	"apex/internal/service/ecs"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

const (
	web       = "service/main/web"
	dimension = types.ScalableDimensionECSServiceDesiredCount
)

// A fixture is the service on a store with an ECS service to scale.
type fixture struct {
	*applicationautoscaling.Client
	env   service.Env
	clock *servicetest.Clock
	svc   *autoscaling.Service
}

func client(t *testing.T, names ...string) fixture {
	t.Helper()
	env := servicetest.Env(t, slices.Concat(autoscaling.Tables(), ecs.Tables(), cloudwatch.Tables())...)
	// Metrics keep seconds for hours only, by the real clock.
	f := fixture{env: env, clock: servicetest.NewClock(time.Now().UTC().Truncate(time.Minute))}
	f.env.Now = f.clock.Now
	f.svc = autoscaling.New(f.env)
	f.Client = applicationautoscaling.NewFromConfig(servicetest.Config(t, f.env, f.svc.Routes()))
	for _, name := range append(names, "main/web") {
		f.update(t, func(tx *store.Tx) {
			ecs.Services.Put(tx, ecs.ServiceRow{Key: scope.Key(name), Spec: ecs.ServiceSpec{Name: "web", Cluster: "main", Desired: 2}})
		})
	}
	return f
}

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

func (f fixture) update(t *testing.T, change func(*store.Tx)) {
	t.Helper()
	if err := f.env.Store.Update(t.Context(), func(tx *store.Tx) error { change(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func register(t *testing.T, c fixture, resource string) string {
	t.Helper()
	out, err := c.RegisterScalableTarget(t.Context(), &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &resource, ScalableDimension: dimension,
		MinCapacity: aws.Int32(2), MaxCapacity: aws.Int32(10), Tags: map[string]string{"a": "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.ScalableTargetARN
}

func TestTargetIsReadBackAsRegistered(t *testing.T) {
	c := client(t)
	name := register(t, c, web)
	again, err := c.RegisterScalableTarget(t.Context(), &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(web), ScalableDimension: dimension,
		MaxCapacity: aws.Int32(5),
	})
	if err != nil || *again.ScalableTargetARN != name {
		t.Fatalf("registered again: %v, %v; want the same ARN", again, err)
	}
	out, err := c.DescribeScalableTargets(t.Context(), &applicationautoscaling.DescribeScalableTargetsInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceIds: []string{web},
	})
	if err != nil || len(out.ScalableTargets) != 1 {
		t.Fatalf("describe: %v, %v", out, err)
	}
	if got := out.ScalableTargets[0]; *got.MinCapacity != 2 || *got.MaxCapacity != 5 || *got.RoleARN == "" || *got.SuspendedState.ScheduledScalingSuspended {
		t.Errorf("target %+v", got)
	}
	tags, err := c.ListTagsForResource(t.Context(), &applicationautoscaling.ListTagsForResourceInput{ResourceARN: &name})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "1"}, tags.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

func TestPolicyIsReadBackAsPut(t *testing.T) {
	c := client(t)
	register(t, c, web)
	want := &types.TargetTrackingScalingPolicyConfiguration{
		TargetValue: aws.Float64(70), ScaleInCooldown: aws.Int32(300), ScaleOutCooldown: aws.Int32(60), DisableScaleIn: aws.Bool(false),
		PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: types.MetricTypeECSServiceAverageCPUUtilization},
	}
	if _, err := c.PutScalingPolicy(t.Context(), &applicationautoscaling.PutScalingPolicyInput{
		PolicyName: aws.String("cpu"), PolicyType: types.PolicyTypeTargetTrackingScaling,
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(web), ScalableDimension: dimension,
		TargetTrackingScalingPolicyConfiguration: want,
	}); err != nil {
		t.Fatal(err)
	}
	out, err := c.DescribeScalingPolicies(t.Context(), &applicationautoscaling.DescribeScalingPoliciesInput{ServiceNamespace: types.ServiceNamespaceEcs})
	if err != nil || len(out.ScalingPolicies) != 1 {
		t.Fatalf("describe: %v, %v", out, err)
	}
	ignore := cmpopts.IgnoreUnexported(types.TargetTrackingScalingPolicyConfiguration{}, types.PredefinedMetricSpecification{})
	if diff := cmp.Diff(want, out.ScalingPolicies[0].TargetTrackingScalingPolicyConfiguration, ignore); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	if _, err := c.DeregisterScalableTarget(t.Context(), &applicationautoscaling.DeregisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(web), ScalableDimension: dimension,
	}); err != nil {
		t.Fatal(err)
	}
	out, err = c.DescribeScalingPolicies(t.Context(), &applicationautoscaling.DescribeScalingPoliciesInput{ServiceNamespace: types.ServiceNamespaceEcs})
	if err != nil || len(out.ScalingPolicies) != 0 {
		t.Errorf("after its target went, the policy is still there: %v, %v", out, err)
	}
}

func TestTargetsComeInPages(t *testing.T) {
	var names []string
	for i := range 7 {
		names = append(names, fmt.Sprintf("main/web%d", i))
	}
	c := client(t, names...)
	var want, got []string
	for i := range 7 {
		name := fmt.Sprintf("service/main/web%d", i)
		register(t, c, name)
		want = append(want, name)
	}
	pages := applicationautoscaling.NewDescribeScalableTargetsPaginator(c, &applicationautoscaling.DescribeScalableTargetsInput{
		ServiceNamespace: types.ServiceNamespaceEcs, MaxResults: aws.Int32(3),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range page.ScalableTargets {
			got = append(got, *target.ResourceId)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	c := client(t)
	register(t, c, web)
	put := func(in applicationautoscaling.PutScalingPolicyInput) error {
		in.PolicyName, in.ServiceNamespace, in.ScalableDimension = aws.String("p"), types.ServiceNamespaceEcs, dimension
		_, err := c.PutScalingPolicy(t.Context(), &in)
		return err
	}
	registers := func(in applicationautoscaling.RegisterScalableTargetInput) error {
		_, err := c.RegisterScalableTarget(t.Context(), &in)
		return err
	}
	for name, tt := range map[string]struct {
		err  error
		code string
	}{
		"policy without a target":        {put(applicationautoscaling.PutScalingPolicyInput{ResourceId: aws.String("service/main/none"), PolicyType: types.PolicyTypeTargetTrackingScaling}), "ObjectNotFoundException"},
		"policy without a configuration": {put(applicationautoscaling.PutScalingPolicyInput{ResourceId: aws.String(web), PolicyType: types.PolicyTypeTargetTrackingScaling}), "ValidationException"},
		"predictive policy":              {put(applicationautoscaling.PutScalingPolicyInput{ResourceId: aws.String(web), PolicyType: types.PolicyTypePredictiveScaling}), "ValidationException"},
		"bounds upside down": {registers(applicationautoscaling.RegisterScalableTargetInput{
			ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(web), ScalableDimension: dimension, MinCapacity: aws.Int32(11),
		}), "ValidationException"},
		"no such service": {registers(applicationautoscaling.RegisterScalableTargetInput{
			ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String("service/main/none"), ScalableDimension: dimension, MinCapacity: aws.Int32(1), MaxCapacity: aws.Int32(2),
		}), "ValidationException"},
		"steps with a gap": {put(applicationautoscaling.PutScalingPolicyInput{ResourceId: aws.String(web), PolicyType: types.PolicyTypeStepScaling, StepScalingPolicyConfiguration: &types.StepScalingPolicyConfiguration{
			AdjustmentType: types.AdjustmentTypeChangeInCapacity, StepAdjustments: []types.StepAdjustment{
				{MetricIntervalLowerBound: aws.Float64(0), MetricIntervalUpperBound: aws.Float64(5), ScalingAdjustment: aws.Int32(1)},
				{MetricIntervalLowerBound: aws.Float64(6), ScalingAdjustment: aws.Int32(2)},
			},
		}}), "ValidationException"},
		"a bad label": {put(applicationautoscaling.PutScalingPolicyInput{ResourceId: aws.String(web), PolicyType: types.PolicyTypeTargetTrackingScaling, TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
			TargetValue: aws.Float64(1), PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: types.MetricTypeALBRequestCountPerTarget, ResourceLabel: aws.String("app/x")},
		}}), "ValidationException"},
		"a bad schedule": {func() error {
			_, err := c.PutScheduledAction(t.Context(), &applicationautoscaling.PutScheduledActionInput{
				ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(web), ScalableDimension: dimension, ScheduledActionName: aws.String("x"), Schedule: aws.String("daily"),
			})
			return err
		}(), "ValidationException"},
		"another namespace": {registers(applicationautoscaling.RegisterScalableTargetInput{
			ServiceNamespace: types.ServiceNamespaceDynamodb, ResourceId: aws.String("table/x"), ScalableDimension: types.ScalableDimensionDynamoDBTableReadCapacityUnits,
			MinCapacity: aws.Int32(1), MaxCapacity: aws.Int32(2),
		}), "ValidationException"},
		"no such tags": {func() error {
			_, err := c.ListTagsForResource(t.Context(), &applicationautoscaling.ListTagsForResourceInput{ResourceARN: aws.String("arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/none")})
			return err
		}(), "ResourceNotFoundException"},
	} {
		if got := servicetest.Code(tt.err); got != tt.code {
			t.Errorf("%s: code %q, want %q", name, got, tt.code)
		}
	}
}
