package buckets

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"apex/internal/regiontest"
)

// cli runs the AWS CLI as the holder of a key and returns what it prints.
type cli struct {
	r          *regiontest.Region
	id, secret string
}

func admin(t *testing.T, r *regiontest.Region) cli {
	t.Helper()
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("SKIPPED: there is no AWS CLI")
	}
	c, err := r.Home.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	return cli{r, c.AccessKeyID, c.SecretAccessKey}
}

func (c cli) try(args ...string) (string, error) {
	cmd := exec.Command("aws", args...)
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+c.r.Home.Endpoint(), "AWS_ACCESS_KEY_ID="+c.id,
		"AWS_SECRET_ACCESS_KEY="+c.secret, "AWS_REGION="+c.r.Home.Region, "AWS_DEFAULT_REGION="+c.r.Home.Region,
		"AWS_PAGER=", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (c cli) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := c.try(args...)
	if err != nil {
		t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func TestTheAWSCommandLine(t *testing.T) {
	r := regiontest.Start(t)
	c := admin(t, r)
	c.run(t, "s3", "mb", "s3://box")
	dir := t.TempDir()
	big := make([]byte, 20<<20) // goes in parts
	rand.Read(big)
	for name, text := range map[string][]byte{"big": big, "a/one two": []byte("1"), "a/é": []byte("2")} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.run(t, "s3", "sync", dir, "s3://box/dir")
	if out := c.run(t, "s3", "ls", "--recursive", "s3://box"); !strings.Contains(out, "dir/a/one two") || !strings.Contains(out, "20971520 dir/big") {
		t.Errorf("ls:\n%s", out)
	}
	if out := c.run(t, "s3", "sync", dir, "s3://box/dir"); strings.Contains(out, "upload") {
		t.Errorf("a second sync uploads again:\n%s", out)
	}
	back := filepath.Join(dir, "back")
	c.run(t, "s3", "cp", "s3://box/dir/big", back)
	if got, err := os.ReadFile(back); err != nil || !bytes.Equal(got, big) {
		t.Errorf("what came back differs: %d bytes, %v", len(got), err)
	}
	url := strings.TrimSpace(c.run(t, "s3", "presign", "s3://box/dir/a/one two"))
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); string(text) != "1" {
		t.Errorf("presigned: %s %s", resp.Status, text)
	}
	var head struct{ ContentLength int }
	if err := json.Unmarshal([]byte(c.run(t, "s3api", "head-object", "--bucket", "box", "--key", "dir/big")), &head); err != nil || head.ContentLength != len(big) {
		t.Errorf("head: %+v, %v", head, err)
	}
	c.run(t, "s3", "mv", "s3://box/dir/a/", "s3://box/moved/", "--recursive")
	c.run(t, "s3", "rb", "--force", "s3://box")
}

// A caller reaches just what its policy names.
func TestPoliciesHoldForBucketsAndObjects(t *testing.T) {
	r := regiontest.Start(t)
	c := admin(t, r)
	c.run(t, "s3", "mb", "s3://box")
	users := iam.NewFromConfig(r.AWS(t))
	if _, err := users.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("ann")}); err != nil {
		t.Fatal(err)
	}
	if _, err := users.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: aws.String("ann"), PolicyName: aws.String("p"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::box/ann/*"}]}`)}); err != nil {
		t.Fatal(err)
	}
	key, err := users.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("ann")})
	if err != nil {
		t.Fatal(err)
	}
	ann := s3.NewFromConfig(r.AWSAs(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey))
	put := func(key string) string {
		_, err := ann.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("box"), Key: &key, Body: strings.NewReader("x")})
		return code(err)
	}
	if got := put("ann/1"); got != "" {
		t.Errorf("her own place: %s", got)
	}
	if got := put("bob/1"); got != "AccessDenied" {
		t.Errorf("another's place: %q", got)
	}
	if _, err := ann.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("box")}); code(err) != "AccessDenied" {
		t.Errorf("list: %v", err)
	}
	out, err := ann.DeleteObjects(t.Context(), deletes("ann/1"))
	if err != nil || len(out.Errors) != 1 || *out.Errors[0].Code != "AccessDenied" {
		t.Errorf("delete: %+v, %v", out, err)
	}
}

// Every put that was answered is there after the region was killed amid puts.
func TestAnsweredPutsSurviveAKill(t *testing.T) {
	r := regiontest.Start(t)
	client := s3.NewFromConfig(r.AWS(t))
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("box")}); err != nil {
		t.Fatal(err)
	}
	answered := make(chan string, 1000)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			key := strings.Repeat("k", i%50+1) + "/" + string(rune('a'+i%26))
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("box"), Key: &key, Body: strings.NewReader(key)})
			if err != nil {
				return // the region is gone
			}
			answered <- key
		}
	}()
	keys := map[string]bool{}
	for len(keys) < 30 {
		keys[<-answered] = true
	}
	r.Kill(t)
	<-done
	close(answered)
	for key := range answered {
		keys[key] = true
	}
	r.StartDaemon(t)
	for key := range keys {
		out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("box"), Key: &key})
		if err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		if text, err := io.ReadAll(out.Body); err != nil || string(text) != key {
			t.Errorf("%s holds %q, %v", key, text, err)
		}
		out.Body.Close()
	}
}

func deletes(key string) *s3.DeleteObjectsInput {
	return &s3.DeleteObjectsInput{Bucket: aws.String("box"), Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: &key}}}}
}

func code(err error) string {
	if known := smithy.APIError(nil); errors.As(err, &known) {
		return known.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
