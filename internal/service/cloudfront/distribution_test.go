package cloudfront_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

func TestDistributionLife(t *testing.T) {
	w := newWorld(t)
	made, err := w.CreateDistributionWithTags(t.Context(), &sdk.CreateDistributionWithTagsInput{DistributionConfigWithTags: &types.DistributionConfigWithTags{
		DistributionConfig: config("one", nil), Tags: &types.Tags{Items: []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	d := made.Distribution
	if *d.Status != "InProgress" || !strings.HasSuffix(*d.DomainName, ".cloudfront.net") || !strings.HasSuffix(*made.Location, *d.Id) || *made.ETag == "" {
		t.Errorf("made %+v", d)
	}
	if c := d.DistributionConfig; *c.ViewerCertificate.CloudFrontDefaultCertificate != true || c.PriceClass != types.PriceClassPriceClassAll || *c.DefaultCacheBehavior.AllowedMethods.Quantity != 2 || *c.Origins.Items[0].ConnectionAttempts != 3 {
		t.Errorf("defaults %+v", c)
	}
	got := w.deployed(t, *d.Id)
	tags, err := w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{Resource: d.ARN})
	if err != nil || len(tags.Tags.Items) != 1 || *tags.Tags.Items[0].Value != "web" {
		t.Errorf("tags %+v, %v", tags, err)
	}
	if _, err = w.UntagResource(t.Context(), &sdk.UntagResourceInput{Resource: d.ARN, TagKeys: &types.TagKeys{Items: []string{"team"}}}); err != nil {
		t.Error(err)
	}

	edited := got.Distribution.DistributionConfig
	edited.Enabled = aws.Bool(false)
	_, err = w.UpdateDistribution(t.Context(), &sdk.UpdateDistributionInput{Id: d.Id, DistributionConfig: edited})
	wantCode(t, err, "InvalidIfMatchVersion")
	_, err = w.UpdateDistribution(t.Context(), &sdk.UpdateDistributionInput{Id: d.Id, DistributionConfig: edited, IfMatch: aws.String("E0")})
	wantCode(t, err, "PreconditionFailed")
	_, err = w.DeleteDistribution(t.Context(), &sdk.DeleteDistributionInput{Id: d.Id, IfMatch: got.ETag})
	wantCode(t, err, "DistributionNotDisabled")
	updated, err := w.UpdateDistribution(t.Context(), &sdk.UpdateDistributionInput{Id: d.Id, DistributionConfig: edited, IfMatch: got.ETag})
	if err != nil || *updated.ETag == *got.ETag {
		t.Fatalf("updated %+v, %v", updated, err)
	}
	_, err = w.CreateDistribution(t.Context(), &sdk.CreateDistributionInput{DistributionConfig: config("one", nil)})
	wantCode(t, err, "DistributionAlreadyExists")
	w.deployed(t, *d.Id)
	if _, err = w.DeleteDistribution(t.Context(), &sdk.DeleteDistributionInput{Id: d.Id, IfMatch: updated.ETag}); err != nil {
		t.Error(err)
	}
	_, err = w.GetDistribution(t.Context(), &sdk.GetDistributionInput{Id: d.Id})
	wantCode(t, err, "NoSuchDistribution")
}

func TestRefusedDistributions(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		code string
		edit func(*types.DistributionConfig)
	}{
		"quantity":         {"InconsistentQuantities", func(c *types.DistributionConfig) { c.Origins.Quantity = aws.Int32(2) }},
		"unknown origin":   {"NoSuchOrigin", func(c *types.DistributionConfig) { c.DefaultCacheBehavior.TargetOriginId = aws.String("x") }},
		"no origin config": {"InvalidOrigin", func(c *types.DistributionConfig) { c.Origins.Items[0].CustomOriginConfig = nil }},
		"no policy":        {"InvalidArgument", func(c *types.DistributionConfig) { c.DefaultCacheBehavior.CachePolicyId = nil }},
		"empty policy":     {"InvalidArgument", func(c *types.DistributionConfig) { c.DefaultCacheBehavior.CachePolicyId = aws.String("") }},
		"absent policy":    {"NoSuchCachePolicy", func(c *types.DistributionConfig) { c.DefaultCacheBehavior.CachePolicyId = aws.String("x") }},
		"absent headers":   {"NoSuchResponseHeadersPolicy", func(c *types.DistributionConfig) { c.DefaultCacheBehavior.ResponseHeadersPolicyId = aws.String("x") }},
		"absent control":   {"InvalidOriginAccessControl", func(c *types.DistributionConfig) { c.Origins.Items[0].OriginAccessControlId = aws.String("x") }},
		"alias without certificate": {"InvalidViewerCertificate", func(c *types.DistributionConfig) {
			c.Aliases = &types.Aliases{Quantity: aws.Int32(1), Items: []string{"a.example.com"}}
		}},
		"absent certificate": {"InvalidViewerCertificate", func(c *types.DistributionConfig) {
			c.ViewerCertificate = &types.ViewerCertificate{ACMCertificateArn: aws.String("arn:aws:acm:us-east-1:000000000000:certificate/x"), SSLSupportMethod: types.SSLSupportMethodSniOnly}
		}},
		"regional ACL": {"InvalidWebACLId", func(c *types.DistributionConfig) {
			c.WebACLId = aws.String("arn:aws:wafv2:us-east-1:000000000000:regional/webacl/x/y")
		}},
		"root object": {"InvalidDefaultRootObject", func(c *types.DistributionConfig) { c.DefaultRootObject = aws.String("/index.html") }},
		"function": {"InvalidFunctionAssociation", func(c *types.DistributionConfig) {
			c.DefaultCacheBehavior.FunctionAssociations = &types.FunctionAssociations{Quantity: aws.Int32(1), Items: []types.FunctionAssociation{{EventType: types.EventTypeViewerRequest, FunctionARN: aws.String("arn:aws:cloudfront::000000000000:function/x")}}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.CreateDistribution(t.Context(), &sdk.CreateDistributionInput{DistributionConfig: config(name, tt.edit)})
			wantCode(t, err, tt.code)
		})
	}
}

// TestWhatIsUsedStays deletes what a distribution refers to, before and after it.
func TestWhatIsUsedStays(t *testing.T) {
	w := newWorld(t)
	control, err := w.CreateOriginAccessControl(t.Context(), &sdk.CreateOriginAccessControlInput{OriginAccessControlConfig: &types.OriginAccessControlConfig{
		Name: aws.String("s3"), SigningBehavior: types.OriginAccessControlSigningBehaviorsAlways, SigningProtocol: types.OriginAccessControlSigningProtocolsSigv4,
		OriginAccessControlOriginType: types.OriginAccessControlOriginTypesS3,
	}})
	if err != nil {
		t.Fatal(err)
	}
	id, etag := w.distribution(t, config("one", func(c *types.DistributionConfig) {
		c.Origins.Items[0].CustomOriginConfig = nil
		c.Origins.Items[0].S3OriginConfig = &types.S3OriginConfig{OriginAccessIdentity: aws.String("")}
		c.Origins.Items[0].OriginAccessControlId = control.OriginAccessControl.Id
		c.Enabled = aws.Bool(false)
	}))
	_, err = w.DeleteOriginAccessControl(t.Context(), &sdk.DeleteOriginAccessControlInput{Id: control.OriginAccessControl.Id, IfMatch: control.ETag})
	wantCode(t, err, "OriginAccessControlInUse")
	w.deployed(t, id)
	if _, err = w.DeleteDistribution(t.Context(), &sdk.DeleteDistributionInput{Id: &id, IfMatch: &etag}); err != nil {
		t.Fatal(err)
	}
	if _, err = w.DeleteOriginAccessControl(t.Context(), &sdk.DeleteOriginAccessControlInput{Id: control.OriginAccessControl.Id, IfMatch: control.ETag}); err != nil {
		t.Error(err)
	}
	_, err = w.GetOriginAccessControl(t.Context(), &sdk.GetOriginAccessControlInput{Id: control.OriginAccessControl.Id})
	wantCode(t, err, "NoSuchOriginAccessControl")
}

func TestInvalidations(t *testing.T) {
	w := newWorld(t)
	id, _ := w.distribution(t, config("one", nil))
	in := &sdk.CreateInvalidationInput{DistributionId: &id, InvalidationBatch: &types.InvalidationBatch{CallerReference: aws.String("a"), Paths: &types.Paths{Quantity: aws.Int32(1), Items: []string{"/*"}}}}
	first, err := w.CreateInvalidation(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.CreateInvalidation(t.Context(), in)
	if err != nil || *again.Invalidation.Id != *first.Invalidation.Id {
		t.Errorf("again %+v, %v", again, err)
	}
	waiter := sdk.NewInvalidationCompletedWaiter(w, func(o *sdk.InvalidationCompletedWaiterOptions) { o.MinDelay, o.MaxDelay = 1e7, 1e8 })
	if err := waiter.Wait(t.Context(), &sdk.GetInvalidationInput{DistributionId: &id, Id: first.Invalidation.Id}, 2e10); err != nil {
		t.Error(err)
	}
	list, err := w.ListInvalidations(t.Context(), &sdk.ListInvalidationsInput{DistributionId: &id})
	if err != nil || len(list.InvalidationList.Items) != 1 || *list.InvalidationList.Items[0].Status != "Completed" {
		t.Errorf("listed %+v, %v", list, err)
	}
	_, err = w.GetInvalidation(t.Context(), &sdk.GetInvalidationInput{DistributionId: &id, Id: aws.String("I0")})
	wantCode(t, err, "NoSuchInvalidation")
	in.DistributionId = aws.String("E0")
	_, err = w.CreateInvalidation(t.Context(), in)
	wantCode(t, err, "NoSuchDistribution")
}

func TestListOfDistributions(t *testing.T) {
	w := newWorld(t)
	want := map[string]bool{}
	for _, reference := range []string{"a", "b", "c"} {
		id, _ := w.distribution(t, config(reference, nil))
		want[id] = true
	}
	pages := sdk.NewListDistributionsPaginator(w, &sdk.ListDistributionsInput{MaxItems: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page.DistributionList.Items {
			delete(want, *d.Id)
		}
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
}
