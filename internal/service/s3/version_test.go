package s3_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/dataplane/objects"
	"apex/internal/service/s3"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

var box = aws.String("box")

func (d door) versioning(t testing.TB, status types.BucketVersioningStatus) {
	t.Helper()
	must[*sdk.PutBucketVersioningOutput](t)(d.PutBucketVersioning(t.Context(), &sdk.PutBucketVersioningInput{
		Bucket: box, VersioningConfiguration: &types.VersioningConfiguration{Status: status},
	}))
}

func (d door) getVersion(t testing.TB, version *string) (string, error) {
	t.Helper()
	out, err := d.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: box, Key: aws.String("k"), VersionId: version})
	if err != nil {
		return "", err
	}
	return string(must[[]byte](t)(io.ReadAll(out.Body))), nil
}

func (d door) delete(t testing.TB, version *string) *sdk.DeleteObjectOutput {
	t.Helper()
	return must[*sdk.DeleteObjectOutput](t)(d.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: box, Key: aws.String("k"), VersionId: version}))
}

func TestVersionsAreKeptReadAndDeleted(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	d.put(t, "k", "before")
	d.versioning(t, types.BucketVersioningStatusEnabled)
	first, second := d.put(t, "k", "one").VersionId, d.put(t, "k", "two").VersionId
	for version, want := range map[*string]string{nil: "two", first: "one", second: "two", aws.String("null"): "before"} {
		if got, err := d.getVersion(t, version); err != nil || got != want {
			t.Errorf("version %s: %q, %v; want %q", aws.ToString(version), got, err, want)
		}
	}
	marked := d.delete(t, nil)
	if !aws.ToBool(marked.DeleteMarker) || marked.VersionId == nil {
		t.Errorf("delete answered %+v", marked)
	}
	_, err := d.getVersion(t, nil)
	_, ofMarker := d.getVersion(t, marked.VersionId)
	_, ofNone := d.getVersion(t, aws.String(strings.Repeat("0", 32)))
	if diff := cmp.Diff([]string{"NoSuchKey", "MethodNotAllowed", "NoSuchVersion"}, []string{servicetest.Code(err), servicetest.Code(ofMarker), servicetest.Code(ofNone)}); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if _, err := d.DeleteBucket(t.Context(), &sdk.DeleteBucketInput{Bucket: box}); servicetest.Code(err) != "BucketNotEmpty" {
		t.Errorf("delete of a bucket with old versions: %v", err)
	}
	// A copy of the old version over the marker brings it back.
	must[*sdk.CopyObjectOutput](t)(d.CopyObject(t.Context(), &sdk.CopyObjectInput{Bucket: box, Key: aws.String("k"), CopySource: aws.String("box/k?versionId=" + *first)}))
	if got := d.get(t, "k"); got != "one" {
		t.Errorf("after the copy: %q", got)
	}
	d.versioning(t, types.BucketVersioningStatusSuspended)
	d.put(t, "k", "null again")
	if _, err := d.getVersion(t, second); err != nil {
		t.Errorf("a version from before the suspension: %v", err)
	}
	d.empty(t, 5)
	must[*sdk.DeleteBucketOutput](t)(d.DeleteBucket(t.Context(), &sdk.DeleteBucketInput{Bucket: box}))
}

// empty deletes all versions and markers, as Terraform's force_destroy does, two
// at a time.
func (d door) empty(t testing.TB, want int) {
	t.Helper()
	n := 0
	pages := sdk.NewListObjectVersionsPaginator(d.Client, &sdk.ListObjectVersionsInput{Bucket: box, MaxKeys: aws.Int32(2)})
	for pages.HasMorePages() {
		page := must[*sdk.ListObjectVersionsOutput](t)(pages.NextPage(t.Context()))
		var all []types.ObjectIdentifier
		for _, v := range page.Versions {
			all = append(all, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			all = append(all, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(all) == 0 {
			continue
		}
		gone := must[*sdk.DeleteObjectsOutput](t)(d.DeleteObjects(t.Context(), &sdk.DeleteObjectsInput{Bucket: box, Delete: &types.Delete{Objects: all}}))
		if n += len(gone.Deleted); len(gone.Errors) > 0 {
			t.Errorf("errors %+v", gone.Errors)
		}
	}
	if n != want {
		t.Errorf("%d versions and markers were there, want %d", n, want)
	}
}

func TestALockedVersionStays(t *testing.T) {
	d := open(t)
	must[*sdk.CreateBucketOutput](t)(d.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: box, ObjectLockEnabledForBucket: aws.Bool(true)}))
	put := must[*sdk.PutObjectOutput](t)(d.PutObject(t.Context(), &sdk.PutObjectInput{
		Bucket: box, Key: aws.String("k"), Body: strings.NewReader("x"),
		ObjectLockMode: types.ObjectLockModeGovernance, ObjectLockRetainUntilDate: aws.Time(time.Now().Add(time.Hour)),
	}))
	remove := func(bypass bool) string {
		_, err := d.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: box, Key: aws.String("k"), VersionId: put.VersionId, BypassGovernanceRetention: &bypass})
		return servicetest.Code(err)
	}
	if got := remove(false); got != "AccessDenied" {
		t.Errorf("delete of a retained version: %q", got)
	}
	d.delete(t, nil) // a marker is no deletion
	hold := func(status types.ObjectLockLegalHoldStatus) {
		must[*sdk.PutObjectLegalHoldOutput](t)(d.PutObjectLegalHold(t.Context(), &sdk.PutObjectLegalHoldInput{
			Bucket: box, Key: aws.String("k"), VersionId: put.VersionId, LegalHold: &types.ObjectLockLegalHold{Status: status},
		}))
	}
	hold(types.ObjectLockLegalHoldStatusOn)
	if got := remove(true); got != "AccessDenied" {
		t.Errorf("delete of a held version: %q", got)
	}
	hold(types.ObjectLockLegalHoldStatusOff)
	kept := must[*sdk.GetObjectRetentionOutput](t)(d.GetObjectRetention(t.Context(), &sdk.GetObjectRetentionInput{Bucket: box, Key: aws.String("k"), VersionId: put.VersionId}))
	if kept.Retention.Mode != types.ObjectLockRetentionModeGovernance {
		t.Errorf("retention %+v", kept.Retention)
	}
	if got := remove(true); got != "" {
		t.Errorf("delete past governance: %q", got)
	}
}

func TestObjectsTellHowTheyAreEncrypted(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	if out := d.put(t, "k", "x"); out.ServerSideEncryption != types.ServerSideEncryptionAes256 {
		t.Errorf("by default %q", out.ServerSideEncryption)
	}
	must[*sdk.PutBucketEncryptionOutput](t)(d.PutBucketEncryption(t.Context(), &sdk.PutBucketEncryptionInput{Bucket: box, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
		Rules: []types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms}, BucketKeyEnabled: aws.Bool(true)}},
	}}))
	d.put(t, "k", "x")
	head := must[*sdk.HeadObjectOutput](t)(d.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: box, Key: aws.String("k")}))
	if head.ServerSideEncryption != types.ServerSideEncryptionAwsKms || !strings.HasPrefix(aws.ToString(head.SSEKMSKeyId), "arn:aws:kms:") || !aws.ToBool(head.BucketKeyEnabled) {
		t.Errorf("by the bucket's rule %q %q", head.ServerSideEncryption, aws.ToString(head.SSEKMSKeyId))
	}
}

func TestConfigurationsWithIDs(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	for _, id := range []string{"a", "b"} {
		must[*sdk.PutBucketMetricsConfigurationOutput](t)(d.PutBucketMetricsConfiguration(t.Context(), &sdk.PutBucketMetricsConfigurationInput{
			Bucket: box, Id: &id, MetricsConfiguration: &types.MetricsConfiguration{Id: &id},
		}))
	}
	must[*sdk.DeleteBucketMetricsConfigurationOutput](t)(d.DeleteBucketMetricsConfiguration(t.Context(), &sdk.DeleteBucketMetricsConfigurationInput{Bucket: box, Id: aws.String("a")}))
	list := must[*sdk.ListBucketMetricsConfigurationsOutput](t)(d.ListBucketMetricsConfigurations(t.Context(), &sdk.ListBucketMetricsConfigurationsInput{Bucket: box}))
	if len(list.MetricsConfigurationList) != 1 || *list.MetricsConfigurationList[0].Id != "b" {
		t.Errorf("listed %+v", list.MetricsConfigurationList)
	}
}

// Rules about versions remove those that were replaced long ago, and the markers
// behind which nothing is left.
func TestRulesOnVersions(t *testing.T) {
	env := servicetest.Env(t, s3.Tables()...)
	clock := servicetest.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	env.Now = clock.Now
	if err := env.Objects.MakeBucket("id"); err != nil {
		t.Fatal(err)
	}
	put := func(version string) {
		staged, err := env.Objects.Stage(strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := env.Objects.Commit("id", objects.Object{Key: "k", Version: version, Modified: clock.Now()}, staged, nil); err != nil {
			t.Fatal(err)
		}
	}
	put("1")
	clock.Advance(24 * time.Hour)
	put("2") // replaces the first on the second day
	clock.Advance(10 * 24 * time.Hour)
	put("3")
	err := env.Store.Update(t.Context(), func(tx *store.Tx) error {
		s3.Buckets.Put(tx, s3.Bucket{Name: "box", Spec: s3.BucketSpec{ID: "id", Account: servicetest.Account, Region: servicetest.Region, Documents: map[string]string{
			"versioning": "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
			"lifecycle":  "<LifecycleConfiguration><Rule><ID>a</ID><Status>Enabled</Status><Filter></Filter><NoncurrentVersionExpiration><NoncurrentDays>5</NoncurrentDays></NoncurrentVersionExpiration><Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition></Rule></LifecycleConfiguration>",
		}}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	servicetest.Run(t, env, s3.New(env).Controllers()...)
	deadline := time.Now().Add(20 * time.Second)
	for {
		page, err := env.Objects.ListVersions("id", objects.Query{Limit: 10}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Versions) == 2 && page.Versions[0].Version == "3" && page.Versions[1].Version == "2" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("versions %+v", page.Versions)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
