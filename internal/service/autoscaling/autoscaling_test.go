package autoscaling_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"apex/internal/service/autoscaling"
	"apex/internal/service/servicetest"
)

const (
	web       = "service/main/web"
	dimension = types.ScalableDimensionECSServiceDesiredCount
)

func client(t *testing.T) *applicationautoscaling.Client {
	t.Helper()
	env := servicetest.Env(t, autoscaling.Tables()...)
	return applicationautoscaling.NewFromConfig(servicetest.Config(t, env, autoscaling.New(env).Routes()))
}

func register(t *testing.T, c *applicationautoscaling.Client, resource string) string {
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
	c := client(t)
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
