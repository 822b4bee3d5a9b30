package cloudfront_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"apex/internal/service"
	"apex/internal/service/acm"
	"apex/internal/service/cloudfront"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// A world is the service with its controllers.
type world struct {
	*sdk.Client
	env service.Env
}

func newWorld(t *testing.T) *world {
	env := servicetest.Env(t, slices.Concat(cloudfront.Tables(), acm.Tables())...)
	s := cloudfront.New(env)
	servicetest.Run(t, env, s.Controllers()...)
	return &world{sdk.NewFromConfig(servicetest.Config(t, env, s.Routes())), env}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if got := servicetest.Code(err); got != code {
		t.Errorf("answered %q, want %q (%v)", got, code, err)
	}
}

// optimized is the id of AWS's policy CachingOptimized.
const optimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"

// config is the least that a distribution needs, edited.
func config(reference string, edit func(*types.DistributionConfig)) *types.DistributionConfig {
	c := &types.DistributionConfig{
		CallerReference: &reference, Comment: aws.String(""), Enabled: aws.Bool(true),
		Origins: &types.Origins{Quantity: aws.Int32(1), Items: []types.Origin{{
			Id: aws.String("web"), DomainName: aws.String("web.example.com"),
			CustomOriginConfig: &types.CustomOriginConfig{HTTPPort: aws.Int32(80), HTTPSPort: aws.Int32(443), OriginProtocolPolicy: types.OriginProtocolPolicyHttpOnly},
		}}},
		DefaultCacheBehavior: &types.DefaultCacheBehavior{
			TargetOriginId: aws.String("web"), ViewerProtocolPolicy: types.ViewerProtocolPolicyAllowAll, CachePolicyId: aws.String(optimized),
		},
	}
	if edit != nil {
		edit(c)
	}
	return c
}

func (w *world) distribution(t *testing.T, c *types.DistributionConfig) (id, etag string) {
	t.Helper()
	out, err := w.CreateDistribution(t.Context(), &sdk.CreateDistributionInput{DistributionConfig: c})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Distribution.Id, *out.ETag
}

// deployed waits until a distribution is, and returns it.
func (w *world) deployed(t *testing.T, id string) *sdk.GetDistributionOutput {
	t.Helper()
	var got *sdk.GetDistributionOutput
	servicetest.Await(t, w.env, "distribution deployed", func(store.Snapshot) bool {
		var err error
		got, err = w.GetDistribution(t.Context(), &sdk.GetDistributionInput{Id: &id})
		return err == nil && *got.Distribution.Status == "Deployed"
	})
	return got
}
