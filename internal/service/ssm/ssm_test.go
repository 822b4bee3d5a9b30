package ssm

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/kms"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

type world struct {
	*sdk.Client
	t       *testing.T
	env     service.Env
	refused string // an action that nobody may take
}

func (w *world) refuses(action string) { w.refused = action }

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

func start(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, env: servicetest.Env(t, append(Tables(), kms.Tables()...)...)}
	w.env.Now = servicetest.NewClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)).Now
	w.env.Access = func(_ store.Reader, ask service.Ask) error {
		if ask.Action == w.refused {
			return api.Invalid("AccessDeniedException", "no")
		}
		return nil
	}
	w.Client = sdk.NewFromConfig(servicetest.Config(t, w.env, New(w.env).Routes()))
	return w
}

func ok[T any](t *testing.T, out T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func code(t *testing.T, what string, err error, want string) {
	t.Helper()
	if got := servicetest.Code(err); got != want {
		t.Errorf("%s: %q (%v), want %s", what, got, err, want)
	}
}

func (w *world) put(name, value string, change ...func(*sdk.PutParameterInput)) (int64, error) {
	in := &sdk.PutParameterInput{Name: &name, Value: &value, Type: types.ParameterTypeString}
	for _, c := range change {
		c(in)
	}
	out, err := w.PutParameter(w.t.Context(), in)
	if err != nil {
		return 0, err
	}
	return out.Version, nil
}

func over(in *sdk.PutParameterInput)   { in.Overwrite = aws.Bool(true) }
func secure(in *sdk.PutParameterInput) { in.Type = types.ParameterTypeSecureString }

func (w *world) get(name string) (*types.Parameter, error) {
	out, err := w.GetParameter(w.t.Context(), &sdk.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	return out.Parameter, nil
}

// Every reference below names the version that it says.
func TestReferencesToVersionsAndLabels(t *testing.T) {
	w := start(t)
	for i := range 3 {
		_, err := w.put("/app/url", fmt.Sprintf("v%d", i+1), over)
		code(t, "put", err, "")
	}
	_, err := w.put("/app/url", "again")
	code(t, "put without overwrite", err, "ParameterAlreadyExists")
	label, err := w.LabelParameterVersion(t.Context(), &sdk.LabelParameterVersionInput{
		Name: aws.String("/app/url"), ParameterVersion: aws.Int64(2), Labels: []string{"live", "1st", "aws-x"},
	})
	if diff := cmp.Diff([]string{"1st", "aws-x"}, ok(t, label, err).InvalidLabels); diff != "" {
		t.Errorf("invalid labels (-want +got):\n%s", diff)
	}
	for ref, want := range map[string]string{
		"/app/url": "v3", "/app/url:1": "v1", "/app/url:live": "v2",
		scope.ARN("ssm", "parameter/app/url"): "v3", scope.ARN("ssm", "parameter/app/url:live"): "v2",
	} {
		got, err := w.get(ref)
		if p := ok(t, got, err); *p.Value != want || *p.Name != "/app/url" || *p.ARN != scope.ARN("ssm", "parameter/app/url") {
			t.Errorf("%s: %s of %s (%s), want %s", ref, *p.Value, *p.Name, *p.ARN, want)
		}
	}
	for ref, want := range map[string]string{
		"/app/url:9": "ParameterVersionNotFound", "/app/url:dead": "ParameterVersionNotFound", "/app": "ParameterNotFound",
		"/aws/service/ecs/optimized-ami/amazon-linux-2/recommended": "ParameterNotFound",
		"arn:aws:ssm:us-east-1:111111111111:parameter/app/url":      "ParameterNotFound",
	} {
		_, err := w.get(ref)
		code(t, ref, err, want)
	}
	history, err := w.GetParameterHistory(t.Context(), &sdk.GetParameterHistoryInput{Name: aws.String("/app/url")})
	if got := ok(t, history, err).Parameters; len(got) != 3 || got[1].Labels[0] != "live" || *got[0].Value != "v1" {
		t.Errorf("history %+v", got)
	}
	gone, err := w.UnlabelParameterVersion(t.Context(), &sdk.UnlabelParameterVersionInput{
		Name: aws.String("/app/url"), ParameterVersion: aws.Int64(2), Labels: []string{"live"},
	})
	if len(ok(t, gone, err).RemovedLabels) != 1 {
		t.Errorf("removed %v", gone.RemovedLabels)
	}
}

func TestASecureStringIsEncryptedUnderItsKey(t *testing.T) {
	w := start(t)
	_, err := w.put("/app/token", "hunter2", secure)
	code(t, "put", err, "")
	row, _ := Parameters.Get(w.env.Store.Snapshot(), scope.Key("/app/token"))
	if text := fmt.Sprintf("%+v", row); strings.Contains(text, "hunter2") {
		t.Errorf("the store shows the value: %s", text)
	}
	got, err := w.get("/app/token")
	if *ok(t, got, err).Value != "hunter2" {
		t.Errorf("value %q", *got.Value)
	}
	closed, err := w.GetParameter(t.Context(), &sdk.GetParameterInput{Name: aws.String("/app/token")})
	if v := *ok(t, closed, err).Parameter.Value; v == "hunter2" || v == "" {
		t.Errorf("without decryption: %q", v)
	}
	if value, err := Resolve(w.env.Store.Snapshot(), w.env, scope, "/app/token"); err != nil || value != "hunter2" {
		t.Errorf("resolved %q, %v", value, err)
	}
	w.refuses("kms:Decrypt")
	_, err = w.get("/app/token")
	code(t, "without the right to decrypt", err, "AccessDeniedException")
	w.refuses("kms:Encrypt")
	_, err = w.put("/app/token", "x", secure, over)
	code(t, "without the right to encrypt", err, "AccessDeniedException")
	w.refuses("")
	_, err = w.put("/app/other", "x", secure, func(in *sdk.PutParameterInput) { in.KeyId = aws.String("alias/none") })
	code(t, "no such key", err, "InvalidKeyId")
	_, err = w.put("/app/other", "x", func(in *sdk.PutParameterInput) { in.KeyId = aws.String("alias/aws/ssm") })
	code(t, "a key for a String", err, "ValidationException")
}

func TestWhatIsWrongIsRefused(t *testing.T) {
	w := start(t)
	advanced := func(in *sdk.PutParameterInput) { in.Tier = types.ParameterTierAdvanced }
	_, err := w.put("/big", strings.Repeat("x", 5000), advanced)
	code(t, "advanced", err, "")
	for name, tt := range map[string]struct {
		name, value string
		change      func(*sdk.PutParameterInput)
		want        string
	}{
		"aws":       {"/aws/x", "x", over, "AccessDeniedException"},
		"ssm":       {"ssmx", "x", over, "ValidationException"},
		"no slash":  {"a/b", "x", over, "ValidationException"},
		"deep":      {strings.Repeat("/a", 16), "x", over, "HierarchyLevelLimitExceededException"},
		"bad name":  {"/a b", "x", over, "ValidationException"},
		"long":      {"/a", strings.Repeat("x", 4097), over, "ValidationException"},
		"downgrade": {"/big", "x", func(in *sdk.PutParameterInput) { over(in); in.Tier = types.ParameterTierStandard }, "ValidationException"},
		"no type":   {"/a", "x", func(in *sdk.PutParameterInput) { in.Type = "" }, "ValidationException"},
		"pattern":   {"/a", "x", func(in *sdk.PutParameterInput) { in.AllowedPattern = aws.String("[") }, "InvalidAllowedPatternException"},
		"mismatch":  {"/a", "x", func(in *sdk.PutParameterInput) { in.AllowedPattern = aws.String(`^\d+$`) }, "ParameterPatternMismatchException"},
		"data type": {"/a", "x", func(in *sdk.PutParameterInput) { in.DataType = aws.String("colour") }, "ValidationException"},
		"policies":  {"/a", "x", func(in *sdk.PutParameterInput) { in.Policies = aws.String("{") }, "InvalidPolicyAttributeException"},
		"policy":    {"/a", "x", func(in *sdk.PutParameterInput) { in.Policies = aws.String(`[{"Type":"Party"}]`) }, "InvalidPolicyTypeException"},
		"tags twice": {"/big", "x", func(in *sdk.PutParameterInput) {
			over(in)
			in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
		}, "ValidationException"},
	} {
		_, err := w.put(tt.name, tt.value, tt.change)
		code(t, name, err, tt.want)
	}
	_, err = w.DeleteParameter(t.Context(), &sdk.DeleteParameterInput{Name: aws.String("/none")})
	code(t, "delete what is not there", err, "ParameterNotFound")
	_, err = w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String("/none")})
	code(t, "tags of what is not there", err, "InvalidResourceId")
}

func TestAnOverwriteKeepsTheDescriptionAndTheTier(t *testing.T) {
	w := start(t)
	_, err := w.put("/a", "x", func(in *sdk.PutParameterInput) {
		in.Description, in.Tier = aws.String("about"), types.ParameterTierAdvanced
	})
	code(t, "put", err, "")
	_, err = w.put("/a", "y", over)
	code(t, "overwrite", err, "")
	out, err := w.DescribeParameters(t.Context(), &sdk.DescribeParametersInput{})
	if p := ok(t, out, err).Parameters[0]; *p.Description != "about" || p.Tier != types.ParameterTierAdvanced || p.Version != 2 {
		t.Errorf("described %+v", p)
	}
}

func TestTheOldestVersionGoesUnlessALabelHoldsIt(t *testing.T) {
	w := start(t)
	for range maxVersions + 1 {
		_, err := w.put("/a", "x", over)
		code(t, "put", err, "")
	}
	_, err := w.get("/a:1")
	code(t, "the first version", err, "ParameterVersionNotFound")
	_, err = w.LabelParameterVersion(t.Context(), &sdk.LabelParameterVersionInput{Name: aws.String("/a"), ParameterVersion: aws.Int64(2), Labels: []string{"keep"}})
	code(t, "label", err, "")
	_, err = w.put("/a", "x", over)
	code(t, "put over a labelled version", err, "ParameterMaxVersionLimitExceeded")
}

func TestPathsAndFiltersGoThroughAllPages(t *testing.T) {
	w := start(t)
	for i := range 25 {
		_, err := w.put(fmt.Sprintf("/app/%02d", i), "x", func(in *sdk.PutParameterInput) {
			in.Tags = []types.Tag{{Key: aws.String("parity"), Value: aws.String(fmt.Sprint(i % 2))}}
		})
		code(t, "put", err, "")
	}
	_, err := w.put("/app/deep/x", "x", secure)
	code(t, "put", err, "")
	count := func(in sdk.GetParametersByPathInput) (n int) {
		pages := sdk.NewGetParametersByPathPaginator(w.Client, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			n += len(ok(t, page, err).Parameters)
		}
		return n
	}
	if n := count(sdk.GetParametersByPathInput{Path: aws.String("/app")}); n != 25 {
		t.Errorf("%d directly in /app", n)
	}
	if n := count(sdk.GetParametersByPathInput{Path: aws.String("/"), Recursive: aws.Bool(true)}); n != 26 {
		t.Errorf("%d below /", n)
	}
	filter := func(key, option string, values ...string) (names []string) {
		in := &sdk.DescribeParametersInput{MaxResults: aws.Int32(7), ParameterFilters: []types.ParameterStringFilter{{Key: &key, Option: &option, Values: values}}}
		pages := sdk.NewDescribeParametersPaginator(w.Client, in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			for _, p := range ok(t, page, err).Parameters {
				names = append(names, *p.Name)
			}
		}
		return names
	}
	for what, tt := range map[string]struct {
		names []string
		want  int
	}{
		"name":   {filter("Name", "Equals", "/app/07"), 1},
		"begins": {filter("Name", "BeginsWith", "/app/0"), 10},
		"holds":  {filter("Name", "Contains", "deep"), 1},
		"type":   {filter("Type", "Equals", "SecureString"), 1},
		"key":    {filter("KeyId", "Equals", "alias/aws/ssm"), 1},
		"tag":    {filter("tag:parity", "Equals", "1"), 12},
		"path":   {filter("Path", "Recursive", "/app"), 26},
	} {
		if len(tt.names) != tt.want {
			t.Errorf("%s: %d (%v), want %d", what, len(tt.names), tt.names, tt.want)
		}
	}
	_, err = w.DescribeParameters(t.Context(), &sdk.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{{Key: aws.String("Colour"), Values: []string{"red"}}}})
	code(t, "no such filter", err, "InvalidFilterKey")
	_, err = w.DescribeParameters(t.Context(), &sdk.DescribeParametersInput{NextToken: aws.String("!")})
	code(t, "no such token", err, "InvalidNextToken")
}

func TestTagsAreChangedAndListed(t *testing.T) {
	w := start(t)
	_, err := w.put("/a", "x")
	code(t, "put", err, "")
	kind, id := types.ResourceTypeForTaggingParameter, aws.String("/a")
	_, err = w.AddTagsToResource(t.Context(), &sdk.AddTagsToResourceInput{ResourceType: kind, ResourceId: id, Tags: []types.Tag{
		{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")},
	}})
	code(t, "add", err, "")
	_, err = w.RemoveTagsFromResource(t.Context(), &sdk.RemoveTagsFromResourceInput{ResourceType: kind, ResourceId: id, TagKeys: []string{"a"}})
	code(t, "remove", err, "")
	out, err := w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceType: kind, ResourceId: id})
	if got := ok(t, out, err).TagList; len(got) != 1 || *got[0].Key != "b" {
		t.Errorf("tags %v", got)
	}
	gone, err := w.DeleteParameters(t.Context(), &sdk.DeleteParametersInput{Names: []string{"/a", "/b"}})
	if got := ok(t, gone, err); len(got.DeletedParameters) != 1 || len(got.InvalidParameters) != 1 {
		t.Errorf("deleted %v, invalid %v", got.DeletedParameters, got.InvalidParameters)
	}
}

// What passes as a name is one that the store can keep and a path can find.
func FuzzValidName(f *testing.F) {
	for _, seed := range []string{"/a/b", "x", "aws", "//", "/SSM/x", "a:1"} {
		f.Add(seed)
	}
	good := regexp.MustCompile(`^(/[a-zA-Z0-9_.-]+)+$|^[a-zA-Z0-9_.-]+$`)
	f.Fuzz(func(t *testing.T, name string) {
		if validName(name) == nil && !good.MatchString(name) {
			t.Errorf("%q passes", name)
		}
	})
}
