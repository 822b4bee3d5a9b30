package secretsmanager

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"pgregory.net/rapid"

	"apex/internal/service"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// grep returns the first file below dir that holds the text.
func grep(t *testing.T, dir, text string) (found string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(string(content), text) {
			found = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestResolve(t *testing.T) {
	c, env, _ := start(t)
	plain := *create(t, c, "plain", "text").ARN
	json := *create(t, c, "json", `{"user":"ann","port": 3306,"deep":{"a":[1]}}`).ARN
	id := create(t, c, "old", "one").VersionId
	if _, err := c.PutSecretValue(t.Context(), &sdk.PutSecretValueInput{SecretId: aws.String("old"), SecretString: aws.String("two")}); err != nil {
		t.Fatal(err)
	}
	for valueFrom, want := range map[string]string{
		plain:                     "text",
		"plain":                   "text",
		plain[:len(plain)-suffix]: "text",
		plain + ":::":             "text",
		json + ":user::":          "ann",
		json + ":user":            "ann",
		json + ":port::":          "3306",
		json + ":deep::":          `{"a":[1]}`,
		"json:user::":             "ann",
		"old::AWSPREVIOUS:":       "one",
		"old:::" + *id:            "one",
		"old":                     "two",
		json + ":none::":          "",
		plain + ":key::":          "",
		plain + ":::::":           "",
		"old::AWSPENDING:":        "",
		"none":                    "",
		"":                        "",
		"arn:aws:ssm:us-east-1:000000000000:parameter/x":          "",
		strings.Replace(plain, "us-east-1", "eu-west-1", 1):       "",
		strings.Replace(plain, "000000000000", "111111111111", 1): "",
	} {
		got, err := Resolve(env.Store.Snapshot(), env, scope, valueFrom)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", valueFrom, got, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "text") || strings.Contains(err.Error(), "ann")) {
			t.Errorf("%q: the fault tells the value: %v", valueFrom, err)
		}
	}
}

func putManaged(t *testing.T, env service.Env, name, value string) (secretARN string) {
	t.Helper()
	err := env.Store.Update(t.Context(), func(tx *store.Tx) error {
		secretARN = PutManaged(tx, env.Sealer, scope, name, []byte(value), "rds")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return secretARN
}

func TestManagedSecret(t *testing.T) {
	c, env, _ := start(t)
	made := putManaged(t, env, "rds!db-1", "one")
	if again := putManaged(t, env, "rds!db-1", "one"); again != made {
		t.Errorf("ARN %q became %q", made, again)
	}
	if s, _ := Secrets.Get(env.Store.Snapshot(), scope.Key("rds!db-1")); len(s.Spec.Versions) != 1 {
		t.Errorf("%d versions after the same value twice", len(s.Spec.Versions))
	}
	putManaged(t, env, "rds!db-1", "two")
	if got := get(t, c, sdk.GetSecretValueInput{SecretId: &made}); got != "two" {
		t.Errorf("value %q", got)
	}
	if got := get(t, c, sdk.GetSecretValueInput{SecretId: &made, VersionStage: aws.String(Previous)}); got != "one" {
		t.Errorf("previous value %q", got)
	}
	if _, err := c.PutSecretValue(t.Context(), &sdk.PutSecretValueInput{SecretId: &made, SecretString: aws.String("x")}); servicetest.Code(err) != "InvalidRequestException" {
		t.Errorf("put: %v", err)
	}
	if _, err := c.DeleteSecret(t.Context(), &sdk.DeleteSecretInput{SecretId: &made}); servicetest.Code(err) != "InvalidRequestException" {
		t.Errorf("delete: %v", err)
	}
	err := env.Store.Update(t.Context(), func(tx *store.Tx) error {
		DeleteManaged(tx, scope, "rds!db-1")
		DeleteManaged(tx, scope, "rds!db-1")
		return nil
	})
	if err != nil || Secrets.Len(env.Store.Snapshot()) != 0 {
		t.Errorf("%v; %d secrets left", err, Secrets.Len(env.Store.Snapshot()))
	}
}

// However labels are moved, each is on one version at most and one version is
// current.
func TestStagesProperty(t *testing.T) {
	stages := []string{Current, Previous, Pending, "mine"}
	rapid.Check(t, func(r *rapid.T) {
		var s SecretSpec
		for i := range rapid.IntRange(1, 30).Draw(r, "steps") {
			stage := rapid.SampledFrom(stages).Draw(r, "stage")
			if i == 0 || rapid.Bool().Draw(r, "add") {
				s.add(Version{ID: string(rune('A' + i))}, []string{stage})
			} else {
				s.move(stage, rapid.SampledFrom(s.Versions).Draw(r, "to").ID)
			}
			seen := map[string]int{}
			for _, v := range s.Versions {
				for _, stage := range v.Stages {
					seen[stage]++
				}
			}
			for stage, n := range seen {
				if n > 1 {
					r.Fatalf("%s is on %d versions: %+v", stage, n, s.Versions)
				}
			}
			if seen[Current] != 1 {
				r.Fatalf("no version is current: %+v", s.Versions)
			}
		}
	})
}

func FuzzParseReference(f *testing.F) {
	for _, s := range []string{"a", "a:b:c:d", "arn:aws:secretsmanager:us-east-1:000000000000:secret:a-123456:k::", "", ":"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if ref, err := parseReference(scope, s); err == nil && !strings.HasPrefix(s, ref.secret) {
			t.Errorf("%q became %+v", s, ref)
		}
	})
}
