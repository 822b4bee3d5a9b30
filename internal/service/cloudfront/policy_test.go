package cloudfront_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

func TestCachePolicies(t *testing.T) {
	w := newWorld(t)
	policy := &types.CachePolicyConfig{
		Name: aws.String("ours"), MinTTL: aws.Int64(1),
		ParametersInCacheKeyAndForwardedToOrigin: &types.ParametersInCacheKeyAndForwardedToOrigin{
			EnableAcceptEncodingGzip: aws.Bool(true),
			HeadersConfig:            &types.CachePolicyHeadersConfig{HeaderBehavior: types.CachePolicyHeaderBehaviorWhitelist, Headers: &types.Headers{Quantity: aws.Int32(1), Items: []string{"Host"}}},
			CookiesConfig:            &types.CachePolicyCookiesConfig{CookieBehavior: types.CachePolicyCookieBehaviorNone},
			QueryStringsConfig:       &types.CachePolicyQueryStringsConfig{QueryStringBehavior: types.CachePolicyQueryStringBehaviorAll},
		},
	}
	made, err := w.CreateCachePolicy(t.Context(), &sdk.CreateCachePolicyInput{CachePolicyConfig: policy})
	if err != nil || *made.CachePolicy.CachePolicyConfig.DefaultTTL != 86400 {
		t.Fatalf("made %+v, %v", made, err)
	}
	_, err = w.CreateCachePolicy(t.Context(), &sdk.CreateCachePolicyInput{CachePolicyConfig: policy})
	wantCode(t, err, "CachePolicyAlreadyExists")
	counts := map[types.CachePolicyType]int{}
	for _, kind := range []types.CachePolicyType{types.CachePolicyTypeManaged, types.CachePolicyTypeCustom} {
		list, err := w.ListCachePolicies(t.Context(), &sdk.ListCachePoliciesInput{Type: kind})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list.CachePolicyList.Items {
			counts[p.Type]++
		}
	}
	if counts[types.CachePolicyTypeManaged] != 7 || counts[types.CachePolicyTypeCustom] != 1 {
		t.Errorf("listed %v", counts)
	}
	managed, err := w.GetCachePolicy(t.Context(), &sdk.GetCachePolicyInput{Id: aws.String(optimized)})
	if err != nil || *managed.CachePolicy.CachePolicyConfig.Name != "Managed-CachingOptimized" {
		t.Errorf("got %+v, %v", managed, err)
	}
	_, err = w.DeleteCachePolicy(t.Context(), &sdk.DeleteCachePolicyInput{Id: aws.String(optimized), IfMatch: managed.ETag})
	wantCode(t, err, "IllegalDelete")
	id, _ := w.distribution(t, config("one", func(c *types.DistributionConfig) { c.DefaultCacheBehavior.CachePolicyId = made.CachePolicy.Id }))
	_, err = w.DeleteCachePolicy(t.Context(), &sdk.DeleteCachePolicyInput{Id: made.CachePolicy.Id, IfMatch: made.ETag})
	wantCode(t, err, "CachePolicyInUse")
	w.deployed(t, id)
	policy.MinTTL, policy.MaxTTL = aws.Int64(5), aws.Int64(1)
	_, err = w.UpdateCachePolicy(t.Context(), &sdk.UpdateCachePolicyInput{Id: made.CachePolicy.Id, IfMatch: made.ETag, CachePolicyConfig: policy})
	wantCode(t, err, "InvalidArgument")
}

func TestFunctions(t *testing.T) {
	w := newWorld(t)
	functionConfig := &types.FunctionConfig{Comment: aws.String("c"), Runtime: types.FunctionRuntimeCloudfrontJs20}
	made, err := w.CreateFunction(t.Context(), &sdk.CreateFunctionInput{Name: aws.String("f"), FunctionConfig: functionConfig, FunctionCode: []byte("one")})
	if err != nil || *made.FunctionSummary.Status != "UNPUBLISHED" {
		t.Fatalf("made %+v, %v", made, err)
	}
	_, err = w.DescribeFunction(t.Context(), &sdk.DescribeFunctionInput{Name: aws.String("f"), Stage: types.FunctionStageLive})
	wantCode(t, err, "NoSuchFunctionExists")
	if _, err = w.PublishFunction(t.Context(), &sdk.PublishFunctionInput{Name: aws.String("f"), IfMatch: made.ETag}); err != nil {
		t.Fatal(err)
	}
	updated, err := w.UpdateFunction(t.Context(), &sdk.UpdateFunctionInput{Name: aws.String("f"), IfMatch: made.ETag, FunctionConfig: functionConfig, FunctionCode: []byte("two")})
	if err != nil || *updated.ETag == *made.ETag {
		t.Fatalf("updated %+v, %v", updated, err)
	}
	for stage, code := range map[types.FunctionStage]string{types.FunctionStageDevelopment: "two", types.FunctionStageLive: "one"} {
		got, err := w.GetFunction(t.Context(), &sdk.GetFunctionInput{Name: aws.String("f"), Stage: stage})
		if err != nil || !bytes.Equal(got.FunctionCode, []byte(code)) {
			t.Errorf("%s: %+v, %v", stage, got, err)
		}
	}
	w.distribution(t, config("one", func(c *types.DistributionConfig) {
		c.DefaultCacheBehavior.FunctionAssociations = &types.FunctionAssociations{Quantity: aws.Int32(1), Items: []types.FunctionAssociation{{EventType: types.EventTypeViewerRequest, FunctionARN: made.FunctionSummary.FunctionMetadata.FunctionARN}}}
	}))
	_, err = w.DeleteFunction(t.Context(), &sdk.DeleteFunctionInput{Name: aws.String("f"), IfMatch: updated.ETag})
	wantCode(t, err, "FunctionInUse")
	_, err = w.CreateFunction(t.Context(), &sdk.CreateFunctionInput{Name: aws.String("f"), FunctionConfig: functionConfig, FunctionCode: []byte("x")})
	wantCode(t, err, "FunctionAlreadyExists")
}

func TestKeys(t *testing.T) {
	w := newWorld(t)
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	encoded := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	keyConfig := &types.PublicKeyConfig{CallerReference: aws.String("k"), Name: aws.String("k"), EncodedKey: &encoded}
	key, err := w.CreatePublicKey(t.Context(), &sdk.CreatePublicKeyInput{PublicKeyConfig: keyConfig})
	if err != nil {
		t.Fatal(err)
	}
	group, err := w.CreateKeyGroup(t.Context(), &sdk.CreateKeyGroupInput{KeyGroupConfig: &types.KeyGroupConfig{Name: aws.String("g"), Items: []string{*key.PublicKey.Id}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.DeletePublicKey(t.Context(), &sdk.DeletePublicKeyInput{Id: key.PublicKey.Id, IfMatch: key.ETag})
	wantCode(t, err, "PublicKeyInUse")
	keyConfig.Name = aws.String("other")
	_, err = w.UpdatePublicKey(t.Context(), &sdk.UpdatePublicKeyInput{Id: key.PublicKey.Id, IfMatch: key.ETag, PublicKeyConfig: keyConfig})
	wantCode(t, err, "CannotChangeImmutablePublicKeyFields")
	if _, err = w.DeleteKeyGroup(t.Context(), &sdk.DeleteKeyGroupInput{Id: group.KeyGroup.Id, IfMatch: group.ETag}); err != nil {
		t.Error(err)
	}
	if _, err = w.DeletePublicKey(t.Context(), &sdk.DeletePublicKeyInput{Id: key.PublicKey.Id, IfMatch: key.ETag}); err != nil {
		t.Error(err)
	}
	keyConfig.EncodedKey = aws.String("none")
	_, err = w.CreatePublicKey(t.Context(), &sdk.CreatePublicKeyInput{PublicKeyConfig: keyConfig})
	wantCode(t, err, "InvalidArgument")
}
