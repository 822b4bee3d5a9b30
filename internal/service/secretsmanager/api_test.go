package secretsmanager

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/kms"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

func start(t *testing.T) (*sdk.Client, service.Env, *servicetest.Clock) {
	t.Helper()
	env := servicetest.Env(t, append(Tables(), kms.Tables()...)...)
	now := servicetest.NewClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	env.Now = now.Now
	return sdk.NewFromConfig(servicetest.Config(t, env, New(env).Routes())), env, now
}

func create(t *testing.T, c *sdk.Client, name, value string) *sdk.CreateSecretOutput {
	t.Helper()
	out, err := c.CreateSecret(t.Context(), &sdk.CreateSecretInput{Name: &name, SecretString: &value})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func get(t *testing.T, c *sdk.Client, in sdk.GetSecretValueInput) string {
	t.Helper()
	out, err := c.GetSecretValue(t.Context(), &in)
	if err != nil {
		return servicetest.Code(err)
	}
	return aws.ToString(out.SecretString) + string(out.SecretBinary)
}

func TestCreateAndGet(t *testing.T) {
	c, _, _ := start(t)
	made := create(t, c, "app/key", "hush")
	if !strings.HasPrefix(*made.ARN, "arn:aws:secretsmanager:us-east-1:000000000000:secret:app/key-") {
		t.Errorf("ARN %q", *made.ARN)
	}
	for _, id := range []string{"app/key", *made.ARN, (*made.ARN)[:len(*made.ARN)-suffix]} {
		if got := get(t, c, sdk.GetSecretValueInput{SecretId: &id}); got != "hush" {
			t.Errorf("%s: %q", id, got)
		}
	}
	other := strings.Replace(*made.ARN, "us-east-1", "eu-west-1", 1)
	for _, id := range []string{"none", other, *made.ARN + "x", (*made.ARN)[:len(*made.ARN)-1]} {
		if got := get(t, c, sdk.GetSecretValueInput{SecretId: &id}); got != "ResourceNotFoundException" {
			t.Errorf("%s: %q", id, got)
		}
	}
}

func TestBinarySecret(t *testing.T) {
	c, _, _ := start(t)
	_, err := c.CreateSecret(t.Context(), &sdk.CreateSecretInput{Name: aws.String("b"), SecretBinary: []byte{0, 255}})
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, c, sdk.GetSecretValueInput{SecretId: aws.String("b")}); got != "\x00\xff" {
		t.Errorf("%q", got)
	}
}

func TestCreateTwice(t *testing.T) {
	c, _, _ := start(t)
	in := sdk.CreateSecretInput{Name: aws.String("s"), SecretString: aws.String("v"), ClientRequestToken: aws.String(strings.Repeat("a", 32))}
	first, err := c.CreateSecret(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.CreateSecret(t.Context(), &in)
	if err != nil || *again.ARN != *first.ARN {
		t.Errorf("the same request again: %v", err)
	}
	in.SecretString = aws.String("w")
	if _, err := c.CreateSecret(t.Context(), &in); servicetest.Code(err) != "ResourceExistsException" {
		t.Errorf("another value under the token: %v", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	c, _, _ := start(t)
	for name, in := range map[string]sdk.CreateSecretInput{
		"bad name":    {Name: aws.String("a b")},
		"two values":  {Name: aws.String("a"), SecretString: aws.String("x"), SecretBinary: []byte("x")},
		"replicas":    {Name: aws.String("a"), AddReplicaRegions: []types.ReplicaRegionType{{Region: aws.String("us-east-1")}}},
		"aws: tag":    {Name: aws.String("a"), Tags: []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("")}}},
		"short token": {Name: aws.String("a"), ClientRequestToken: aws.String("x")},
	} {
		if _, err := c.CreateSecret(t.Context(), &in); servicetest.Code(err) != "InvalidParameterException" && servicetest.Code(err) != "ValidationException" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVersionsAndStages(t *testing.T) {
	c, _, _ := start(t)
	create(t, c, "s", "one")
	put := func(token, value string, stages ...string) {
		t.Helper()
		if stages == nil {
			stages = []string{Current}
		}
		_, err := c.PutSecretValue(t.Context(), &sdk.PutSecretValueInput{
			SecretId: aws.String("s"), SecretString: &value, VersionStages: stages,
			ClientRequestToken: aws.String(strings.Repeat(token, 32)),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	byStage := func(stage string) string {
		return get(t, c, sdk.GetSecretValueInput{SecretId: aws.String("s"), VersionStage: &stage})
	}
	check := func(current, previous, pending string) {
		t.Helper()
		got := []string{byStage(Current), byStage(Previous), byStage(Pending)}
		if diff := cmp.Diff([]string{current, previous, pending}, got); diff != "" {
			t.Errorf("current, previous, pending (-want +got):\n%s", diff)
		}
	}
	const none = "ResourceNotFoundException"
	check("one", none, none)
	put("2", "two")
	check("two", "one", none)
	put("3", "three", Pending)
	check("two", "one", "three")
	put("2", "two") // sent twice
	check("two", "one", "three")

	move := sdk.UpdateSecretVersionStageInput{
		SecretId: aws.String("s"), VersionStage: aws.String(Current), MoveToVersionId: aws.String(strings.Repeat("3", 32)),
	}
	if _, err := c.UpdateSecretVersionStage(t.Context(), &move); servicetest.Code(err) != "InvalidParameterException" {
		t.Errorf("move without saying from where: %v", err)
	}
	move.RemoveFromVersionId = aws.String(strings.Repeat("2", 32))
	if _, err := c.UpdateSecretVersionStage(t.Context(), &move); err != nil {
		t.Error(err)
	}
	check("three", "two", "three")
	remove := sdk.UpdateSecretVersionStageInput{SecretId: aws.String("s"), VersionStage: aws.String(Current), RemoveFromVersionId: aws.String(strings.Repeat("3", 32))}
	if _, err := c.UpdateSecretVersionStage(t.Context(), &remove); servicetest.Code(err) != "InvalidParameterException" {
		t.Errorf("removal of AWSCURRENT: %v", err)
	}
	if got := get(t, c, sdk.GetSecretValueInput{SecretId: aws.String("s"), VersionId: move.MoveToVersionId, VersionStage: aws.String(Previous)}); got != "InvalidRequestException" {
		t.Errorf("ID and label that disagree: %q", got)
	}
	list, err := c.ListSecretVersionIds(t.Context(), &sdk.ListSecretVersionIdsInput{SecretId: aws.String("s"), IncludeDeprecated: aws.Bool(true), MaxResults: aws.Int32(2)})
	if err != nil || len(list.Versions) != 2 || list.NextToken == nil {
		t.Errorf("versions %+v, %v", list, err)
	}
}

func TestUpdateSecret(t *testing.T) {
	c, _, _ := start(t)
	create(t, c, "s", "one")
	out, err := c.UpdateSecret(t.Context(), &sdk.UpdateSecretInput{SecretId: aws.String("s"), Description: aws.String("d"), SecretString: aws.String("two")})
	if err != nil || out.VersionId == nil {
		t.Fatal(out, err)
	}
	if _, err := c.UpdateSecret(t.Context(), &sdk.UpdateSecretInput{SecretId: aws.String("s"), KmsKeyId: aws.String("k")}); err != nil {
		t.Fatal(err)
	}
	d, err := c.DescribeSecret(t.Context(), &sdk.DescribeSecretInput{SecretId: aws.String("s")})
	if err != nil || *d.Description != "d" || *d.KmsKeyId != "k" || len(d.VersionIdsToStages) != 2 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestDeleteAndRestore(t *testing.T) {
	c, env, now := start(t)
	create(t, c, "s", "v")
	del := func(in sdk.DeleteSecretInput) string {
		in.SecretId = aws.String("s")
		_, err := c.DeleteSecret(t.Context(), &in)
		return servicetest.Code(err)
	}
	for name, tt := range map[string]struct {
		in   sdk.DeleteSecretInput
		want string
	}{
		"short window":     {sdk.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(6)}, "InvalidParameterException"},
		"window and force": {sdk.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(7), ForceDeleteWithoutRecovery: aws.Bool(true)}, "InvalidParameterException"},
	} {
		if got := del(tt.in); got != tt.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := del(sdk.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(7)}); got != "" {
		t.Fatal(got)
	}
	if got := get(t, c, sdk.GetSecretValueInput{SecretId: aws.String("s")}); got != "InvalidRequestException" {
		t.Errorf("get of a deleted secret: %q", got)
	}
	if _, err := c.CreateSecret(t.Context(), &sdk.CreateSecretInput{Name: aws.String("s")}); servicetest.Code(err) != "InvalidRequestException" {
		t.Errorf("create under the name of a deleted secret: %v", err)
	}
	if _, err := c.RestoreSecret(t.Context(), &sdk.RestoreSecretInput{SecretId: aws.String("s")}); err != nil {
		t.Fatal(err)
	}
	if got := get(t, c, sdk.GetSecretValueInput{SecretId: aws.String("s")}); got != "v" {
		t.Errorf("restored: %q", got)
	}
	del(sdk.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(7)})
	now.Advance(8 * 24 * time.Hour)
	servicetest.Run(t, env, New(env).Controllers()...)
	servicetest.Await(t, env, "purge", func(s store.Snapshot) bool { return Secrets.Len(s) == 0 })
	if got := del(sdk.DeleteSecretInput{ForceDeleteWithoutRecovery: aws.Bool(true)}); got != "" {
		t.Errorf("force deletion of what is gone: %q", got)
	}
	create(t, c, "s", "again")
	if got := del(sdk.DeleteSecretInput{ForceDeleteWithoutRecovery: aws.Bool(true)}); got != "" || Secrets.Len(env.Store.Snapshot()) != 0 {
		t.Errorf("force deletion: %q", got)
	}
}

func TestListSecrets(t *testing.T) {
	c, _, now := start(t)
	for _, name := range []string{"web/a", "db/b", "db/c"} {
		create(t, c, name, "v")
		now.Advance(time.Minute)
	}
	_, err := c.TagResource(t.Context(), &sdk.TagResourceInput{SecretId: aws.String("db/c"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("crm")}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		in   sdk.ListSecretsInput
		want string
	}{
		"newest first": {sdk.ListSecretsInput{}, "db/c db/b web/a"},
		"by name":      {sdk.ListSecretsInput{SortBy: types.SortByTypeName, SortOrder: types.SortOrderTypeAsc}, "db/b db/c web/a"},
		"prefix":       {sdk.ListSecretsInput{Filters: filter("name", "db/")}, "db/c db/b"},
		"not":          {sdk.ListSecretsInput{Filters: filter("name", "!db/")}, "web/a"},
		"either":       {sdk.ListSecretsInput{Filters: filter("name", "web", "db/c")}, "db/c web/a"},
		"tag":          {sdk.ListSecretsInput{Filters: filter("tag-value", "crm")}, "db/c"},
		"all":          {sdk.ListSecretsInput{Filters: filter("all", "TEAM")}, "db/c"},
		"none":         {sdk.ListSecretsInput{Filters: filter("description", "x")}, ""},
	} {
		var names []string
		in := tt.in
		in.MaxResults = aws.Int32(1)
		pages := sdk.NewListSecretsPaginator(c, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.SecretList {
				names = append(names, *e.Name)
			}
		}
		if got := strings.Join(names, " "); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func filter(key string, values ...string) []types.Filter {
	return []types.Filter{{Key: types.FilterNameStringType(key), Values: values}}
}

func TestBatchGet(t *testing.T) {
	c, _, _ := start(t)
	create(t, c, "a", "1")
	create(t, c, "b", "2")
	out, err := c.BatchGetSecretValue(t.Context(), &sdk.BatchGetSecretValueInput{SecretIdList: []string{"a", "none", "b"}})
	if err != nil || len(out.SecretValues) != 2 || len(out.Errors) != 1 || *out.Errors[0].ErrorCode != "ResourceNotFoundException" {
		t.Errorf("%+v, %v", out, err)
	}
	out, err = c.BatchGetSecretValue(t.Context(), &sdk.BatchGetSecretValueInput{Filters: filter("name", "b")})
	if err != nil || len(out.SecretValues) != 1 || *out.SecretValues[0].SecretString != "2" {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestTags(t *testing.T) {
	c, _, _ := start(t)
	create(t, c, "s", "v")
	tag := []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")}}
	if _, err := c.TagResource(t.Context(), &sdk.TagResourceInput{SecretId: aws.String("s"), Tags: tag}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.UntagResource(t.Context(), &sdk.UntagResourceInput{SecretId: aws.String("s"), TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	d, err := c.DescribeSecret(t.Context(), &sdk.DescribeSecretInput{SecretId: aws.String("s")})
	if err != nil || len(d.Tags) != 1 || *d.Tags[0].Key != "b" {
		t.Errorf("%+v, %v", d.Tags, err)
	}
}

func TestResourcePolicy(t *testing.T) {
	c, _, _ := start(t)
	create(t, c, "s", "v")
	const open = `{"Statement":{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":"*","Resource":"*"}}`
	const closed = `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"*","Resource":"*"}]}`
	put := func(policy string) string {
		_, err := c.PutResourcePolicy(t.Context(), &sdk.PutResourcePolicyInput{SecretId: aws.String("s"), ResourcePolicy: &policy, BlockPublicPolicy: aws.Bool(true)})
		return servicetest.Code(err)
	}
	for policy, want := range map[string]string{"{": "MalformedPolicyDocumentException", "{}": "MalformedPolicyDocumentException", open: "PublicPolicyException", closed: ""} {
		if got := put(policy); got != want {
			t.Errorf("%s: %q, want %q", policy, got, want)
		}
	}
	out, err := c.GetResourcePolicy(t.Context(), &sdk.GetResourcePolicyInput{SecretId: aws.String("s")})
	if err != nil || aws.ToString(out.ResourcePolicy) != closed {
		t.Errorf("%+v, %v", out, err)
	}
	v, err := c.ValidateResourcePolicy(t.Context(), &sdk.ValidateResourcePolicyInput{ResourcePolicy: aws.String(open)})
	if err != nil || v.PolicyValidationPassed {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestRotationIsRefused(t *testing.T) {
	c, _, _ := start(t)
	create(t, c, "s", "v")
	if _, err := c.RotateSecret(t.Context(), &sdk.RotateSecretInput{SecretId: aws.String("s")}); servicetest.Code(err) != "InvalidRequestException" {
		t.Error(err)
	}
}

func TestRandomPassword(t *testing.T) {
	c, _, _ := start(t)
	for name, tt := range map[string]struct {
		in      sdk.GetRandomPasswordInput
		length  int
		allowed string
		kinds   int
		code    string
	}{
		"default":    {sdk.GetRandomPasswordInput{}, 32, lowercase + uppercase + digits + punctuation, 4, ""},
		"each kind":  {sdk.GetRandomPasswordInput{PasswordLength: aws.Int64(5), IncludeSpace: aws.Bool(true)}, 5, lowercase + uppercase + digits + punctuation + " ", 5, ""},
		"digits":     {sdk.GetRandomPasswordInput{ExcludeLowercase: aws.Bool(true), ExcludeUppercase: aws.Bool(true), ExcludePunctuation: aws.Bool(true), ExcludeCharacters: aws.String("123")}, 32, "0456789", 1, ""},
		"too short":  {sdk.GetRandomPasswordInput{PasswordLength: aws.Int64(3)}, 0, "", 0, "InvalidParameterException"},
		"no kind":    {sdk.GetRandomPasswordInput{ExcludeCharacters: aws.String(lowercase + uppercase + digits + punctuation)}, 0, "", 0, "InvalidParameterException"},
		"short, any": {sdk.GetRandomPasswordInput{PasswordLength: aws.Int64(1), RequireEachIncludedType: aws.Bool(false)}, 1, lowercase + uppercase + digits + punctuation, 1, ""},
	} {
		out, err := c.GetRandomPassword(t.Context(), &tt.in)
		if got := servicetest.Code(err); got != tt.code {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		kinds := map[string]bool{}
		for _, r := range *out.RandomPassword {
			for _, kind := range []string{lowercase, uppercase, digits, punctuation, " "} {
				if strings.ContainsRune(kind, r) {
					kinds[kind] = true
				}
			}
			if !strings.ContainsRune(tt.allowed, r) {
				t.Errorf("%s: %q has %q", name, *out.RandomPassword, r)
			}
		}
		if len(*out.RandomPassword) != tt.length || len(kinds) < tt.kinds {
			t.Errorf("%s: %q has %d kinds", name, *out.RandomPassword, len(kinds))
		}
	}
}

// A secret's value never stands in clear in the store's file.
func TestValuesAreSealedOnDisk(t *testing.T) {
	c, env, _ := start(t)
	create(t, c, "s", "correct-horse-battery-staple")
	if err := env.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if found := grep(t, env.Home, "correct-horse"); found != "" {
		t.Errorf("%s holds the value", found)
	}
}

func TestOldVersionsGo(t *testing.T) {
	var s SecretSpec
	for i := range 3 * maxVersions {
		s.add(Version{ID: fmt.Sprint(i)}, []string{Current})
	}
	if len(s.Versions) != maxVersions {
		t.Errorf("%d versions", len(s.Versions))
	}
	want := map[string][]string{"299": {Current}, "298": {Previous}}
	if diff := cmp.Diff(want, maps.Collect(maps.All(s.stages()))); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
	if slices.ContainsFunc(s.Versions, func(v Version) bool { return v.ID == "0" }) {
		t.Error("the oldest version is still there")
	}
}
