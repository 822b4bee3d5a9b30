package s3_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"apex/internal/service/s3"
	"apex/internal/service/servicetest"
)

// Old objects and unfinished uploads go; the others stay.
func TestLifecycleRulesAreCarriedOut(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	d.put(t, "logs/old", "x")
	d.put(t, "data/old", "x")
	if _, err := d.CreateMultipartUpload(t.Context(), &sdk.CreateMultipartUploadInput{Bucket: aws.String("box"), Key: aws.String("logs/parts")}); err != nil {
		t.Fatal(err)
	}
	must[*sdk.PutBucketLifecycleConfigurationOutput](t)(d.PutBucketLifecycleConfiguration(t.Context(), &sdk.PutBucketLifecycleConfigurationInput{
		Bucket: aws.String("box"), LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{{
			Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("logs/")},
			Expiration:                     &types.LifecycleExpiration{Days: aws.Int32(7)},
			AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(7)},
		}}},
	}))
	later := d.env
	later.Now = func() time.Time { return time.Now().AddDate(0, 0, 9) }
	servicetest.Run(t, later, s3.New(later).Controllers()...)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		uploads := must[*sdk.ListMultipartUploadsOutput](t)(d.ListMultipartUploads(t.Context(), &sdk.ListMultipartUploadsInput{Bucket: aws.String("box")}))
		list := must[*sdk.ListObjectsV2Output](t)(d.ListObjectsV2(t.Context(), &sdk.ListObjectsV2Input{Bucket: aws.String("box")}))
		if len(uploads.Uploads) == 0 && len(list.Contents) == 1 && *list.Contents[0].Key == "data/old" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("left: %d objects, %d uploads", len(list.Contents), len(uploads.Uploads))
		}
	}
}
