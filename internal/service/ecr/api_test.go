package ecr

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/crane"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/dataplane/registry"
	"apex/internal/service"
	"apex/internal/service/kms"
	"apex/internal/service/servicetest"
)

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

// A fixture is a service with its API and its registry.
type fixture struct {
	*Service
	*sdk.Client
	t    *testing.T
	env  service.Env
	now  *servicetest.Clock
	host string // the registry's
}

func start(t *testing.T, authorize func(context.Context, *api.Call, any) error) *fixture {
	t.Helper()
	env := servicetest.Env(t, append(Tables(), kms.Tables()...)...)
	now := servicetest.NewClock(time.Now())
	env.Now = now.Now
	blobs, err := registry.OpenBlobs(BlobsDir(env.Home))
	if err != nil {
		t.Fatal(err)
	}
	s := New(env, blobs)
	server := httptest.NewServer(s.Registry(authorize))
	t.Cleanup(server.Close)
	s.host = strings.TrimPrefix(server.URL, "http://")
	return &fixture{s, sdk.NewFromConfig(servicetest.Config(t, env, s.Routes())), t, env, now, s.host}
}

func (f *fixture) create(name string, more ...func(*sdk.CreateRepositoryInput)) *types.Repository {
	f.t.Helper()
	in := sdk.CreateRepositoryInput{RepositoryName: &name}
	for _, edit := range more {
		edit(&in)
	}
	out, err := f.CreateRepository(f.t.Context(), &in)
	if err != nil {
		f.t.Fatal(err)
	}
	return out.Repository
}

// auth logs in as clients do: by the API's token.
func (f *fixture) auth() crane.Option {
	f.t.Helper()
	out, err := f.GetAuthorizationToken(f.t.Context(), &sdk.GetAuthorizationTokenInput{})
	if err != nil {
		f.t.Fatal(err)
	}
	text, err := base64.StdEncoding.DecodeString(*out.AuthorizationData[0].AuthorizationToken)
	if err != nil {
		f.t.Fatal(err)
	}
	user, password, _ := strings.Cut(string(text), ":")
	return crane.WithAuth(&authn.Basic{Username: user, Password: password})
}

// push pushes a random image and returns it.
func (f *fixture) push(name string) v1.Image {
	f.t.Helper()
	img, err := random.Image(512, 2)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := crane.Push(img, f.host+"/"+name, f.auth()); err != nil {
		f.t.Fatal(err)
	}
	return img
}

func digestOf(t *testing.T, img v1.Image) string {
	t.Helper()
	d, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d.String()
}

// tags lists a repository's tags in the API's order.
func (f *fixture) tags(name string) string {
	f.t.Helper()
	out, err := f.ListImages(f.t.Context(), &sdk.ListImagesInput{RepositoryName: &name})
	if err != nil {
		f.t.Fatal(err)
	}
	var tags []string
	for _, id := range out.ImageIds {
		tags = append(tags, aws.ToString(id.ImageTag))
	}
	return strings.Join(tags, " ")
}

func TestRepositories(t *testing.T) {
	f := start(t, nil)
	made := f.create("crm/server", func(in *sdk.CreateRepositoryInput) {
		in.ImageScanningConfiguration = &types.ImageScanningConfiguration{ScanOnPush: true}
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
	})
	if *made.RepositoryUri != f.host+"/crm/server" || *made.RepositoryArn != "arn:aws:ecr:us-east-1:000000000000:repository/crm/server" {
		t.Errorf("%s %s", *made.RepositoryUri, *made.RepositoryArn)
	}
	f.create("crm/studio")
	if _, err := f.CreateRepository(t.Context(), &sdk.CreateRepositoryInput{RepositoryName: aws.String("crm/server")}); servicetest.Code(err) != "RepositoryAlreadyExistsException" {
		t.Errorf("create twice: %v", err)
	}
	if _, err := f.CreateRepository(t.Context(), &sdk.CreateRepositoryInput{RepositoryName: aws.String("CRM")}); servicetest.Code(err) != "InvalidParameterException" {
		t.Errorf("bad name: %v", err)
	}
	out, err := f.DescribeRepositories(t.Context(), &sdk.DescribeRepositoriesInput{RepositoryNames: []string{"crm/server"}})
	if err != nil || len(out.Repositories) != 1 {
		t.Fatal(out, err)
	}
	if diff := cmp.Diff(made, &out.Repositories[0], cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) }), ignoreSDK); diff != "" {
		t.Errorf("made and described:\n%s", diff)
	}
	tags, err := f.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: made.RepositoryArn})
	if err != nil || len(tags.Tags) != 1 {
		t.Errorf("tags %+v, %v", tags, err)
	}
	pages := sdk.NewDescribeRepositoriesPaginator(f.Client, &sdk.DescribeRepositoriesInput{MaxResults: aws.Int32(1)})
	n := 0
	for ; pages.HasMorePages(); n++ {
		if _, err := pages.NextPage(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n != 2 {
		t.Errorf("%d pages", n)
	}
	_, err = f.DescribeRepositories(t.Context(), &sdk.DescribeRepositoriesInput{RepositoryNames: []string{"none"}})
	if servicetest.Code(err) != "RepositoryNotFoundException" {
		t.Error(err)
	}
}

var ignoreSDK = cmp.FilterPath(func(p cmp.Path) bool { return strings.Contains(p.String(), "noSmithy") }, cmp.Ignore())

func TestPushAndPull(t *testing.T) {
	f := start(t, nil)
	f.create("app")
	img := f.push("app:v1")
	pulled, err := crane.Pull(f.host+"/app:v1", f.auth())
	if err != nil || digestOf(t, pulled) != digestOf(t, img) {
		t.Fatal(err)
	}
	out, err := f.DescribeImages(t.Context(), &sdk.DescribeImagesInput{RepositoryName: aws.String("app")})
	if err != nil || len(out.ImageDetails) != 1 {
		t.Fatal(out, err)
	}
	d := out.ImageDetails[0]
	if *d.ImageDigest != digestOf(t, img) || len(d.ImageTags) != 1 || *d.ImageSizeInBytes == 0 || d.ImagePushedAt == nil {
		t.Errorf("%+v", d)
	}
	got, err := f.BatchGetImage(t.Context(), &sdk.BatchGetImageInput{RepositoryName: aws.String("app"), ImageIds: []types.ImageIdentifier{
		{ImageTag: aws.String("v1")}, {ImageTag: aws.String("v2")}, {ImageDigest: aws.String("junk")}, {},
	}})
	if err != nil || len(got.Images) != 1 || len(got.Failures) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	raw, _ := img.RawManifest()
	if *got.Images[0].ImageManifest != string(raw) {
		t.Error("another manifest came back")
	}
	if err := crane.Push(img, f.host+"/none:v1", f.auth()); err == nil || !strings.Contains(err.Error(), "NAME_UNKNOWN") {
		t.Errorf("push to no repository: %v", err)
	}
}

func TestTokens(t *testing.T) {
	f := start(t, nil)
	f.create("app")
	f.push("app:v1")
	old := f.auth()
	f.now.Advance(tokenLifetime)
	if _, err := crane.Digest(f.host+"/app:v1", old); err == nil || !strings.Contains(err.Error(), "UNAUTHORIZED") {
		t.Errorf("expired token: %v", err)
	}
	if _, err := crane.Digest(f.host+"/app:v1", f.auth()); err != nil {
		t.Errorf("fresh token: %v", err)
	}
	for _, password := range []string{"", "x", base64.RawURLEncoding.EncodeToString([]byte("not sealed"))} {
		if _, err := openToken(f.sealer, tokenUser, password, f.now.Now()); err != registry.ErrUnauthorized {
			t.Errorf("password %q: %v", password, err)
		}
	}
}

// Another account's token shows another registry.
func TestTokenIsBoundToItsScope(t *testing.T) {
	f := start(t, nil)
	f.create("app")
	f.push("app:v1")
	password, err := token{Scope: arn.Scope{Account: "111111111111", Region: servicetest.Region}, Expires: f.now.Now().Add(time.Hour)}.seal(f.sealer)
	if err != nil {
		t.Fatal(err)
	}
	_, err = crane.Digest(f.host+"/app:v1", crane.WithAuth(&authn.Basic{Username: tokenUser, Password: password}))
	if err == nil || !strings.Contains(err.Error(), "NAME_UNKNOWN") {
		t.Errorf("another account: %v", err)
	}
}

func TestRegistryAuthorizes(t *testing.T) {
	readOnly := func(_ context.Context, call *api.Call, _ any) error {
		switch call.Route.Name {
		case "PutImage", "CompleteLayerUpload", "BatchDeleteImage":
			return api.Errorf("AccessDeniedException", 400, "%s is not authorized to perform ecr:%s", call.Principal.ARN, call.Route.Name)
		}
		return nil
	}
	f := start(t, readOnly)
	f.create("app")
	img, err := random.Image(512, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := crane.Push(img, f.host+"/app:v1", f.auth()); err == nil || !strings.Contains(err.Error(), "DENIED") {
		t.Errorf("push: %v", err)
	}
	if tags, err := crane.ListTags(f.host+"/app", f.auth()); err != nil || len(tags) != 0 {
		t.Errorf("tags %q, %v", tags, err)
	}
}

func TestImmutableTags(t *testing.T) {
	f := start(t, nil)
	f.create("app", func(in *sdk.CreateRepositoryInput) {
		in.ImageTagMutability = types.ImageTagMutabilityImmutableWithExclusion
		in.ImageTagMutabilityExclusionFilters = []types.ImageTagMutabilityExclusionFilter{
			{Filter: aws.String("latest*"), FilterType: types.ImageTagMutabilityExclusionFilterTypeWildcard},
		}
	})
	f.push("app:v1")
	f.push("app:latest")
	f.push("app:latest")
	img, _ := random.Image(512, 1)
	if err := crane.Push(img, f.host+"/app:v1", f.auth()); err == nil || !strings.Contains(err.Error(), "immutable") {
		t.Errorf("push over an immutable tag: %v", err)
	}
	_, err := f.PutImageTagMutability(t.Context(), &sdk.PutImageTagMutabilityInput{RepositoryName: aws.String("app"), ImageTagMutability: types.ImageTagMutabilityMutable})
	if err != nil {
		t.Fatal(err)
	}
	f.push("app:v1")
}

func TestBatchDeleteImage(t *testing.T) {
	f := start(t, nil)
	f.create("app")
	img := f.push("app:v1")
	if err := crane.Tag(f.host+"/app:v1", "v2", f.auth()); err != nil {
		t.Fatal(err)
	}
	del := func(ids ...types.ImageIdentifier) (gone, failed int) {
		t.Helper()
		out, err := f.BatchDeleteImage(t.Context(), &sdk.BatchDeleteImageInput{RepositoryName: aws.String("app"), ImageIds: ids})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.ImageIds), len(out.Failures)
	}
	if gone, failed := del(types.ImageIdentifier{ImageTag: aws.String("v1")}, types.ImageIdentifier{ImageTag: aws.String("v9")}); gone != 1 || failed != 1 {
		t.Errorf("%d gone, %d failed", gone, failed)
	}
	if got := f.tags("app"); got != "v2" {
		t.Errorf("tags %q", got)
	}
	if gone, _ := del(types.ImageIdentifier{ImageDigest: aws.String(digestOf(t, img))}); gone != 1 || f.tags("app") != "" {
		t.Errorf("%d gone, tags %q", gone, f.tags("app"))
	}
}

func TestDeleteRepository(t *testing.T) {
	f := start(t, nil)
	f.create("app")
	f.push("app:v1")
	_, err := f.DeleteRepository(t.Context(), &sdk.DeleteRepositoryInput{RepositoryName: aws.String("app")})
	if servicetest.Code(err) != "RepositoryNotEmptyException" {
		t.Error(err)
	}
	if _, err := f.DeleteRepository(t.Context(), &sdk.DeleteRepositoryInput{RepositoryName: aws.String("app"), Force: true}); err != nil {
		t.Fatal(err)
	}
	snap := f.env.Store.Snapshot()
	if n := Repositories.Len(snap) + Images.Len(snap) + Layers.Len(snap); n != 0 {
		t.Errorf("%d rows left", n)
	}
}

// An image pushed through the API alone can be pulled by the usual clients.
func TestPushByTheAPI(t *testing.T) {
	f := start(t, nil)
	f.create("app")
	name := aws.String("app")
	img, err := random.Image(700, 1)
	if err != nil {
		t.Fatal(err)
	}
	config, _ := img.RawConfigFile()
	layers, _ := img.Layers()
	r, _ := layers[0].Compressed()
	content, _ := io.ReadAll(r)
	for _, blob := range [][]byte{config, content} {
		d := string(registry.DigestOf(blob))
		up, err := f.InitiateLayerUpload(t.Context(), &sdk.InitiateLayerUploadInput{RepositoryName: name})
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(blob); at += 300 {
			part := blob[at:min(at+300, len(blob))]
			_, err := f.UploadLayerPart(t.Context(), &sdk.UploadLayerPartInput{
				RepositoryName: name, UploadId: up.UploadId, LayerPartBlob: part,
				PartFirstByte: aws.Int64(int64(at)), PartLastByte: aws.Int64(int64(at + len(part) - 1)),
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err = f.CompleteLayerUpload(t.Context(), &sdk.CompleteLayerUploadInput{RepositoryName: name, UploadId: up.UploadId, LayerDigests: []string{d}})
		if err != nil {
			t.Fatal(err)
		}
		have, err := f.BatchCheckLayerAvailability(t.Context(), &sdk.BatchCheckLayerAvailabilityInput{RepositoryName: name, LayerDigests: []string{d, "junk"}})
		if err != nil || have.Layers[0].LayerAvailability != types.LayerAvailabilityAvailable || len(have.Failures) != 1 {
			t.Errorf("%+v, %v", have, err)
		}
	}
	raw, _ := img.RawManifest()
	put := sdk.PutImageInput{RepositoryName: name, ImageManifest: aws.String(string(raw)), ImageTag: aws.String("v1")}
	if _, err := f.PutImage(t.Context(), &put); err != nil {
		t.Fatal(err)
	}
	if _, err := f.PutImage(t.Context(), &put); servicetest.Code(err) != "ImageAlreadyExistsException" {
		t.Errorf("put twice: %v", err)
	}
	if _, err := crane.Pull(f.host+"/app:v1", f.auth()); err != nil {
		t.Error("pull:", err)
	}
	at, err := f.GetDownloadUrlForLayer(t.Context(), &sdk.GetDownloadUrlForLayerInput{RepositoryName: name, LayerDigest: aws.String(string(registry.DigestOf(content)))})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(*at.DownloadUrl)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, _ := io.ReadAll(resp.Body); string(got) != string(content) {
		t.Errorf("downloaded %d bytes, status %s", len(got), resp.Status)
	}
}

func TestLayerFaults(t *testing.T) {
	f := start(t, nil)
	f.create("app")
	name := aws.String("app")
	up, err := f.InitiateLayerUpload(t.Context(), &sdk.InitiateLayerUploadInput{RepositoryName: name})
	if err != nil {
		t.Fatal(err)
	}
	part := func(id *string, first, last int64, blob string) string {
		_, err := f.UploadLayerPart(t.Context(), &sdk.UploadLayerPartInput{RepositoryName: name, UploadId: id, PartFirstByte: &first, PartLastByte: &last, LayerPartBlob: []byte(blob)})
		return servicetest.Code(err)
	}
	complete := func(d string) string {
		_, err := f.CompleteLayerUpload(t.Context(), &sdk.CompleteLayerUploadInput{RepositoryName: name, UploadId: up.UploadId, LayerDigests: []string{d}})
		return servicetest.Code(err)
	}
	hello := string(registry.DigestOf([]byte("hello")))
	for i, got := range []struct{ got, want string }{
		{complete(hello), "EmptyUploadException"},
		{part(aws.String("none"), 0, 4, "hello"), "UploadNotFoundException"},
		{part(up.UploadId, 0, 9, "hello"), "InvalidLayerPartException"},
		{part(up.UploadId, 5, 9, "hello"), "InvalidLayerPartException"},
		{part(up.UploadId, 0, 4, "hello"), ""},
		{complete("junk"), "InvalidParameterException"},
		{complete(string(registry.DigestOf([]byte("other")))), "InvalidLayerException"},
		{complete(hello), "UploadNotFoundException"},
	} {
		if got.got != got.want {
			t.Errorf("step %d: %q, want %q", i, got.got, got.want)
		}
	}
	_, err = f.PutImage(t.Context(), &sdk.PutImageInput{RepositoryName: name, ImageManifest: aws.String(
		`{"schemaVersion":2,"mediaType":"` + registry.OCIManifest + `","config":{"digest":"` + hello + `"}}`)})
	if servicetest.Code(err) != "LayersNotFoundException" {
		t.Errorf("manifest of no layers: %v", err)
	}
}

func TestScanIsHonest(t *testing.T) {
	f := start(t, nil)
	f.create("app")
	f.push("app:v1")
	id := &types.ImageIdentifier{ImageTag: aws.String("v1")}
	_, err := f.DescribeImageScanFindings(t.Context(), &sdk.DescribeImageScanFindingsInput{RepositoryName: aws.String("app"), ImageId: id})
	if servicetest.Code(err) != "ScanNotFoundException" {
		t.Error(err)
	}
	if _, err := f.StartImageScan(t.Context(), &sdk.StartImageScanInput{RepositoryName: aws.String("app"), ImageId: id}); err == nil {
		t.Error("a scan was started")
	}
}

func TestRepositoryPolicy(t *testing.T) {
	f := start(t, nil)
	f.create("app")
	name := aws.String("app")
	if _, err := f.GetRepositoryPolicy(t.Context(), &sdk.GetRepositoryPolicyInput{RepositoryName: name}); servicetest.Code(err) != "RepositoryPolicyNotFoundException" {
		t.Error(err)
	}
	if _, err := f.SetRepositoryPolicy(t.Context(), &sdk.SetRepositoryPolicyInput{RepositoryName: name, PolicyText: aws.String("{")}); servicetest.Code(err) != "InvalidParameterException" {
		t.Error(err)
	}
	if _, err := f.SetRepositoryPolicy(t.Context(), &sdk.SetRepositoryPolicyInput{RepositoryName: name, PolicyText: aws.String("{}")}); err != nil {
		t.Error(err)
	}
	if out, err := f.DeleteRepositoryPolicy(t.Context(), &sdk.DeleteRepositoryPolicyInput{RepositoryName: name}); err != nil || *out.PolicyText != "{}" {
		t.Error(out, err)
	}
}
