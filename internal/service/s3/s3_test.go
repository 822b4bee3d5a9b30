package s3_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/api"
	"apex/internal/endpoint"
	"apex/internal/sdkhttp"
	"apex/internal/service"
	"apex/internal/service/kms"
	"apex/internal/service/s3"
	"apex/internal/service/servicetest"
)

// A door is S3 behind a real endpoint, with the administrator's client.
type door struct {
	*sdk.Client
	env service.Env
	url string
}

func open(t testing.TB, options ...func(*sdk.Options)) door {
	t.Helper()
	env := servicetest.Env(t, append(s3.Tables(), kms.Tables()...)...)
	serve := endpoint.New(endpoint.Config{
		Objects: s3.New(env).Door(nil), Region: servicetest.Region, Now: env.Now, Log: slog.New(slog.DiscardHandler),
		Credentials: func(id string) (api.Credential, bool) {
			accounts := map[string]string{"AKIDADMIN": servicetest.Account, "AKIDOTHER": "111111111111"}
			return api.Credential{Secret: "secret", Account: accounts[id], Principal: api.Principal{Root: true}}, accounts[id] != ""
		},
	})
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	d := door{env: env, url: server.URL}
	d.Client = d.as("AKIDADMIN", options...)
	return d
}

func (d door) as(key string, options ...func(*sdk.Options)) *sdk.Client {
	return sdk.NewFromConfig(aws.Config{
		Region: servicetest.Region, BaseEndpoint: &d.url, RetryMaxAttempts: 1, HTTPClient: sdkhttp.New(),
		Credentials: credentials.NewStaticCredentialsProvider(key, "secret", ""),
	}, options...)
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (d door) bucket(t testing.TB, name string) {
	t.Helper()
	must[*sdk.CreateBucketOutput](t)(d.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: &name}))
}

func (d door) put(t testing.TB, key, text string) *sdk.PutObjectOutput {
	t.Helper()
	return must[*sdk.PutObjectOutput](t)(d.PutObject(t.Context(), &sdk.PutObjectInput{
		Bucket: aws.String("box"), Key: &key, Body: strings.NewReader(text),
	}))
}

func (d door) get(t testing.TB, key string) string {
	t.Helper()
	out := must[*sdk.GetObjectOutput](t)(d.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("box"), Key: &key}))
	defer out.Body.Close()
	return string(must[[]byte](t)(io.ReadAll(out.Body)))
}

func TestBuckets(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	d.bucket(t, "box") // again is no error in us-east-1
	d.bucket(t, "other-box")
	list := must[*sdk.ListBucketsOutput](t)(d.ListBuckets(t.Context(), nil))
	var names []string
	for _, b := range list.Buckets {
		names = append(names, *b.Name)
	}
	if diff := cmp.Diff([]string{"box", "other-box"}, names); diff != "" {
		t.Errorf("buckets (-want +got):\n%s", diff)
	}
	head := must[*sdk.HeadBucketOutput](t)(d.HeadBucket(t.Context(), &sdk.HeadBucketInput{Bucket: aws.String("box")}))
	if *head.BucketRegion != servicetest.Region {
		t.Errorf("region %q", *head.BucketRegion)
	}
	where := must[*sdk.GetBucketLocationOutput](t)(d.GetBucketLocation(t.Context(), &sdk.GetBucketLocationInput{Bucket: aws.String("box")}))
	if where.LocationConstraint != "" {
		t.Errorf("location %q", where.LocationConstraint)
	}
	d.put(t, "k", "x")
	_, err := d.DeleteBucket(t.Context(), &sdk.DeleteBucketInput{Bucket: aws.String("box")})
	if servicetest.Code(err) != "BucketNotEmpty" {
		t.Errorf("delete of a full bucket: %v", err)
	}
	must[*sdk.DeleteObjectOutput](t)(d.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: aws.String("box"), Key: aws.String("k")}))
	must[*sdk.DeleteBucketOutput](t)(d.DeleteBucket(t.Context(), &sdk.DeleteBucketInput{Bucket: aws.String("box")}))
	if _, err := d.HeadBucket(t.Context(), &sdk.HeadBucketInput{Bucket: aws.String("box")}); servicetest.Code(err) != "NotFound" {
		t.Errorf("head of a deleted bucket: %v", err)
	}
}

func TestObjectIsReadBackAsPut(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	const text = "hello, world"
	for _, a := range types.ChecksumAlgorithm("").Values() {
		key := "a b/" + string(a) + "+é"
		out, err := d.PutObject(t.Context(), &sdk.PutObjectInput{
			Bucket: aws.String("box"), Key: &key, Body: strings.NewReader(text), ChecksumAlgorithm: a,
			ContentType: aws.String("text/plain"), CacheControl: aws.String("no-store"),
			Metadata: map[string]string{"who": "me"}, Tagging: aws.String("stage=dev"),
		})
		if strings.HasPrefix(string(a), "XXHASH") || a == types.ChecksumAlgorithmMd5 || a == types.ChecksumAlgorithmSha512 {
			continue // younger than what is served
		}
		if err != nil {
			t.Errorf("%s: %v", a, err)
			continue
		}
		sum := md5.Sum([]byte(text))
		if *out.ETag != `"`+hex.EncodeToString(sum[:])+`"` {
			t.Errorf("%s: tag %s", a, *out.ETag)
		}
		got := must[*sdk.GetObjectOutput](t)(d.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("box"), Key: &key}))
		body, err := io.ReadAll(got.Body) // the SDK checks the checksum
		if err != nil || string(body) != text {
			t.Errorf("%s: %q, %v", a, body, err)
		}
		if *got.ContentType != "text/plain" || *got.CacheControl != "no-store" || got.Metadata["who"] != "me" || *got.TagCount != 1 || *got.ETag != *out.ETag {
			t.Errorf("%s: %+v", a, got)
		}
	}
}

func TestRangesAndConditions(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	tag := d.put(t, "k", "0123456789").ETag
	for name, tt := range map[string]struct {
		in   sdk.GetObjectInput
		want string // content, or the code of the error
	}{
		"first bytes":  {sdk.GetObjectInput{Range: aws.String("bytes=0-3")}, "0123"},
		"from one on":  {sdk.GetObjectInput{Range: aws.String("bytes=7-")}, "789"},
		"last bytes":   {sdk.GetObjectInput{Range: aws.String("bytes=-2")}, "89"},
		"over the end": {sdk.GetObjectInput{Range: aws.String("bytes=8-99")}, "89"},
		"behind it":    {sdk.GetObjectInput{Range: aws.String("bytes=10-")}, "InvalidRange"},
		"no range":     {sdk.GetObjectInput{Range: aws.String("lines=1")}, "0123456789"},
		"same tag":     {sdk.GetObjectInput{IfMatch: tag}, "0123456789"},
		"other tag":    {sdk.GetObjectInput{IfMatch: aws.String(`"x"`)}, "PreconditionFailed"},
		"not modified": {sdk.GetObjectInput{IfNoneMatch: tag}, "NotModified"},
		"not since":    {sdk.GetObjectInput{IfModifiedSince: aws.Time(time.Now().Add(time.Minute))}, "NotModified"},
		"since":        {sdk.GetObjectInput{IfUnmodifiedSince: aws.Time(time.Now().Add(-time.Hour))}, "PreconditionFailed"},
		"no version":   {sdk.GetObjectInput{VersionId: aws.String("v1")}, "InvalidArgument"},
		"null version": {sdk.GetObjectInput{VersionId: aws.String("null")}, "0123456789"},
	} {
		tt.in.Bucket, tt.in.Key = aws.String("box"), aws.String("k")
		out, err := d.GetObject(t.Context(), &tt.in)
		got := servicetest.Code(err)
		if err == nil {
			got = string(must[[]byte](t)(io.ReadAll(out.Body)))
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	for name, tt := range map[string]struct {
		in   sdk.PutObjectInput
		code string
	}{
		"there is one":   {sdk.PutObjectInput{Key: aws.String("k"), IfNoneMatch: aws.String("*")}, "PreconditionFailed"},
		"there is none":  {sdk.PutObjectInput{Key: aws.String("new"), IfNoneMatch: aws.String("*")}, ""},
		"it has changed": {sdk.PutObjectInput{Key: aws.String("k"), IfMatch: aws.String(`"x"`)}, "PreconditionFailed"},
		"bad MD5":        {sdk.PutObjectInput{Key: aws.String("k"), ContentMD5: aws.String("AAAAAAAAAAAAAAAAAAAAAA==")}, "BadDigest"},
		"bad CRC32":      {sdk.PutObjectInput{Key: aws.String("k"), ChecksumCRC32: aws.String("AAAAAA==")}, "BadDigest"},
		"no such key":    {sdk.PutObjectInput{Key: aws.String("k"), ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: aws.String("alias/none")}, "KMS.NotFoundException"},
		"lock":           {sdk.PutObjectInput{Key: aws.String("k"), ObjectLockLegalHoldStatus: types.ObjectLockLegalHoldStatusOn}, "InvalidRequest"},
		"Glacier":        {sdk.PutObjectInput{Key: aws.String("k"), StorageClass: types.StorageClassGlacier}, "NotImplemented"},
		"public":         {sdk.PutObjectInput{Key: aws.String("k"), ACL: types.ObjectCannedACLPublicRead}, "AccessControlListNotSupported"},
	} {
		tt.in.Bucket, tt.in.Body = aws.String("box"), strings.NewReader("text")
		if _, err := d.PutObject(t.Context(), &tt.in); servicetest.Code(err) != tt.code {
			t.Errorf("%s: %v, want %q", name, err, tt.code)
		}
	}
	if got := d.get(t, "k"); got != "0123456789" {
		t.Errorf("a refused put changed the object to %q", got)
	}
}

func TestListsComeInOrderAndPages(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	for _, key := range []string{"b", "a/1", "a/2", "c d&é", "a", "logs/2026/1"} {
		d.put(t, key, "x")
	}
	pages := sdk.NewListObjectsV2Paginator(d.Client, &sdk.ListObjectsV2Input{
		Bucket: aws.String("box"), Delimiter: aws.String("/"), MaxKeys: aws.Int32(2), EncodingType: types.EncodingTypeUrl,
	})
	var keys, prefixes []string
	for pages.HasMorePages() {
		page := must[*sdk.ListObjectsV2Output](t)(pages.NextPage(t.Context()))
		for _, o := range page.Contents {
			keys = append(keys, *o.Key)
		}
		for _, p := range page.CommonPrefixes {
			prefixes = append(prefixes, *p.Prefix)
		}
	}
	if diff := cmp.Diff([][]string{{"a", "b", "c%20d%26%C3%A9"}, {"a/", "logs/"}}, [][]string{keys, prefixes}); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	versions := must[*sdk.ListObjectVersionsOutput](t)(d.ListObjectVersions(t.Context(), &sdk.ListObjectVersionsInput{Bucket: aws.String("box"), Prefix: aws.String("a/")}))
	if len(versions.Versions) != 2 || *versions.Versions[0].VersionId != "null" || !*versions.Versions[0].IsLatest {
		t.Errorf("versions %+v", versions.Versions)
	}
	old := must[*sdk.ListObjectsOutput](t)(d.ListObjects(t.Context(), &sdk.ListObjectsInput{Bucket: aws.String("box"), Marker: aws.String("a/1")}))
	if len(old.Contents) != 4 || *old.Contents[0].Key != "a/2" || *old.Contents[0].Size != 1 {
		t.Errorf("list by marker %+v", old.Contents)
	}
	gone := must[*sdk.DeleteObjectsOutput](t)(d.DeleteObjects(t.Context(), &sdk.DeleteObjectsInput{Bucket: aws.String("box"), Delete: &types.Delete{
		Objects: []types.ObjectIdentifier{{Key: aws.String("a")}, {Key: aws.String("never was")}, {Key: aws.String("b"), VersionId: aws.String("v9")}},
	}}))
	if len(gone.Deleted) != 2 || len(gone.Errors) != 1 || *gone.Errors[0].Key != "b" {
		t.Errorf("deleted %+v, errors %+v", gone.Deleted, gone.Errors)
	}
}

func TestCopyAndTags(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	must[*sdk.PutObjectOutput](t)(d.PutObject(t.Context(), &sdk.PutObjectInput{
		Bucket: aws.String("box"), Key: aws.String("from é"), Body: strings.NewReader("text"), ContentType: aws.String("text/css"), Tagging: aws.String("a=1"),
	}))
	must[*sdk.CopyObjectOutput](t)(d.CopyObject(t.Context(), &sdk.CopyObjectInput{
		Bucket: aws.String("box"), Key: aws.String("to"), CopySource: aws.String("box/from%20%C3%A9"),
	}))
	head := must[*sdk.HeadObjectOutput](t)(d.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: aws.String("box"), Key: aws.String("to")}))
	if *head.ContentType != "text/css" || *head.ContentLength != 4 {
		t.Errorf("copy %+v", head)
	}
	tags := must[*sdk.GetObjectTaggingOutput](t)(d.GetObjectTagging(t.Context(), &sdk.GetObjectTaggingInput{Bucket: aws.String("box"), Key: aws.String("to")}))
	if len(tags.TagSet) != 1 || *tags.TagSet[0].Key != "a" {
		t.Errorf("tags of the copy %+v", tags.TagSet)
	}
	must[*sdk.PutObjectTaggingOutput](t)(d.PutObjectTagging(t.Context(), &sdk.PutObjectTaggingInput{
		Bucket: aws.String("box"), Key: aws.String("to"), Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}}},
	}))
	tags = must[*sdk.GetObjectTaggingOutput](t)(d.GetObjectTagging(t.Context(), &sdk.GetObjectTaggingInput{Bucket: aws.String("box"), Key: aws.String("to")}))
	if len(tags.TagSet) != 1 || *tags.TagSet[0].Key != "b" || d.get(t, "to") != "text" {
		t.Errorf("new tags %+v", tags.TagSet)
	}
	_, err := d.CopyObject(t.Context(), &sdk.CopyObjectInput{Bucket: aws.String("box"), Key: aws.String("to"), CopySource: aws.String("box/to")})
	if servicetest.Code(err) != "InvalidRequest" {
		t.Errorf("copy onto itself: %v", err)
	}
}

func TestUploadInParts(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	big := strings.Repeat("0123456789abcdef", 5<<20/16)
	for _, a := range []types.ChecksumAlgorithm{"", types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmSha256, types.ChecksumAlgorithmCrc64nvme} {
		key := aws.String("parts-" + string(a))
		up := must[*sdk.CreateMultipartUploadOutput](t)(d.CreateMultipartUpload(t.Context(), &sdk.CreateMultipartUploadInput{
			Bucket: aws.String("box"), Key: key, ChecksumAlgorithm: a, ContentType: aws.String("text/plain"),
		}))
		var parts []types.CompletedPart
		for i, text := range []string{big, "end"} {
			part := must[*sdk.UploadPartOutput](t)(d.UploadPart(t.Context(), &sdk.UploadPartInput{
				Bucket: aws.String("box"), Key: key, UploadId: up.UploadId, PartNumber: aws.Int32(int32(i + 1)), Body: strings.NewReader(text), ChecksumAlgorithm: a,
			}))
			parts = append(parts, types.CompletedPart{PartNumber: aws.Int32(int32(i + 1)), ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32, ChecksumSHA256: part.ChecksumSHA256})
		}
		list := must[*sdk.ListPartsOutput](t)(d.ListParts(t.Context(), &sdk.ListPartsInput{Bucket: aws.String("box"), Key: key, UploadId: up.UploadId}))
		uploads := must[*sdk.ListMultipartUploadsOutput](t)(d.ListMultipartUploads(t.Context(), &sdk.ListMultipartUploadsInput{Bucket: aws.String("box")}))
		if len(list.Parts) != 2 || len(uploads.Uploads) != 1 {
			t.Errorf("%s: parts %+v, uploads %+v", a, list.Parts, uploads.Uploads)
		}
		must[*sdk.CompleteMultipartUploadOutput](t)(d.CompleteMultipartUpload(t.Context(), &sdk.CompleteMultipartUploadInput{
			Bucket: aws.String("box"), Key: key, UploadId: up.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
		}))
		got := must[*sdk.GetObjectOutput](t)(d.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("box"), Key: key}))
		text, err := io.ReadAll(got.Body)
		if err != nil || string(text) != big+"end" || !strings.HasSuffix(*got.ETag, `-2"`) || *got.ContentType != "text/plain" {
			t.Errorf("%s: %d bytes, tag %s, %v", a, len(text), *got.ETag, err)
		}
		second := must[*sdk.GetObjectOutput](t)(d.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("box"), Key: key, PartNumber: aws.Int32(2)}))
		if text, _ := io.ReadAll(second.Body); string(text) != "end" || *second.PartsCount != 2 {
			t.Errorf("%s: part 2 is %q", a, text)
		}
	}
}

func TestConfigurationsAreGivenBack(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	box := aws.String("box")
	must[*sdk.PutBucketLifecycleConfigurationOutput](t)(d.PutBucketLifecycleConfiguration(t.Context(), &sdk.PutBucketLifecycleConfigurationInput{
		Bucket: box, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{{
			ID: aws.String("old"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("logs/")}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(7)},
		}}},
	}))
	rules := must[*sdk.GetBucketLifecycleConfigurationOutput](t)(d.GetBucketLifecycleConfiguration(t.Context(), &sdk.GetBucketLifecycleConfigurationInput{Bucket: box}))
	if len(rules.Rules) != 1 || *rules.Rules[0].Filter.Prefix != "logs/" || *rules.Rules[0].Expiration.Days != 7 {
		t.Errorf("rules %+v", rules.Rules)
	}
	block := must[*sdk.GetPublicAccessBlockOutput](t)(d.GetPublicAccessBlock(t.Context(), &sdk.GetPublicAccessBlockInput{Bucket: box}))
	if !*block.PublicAccessBlockConfiguration.BlockPublicPolicy {
		t.Error("a new bucket does not block public access")
	}
	const policy = `{"Version":"2012-10-17","Statement":[]}`
	must[*sdk.PutBucketPolicyOutput](t)(d.PutBucketPolicy(t.Context(), &sdk.PutBucketPolicyInput{Bucket: box, Policy: aws.String(policy)}))
	if got := must[*sdk.GetBucketPolicyOutput](t)(d.GetBucketPolicy(t.Context(), &sdk.GetBucketPolicyInput{Bucket: box})); *got.Policy != policy {
		t.Errorf("policy %s", *got.Policy)
	}
	if got := must[*sdk.GetBucketVersioningOutput](t)(d.GetBucketVersioning(t.Context(), &sdk.GetBucketVersioningInput{Bucket: box})); got.Status != "" {
		t.Errorf("versioning %q", got.Status)
	}
	acl := must[*sdk.GetBucketAclOutput](t)(d.GetBucketAcl(t.Context(), &sdk.GetBucketAclInput{Bucket: box}))
	if len(acl.Grants) != 1 || acl.Grants[0].Permission != types.PermissionFullControl {
		t.Errorf("grants %+v", acl.Grants)
	}
	for name, tt := range map[string]struct {
		err  error
		code string
	}{
		"CORS":    {second(d.GetBucketCors(t.Context(), &sdk.GetBucketCorsInput{Bucket: box})), "NoSuchCORSConfiguration"},
		"website": {second(d.GetBucketWebsite(t.Context(), &sdk.GetBucketWebsiteInput{Bucket: box})), "NoSuchWebsiteConfiguration"},
		"metrics": {second(d.GetBucketMetricsConfiguration(t.Context(), &sdk.GetBucketMetricsConfigurationInput{Bucket: box, Id: aws.String("x")})), "NoSuchConfiguration"},
		"lock":    {second(d.GetObjectLockConfiguration(t.Context(), &sdk.GetObjectLockConfigurationInput{Bucket: box})), "ObjectLockConfigurationNotFoundError"},
		"tags":    {second(d.GetBucketTagging(t.Context(), &sdk.GetBucketTaggingInput{Bucket: box})), "NoSuchTagSet"},
	} {
		if got := servicetest.Code(tt.err); got != tt.code {
			t.Errorf("%s: %q, want %q", name, got, tt.code)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestRefusals(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	d.put(t, "k", "x")
	other, wrong := d.as("AKIDOTHER"), d.as("AKIDNOBODY")
	create := func(c *sdk.Client, name string) error {
		return second(c.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: &name}))
	}
	get := func(c *sdk.Client, bucket, key string) error {
		return second(c.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: &bucket, Key: &key}))
	}
	for name, tt := range map[string]struct {
		err  error
		code string
	}{
		"no such bucket":    {get(d.Client, "none", "k"), "NoSuchBucket"},
		"no such key":       {get(d.Client, "box", "none"), "NoSuchKey"},
		"another account":   {get(other, "box", "k"), "AccessDenied"},
		"unknown key":       {get(wrong, "box", "k"), "InvalidAccessKeyId"},
		"name taken":        {create(other, "box"), "BucketAlreadyExists"},
		"upper-case name":   {create(d.Client, "Box"), "InvalidBucketName"},
		"an address's name": {create(d.Client, "10.0.0.1"), "InvalidBucketName"},
		"another region": {second(d.CreateBucket(t.Context(), &sdk.CreateBucketInput{
			Bucket: aws.String("europe"), CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraintEuWest1},
		})), "IllegalLocationConstraintException"},
		"no such upload": {second(d.AbortMultipartUpload(t.Context(), &sdk.AbortMultipartUploadInput{
			Bucket: aws.String("box"), Key: aws.String("k"), UploadId: aws.String("none"),
		})), "NoSuchUpload"},
	} {
		if got := servicetest.Code(tt.err); got != tt.code {
			t.Errorf("%s: %q, want %q", name, got, tt.code)
		}
	}
	r, err := http.Get(d.url + "/box/k")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if body, _ := io.ReadAll(r.Body); r.StatusCode != http.StatusForbidden || !bytes.Contains(body, []byte("<Code>AccessDenied</Code>")) {
		t.Errorf("unsigned: %s: %s", r.Status, body)
	}
}

func TestPresigned(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	signer := sdk.NewPresignClient(d.Client)
	do := func(method, url string, body io.Reader, header http.Header) (int, string) {
		r := must[*http.Request](t)(http.NewRequest(method, url, body))
		for name, values := range header {
			if name != "Host" {
				r.Header[name] = values
			}
		}
		out := must[*http.Response](t)(http.DefaultClient.Do(r))
		defer out.Body.Close()
		return out.StatusCode, string(must[[]byte](t)(io.ReadAll(out.Body)))
	}
	put, err := signer.PresignPutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("box"), Key: aws.String("a b")})
	if err != nil {
		t.Fatal(err)
	}
	if status, answer := do(put.Method, put.URL, strings.NewReader("text"), put.SignedHeader); status != 200 {
		t.Errorf("put: %d %s", status, answer)
	}
	get, err := signer.PresignGetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("box"), Key: aws.String("a b"), ResponseContentType: aws.String("text/css")})
	if err != nil {
		t.Fatal(err)
	}
	if status, answer := do(get.Method, get.URL, nil, get.SignedHeader); status != 200 || answer != "text" {
		t.Errorf("get: %d %s", status, answer)
	}
	if status, answer := do("GET", strings.Replace(get.URL, "a%20b", "c", 1), nil, nil); status != 403 || !strings.Contains(answer, "SignatureDoesNotMatch") {
		t.Errorf("get of another key: %d %s", status, answer)
	}
}

func TestVirtualHosts(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	d.put(t, "k", "x")
	signer := sdk.NewPresignClient(d.Client, func(o *sdk.PresignOptions) {
		o.ClientOptions = append(o.ClientOptions, func(o *sdk.Options) { o.BaseEndpoint = aws.String("http://s3.us-east-1.amazonaws.com") })
	})
	get, err := signer.PresignGetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("box"), Key: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(get.URL, "http://box.s3.us-east-1.amazonaws.com/k?") {
		t.Fatalf("signed %s", get.URL)
	}
	r := must[*http.Request](t)(http.NewRequest("GET", strings.Replace(get.URL, "http://box.s3.us-east-1.amazonaws.com", d.url, 1), nil))
	r.Host = "box.s3.us-east-1.amazonaws.com"
	out := must[*http.Response](t)(http.DefaultClient.Do(r))
	defer out.Body.Close()
	if body, _ := io.ReadAll(out.Body); string(body) != "x" {
		t.Errorf("%s %s", out.Status, body)
	}
}

// A zero is an endless body.
type zero struct{}

func (zero) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// An object far larger than what the service may hold in memory goes in and out.
func TestLargeObjectStreams(t *testing.T) {
	d := open(t)
	d.bucket(t, "box")
	const size = 100 << 20
	before := heap()
	signer := sdk.NewPresignClient(d.Client)
	put, err := signer.PresignPutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("box"), Key: aws.String("big"), ContentLength: aws.Int64(size)})
	if err != nil {
		t.Fatal(err)
	}
	r := must[*http.Request](t)(http.NewRequest(put.Method, put.URL, io.LimitReader(zero{}, size)))
	r.ContentLength = size
	out := must[*http.Response](t)(http.DefaultClient.Do(r))
	out.Body.Close()
	if out.StatusCode != 200 {
		t.Fatal(out.Status)
	}
	got := must[*sdk.GetObjectOutput](t)(d.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("box"), Key: aws.String("big")}))
	n, err := io.Copy(io.Discard, got.Body)
	if err != nil || n != size {
		t.Errorf("%d bytes, %v", n, err)
	}
	if grown := heap() - before; grown > size/4 {
		t.Errorf("the process took %d MiB more for an object of %d", grown>>20, size>>20)
	}
}

// heap is how much memory the process has from the system for its heap, in bytes.
func heap() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapSys)
}
