package endpoint_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"apex/internal/api"
	"apex/internal/endpoint"
)

// wantError checks the code and status that the SDK read.
func wantError(t *testing.T, err error, code string, status int) {
	t.Helper()
	apiErr, ok := errors.AsType[smithy.APIError](err)
	response, isResponse := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err)
	if !ok || !isResponse || apiErr.ErrorCode() != code || response.HTTPStatusCode() != status {
		t.Errorf("got %v, want %s and status %d", err, code, status)
	}
}

func TestCallersAreKnownByTheirKeys(t *testing.T) {
	d := open(t, nil)
	for _, cfg := range []aws.Config{d.admin(), d.config("ASIASESSION", secret, "token")} {
		got, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if *got.Arn != admin.ARN || *got.Account != account || *got.UserId != "eu-west-1 127.0.0.1" {
			t.Errorf("identity %v %v %v", *got.Arn, *got.Account, *got.UserId)
		}
	}
}

func TestWrongCredentialsAreRefusedInTheFamilysWords(t *testing.T) {
	d := open(t, nil)
	for name, tt := range map[string]struct {
		cfg                    aws.Config
		query, ec2, json       string
		queryStatus, ec2Status int
	}{
		"wrong secret":  {d.config("AKIDADMIN", "wrong", ""), "SignatureDoesNotMatch", "AuthFailure", "InvalidSignatureException", 403, 401},
		"unknown key":   {d.config("AKIDNOBODY", secret, ""), "InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException", 403, 401},
		"no token":      {d.config("ASIASESSION", secret, ""), "InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException", 403, 401},
		"other token":   {d.config("ASIASESSION", secret, "tokem"), "InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException", 403, 401},
		"stray token":   {d.config("AKIDADMIN", secret, "token"), "InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException", 403, 401},
		"session ended": {d.config("ASIAEXPIRED", secret, "token"), "ExpiredToken", "RequestExpired", "ExpiredTokenException", 403, 400},
	} {
		t.Run(name, func(t *testing.T) {
			tt.cfg.RetryMaxAttempts = 1 // an SDK retries what it takes for a clock gone wrong
			_, err := iam.NewFromConfig(tt.cfg).ListUsers(t.Context(), nil)
			wantError(t, err, tt.query, tt.queryStatus)
			_, err = ec2.NewFromConfig(tt.cfg).DescribeVpcs(t.Context(), nil)
			wantError(t, err, tt.ec2, tt.ec2Status)
			_, err = ecs.NewFromConfig(tt.cfg).ListClusters(t.Context(), nil)
			wantError(t, err, tt.json, 400)
		})
	}
	if strings.Contains(d.logs.String(), secret) {
		t.Error("the log shows a secret")
	}
}

func TestOldClockIsRefused(t *testing.T) {
	d := open(t, func(cfg *endpoint.Config) {
		cfg.Now = func() time.Time { return time.Now().Add(10 * time.Minute) }
	})
	cfg := d.admin()
	cfg.RetryMaxAttempts = 1
	_, err := iam.NewFromConfig(cfg).ListUsers(t.Context(), nil)
	wantError(t, err, "RequestTimeTooSkewed", 403)
	_, err = ecs.NewFromConfig(cfg).ListClusters(t.Context(), nil)
	wantError(t, err, "InvalidSignatureException", 400)
}

func TestPresignedURL(t *testing.T) {
	d := open(t, nil)
	signed, err := sts.NewPresignClient(sts.NewFromConfig(d.admin())).PresignGetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	request, _ := http.NewRequest(signed.Method, signed.URL, nil)
	for name, values := range signed.SignedHeader {
		request.Header[name] = values
	}
	status, body := do(t, request)
	if status != 200 || !strings.Contains(body, admin.ARN) {
		t.Errorf("%d %s", status, body)
	}
}

func TestErrorsReachTheCaller(t *testing.T) {
	d := open(t, nil)
	cfg := d.admin()
	cfg.RetryMaxAttempts = 1
	_, err := ecs.NewFromConfig(cfg).DeleteCluster(t.Context(), &ecs.DeleteClusterInput{Cluster: aws.String("x")})
	wantError(t, err, "ClusterNotFoundException", 400)
	_, err = ecs.NewFromConfig(cfg).DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Tasks: []string{"x"}})
	wantError(t, err, "UnknownOperationException", 400)
	_, err = iam.NewFromConfig(cfg).ListRoles(t.Context(), nil)
	wantError(t, err, "InvalidAction", 400)
	_, err = ec2.NewFromConfig(cfg).DescribeSubnets(t.Context(), nil)
	wantError(t, err, "InvalidAction", 400)
	_, err = ec2.NewFromConfig(cfg).DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{DryRun: aws.Bool(true)})
	wantError(t, err, "DryRunOperation", 412)
	_, err = ecs.NewFromConfig(cfg).StopTask(t.Context(), &ecs.StopTaskInput{Task: aws.String("x")})
	wantError(t, err, "InternalFailure", 500)
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("an inner error reached the caller: %v", err)
	}
}

func TestPanicIsContained(t *testing.T) {
	d := open(t, nil)
	cfg := d.admin()
	cfg.RetryMaxAttempts = 1
	client := ec2.NewFromConfig(cfg)
	_, err := client.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: aws.String("vpc-1")})
	wantError(t, err, "InternalError", 500)
	if logs := d.logs.String(); !strings.Contains(logs, "no subnets today") || !strings.Contains(logs, "door_test.go") {
		t.Errorf("the log lacks the panic and its stack: %s", logs)
	}
	if _, err := client.DescribeVpcs(t.Context(), nil); err != nil {
		t.Errorf("the endpoint does not go on: %v", err)
	}
}

func TestValidationComesAfterAuthorization(t *testing.T) {
	allowed := true
	d := open(t, func(cfg *endpoint.Config) {
		cfg.Authorize = func(_ context.Context, call *api.Call, _ any) error {
			if allowed {
				return nil
			}
			return api.Errorf("UnauthorizedOperation", 403, "%s may not %s", call.Principal.ARN, call.Route.Name)
		}
	})
	body := "Action=CreateSubnet&Version=2016-11-15"
	if status, answer := do(t, d.signed(t, "ec2", body)); status != 400 || !strings.Contains(answer, "MissingParameter") {
		t.Errorf("%d %s", status, answer)
	}
	allowed = false
	if status, answer := do(t, d.signed(t, "ec2", body)); status != 403 || !strings.Contains(answer, "UnauthorizedOperation") {
		t.Errorf("%d %s", status, answer)
	}
}

func TestBadRequests(t *testing.T) {
	d := open(t, nil)
	unsigned := func(method, path, body string, headers ...string) *http.Request {
		r, err := http.NewRequest(method, d.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return r
	}
	for name, tt := range map[string]struct {
		r      *http.Request
		status int
		says   string
	}{
		"not signed, query":   {unsigned("POST", "/", "Action=ListUsers&Version=2010-05-08", "Content-Type", "application/x-www-form-urlencoded"), 403, "MissingAuthenticationToken<"},
		"not signed, JSON":    {unsigned("POST", "/", "{}", "X-Amz-Target", "AmazonEC2ContainerServiceV20141113.ListClusters"), 400, "MissingAuthenticationTokenException"},
		"a browser":           {unsigned("GET", "/", ""), 403, "MissingAuthenticationToken"},
		"half signed":         {unsigned("GET", "/?X-Amz-Credential=x&Action=ListUsers&Version=2010-05-08", ""), 400, "IncompleteSignature"},
		"target without dot":  {unsigned("POST", "/", "{}", "X-Amz-Target", "ListClusters"), 400, "SerializationException"},
		"query not encoded":   {unsigned("GET", "/?%zz", ""), 400, "MalformedQueryString"},
		"form not encoded":    {unsigned("POST", "/", "Action=%zz", "Content-Type", "application/x-www-form-urlencoded"), 400, "MalformedInput"},
		"too large":           {unsigned("POST", "/", strings.Repeat("x", endpoint.MaxBody+1)), 413, "RequestEntityTooLarge"},
		"no such API version": {d.signed(t, "iam", "Action=ListUsers&Version=1999-01-01"), 400, "InvalidAction"},
		"scope of another":    {d.signed(t, "sqs", "Action=ListUsers&Version=2010-05-08"), 400, "InvalidAction"},
		"no body at all":      {d.signed(t, "s3", ""), 400, "UnknownOperationException"},
		"unknown parameters":  {d.signed(t, "iam", "Action=ListUsers&Version=2010-05-08&New.member.1=x"), 200, "ListUsersResult"},
		"bad value":           {d.signed(t, "iam", "Action=ListUsers&Version=2010-05-08&MaxItems=many"), 400, "MalformedInput"},
	} {
		t.Run(name, func(t *testing.T) {
			if status, body := do(t, tt.r); status != tt.status || !strings.Contains(body, tt.says) {
				t.Errorf("%d %s, want %d and %s", status, body, tt.status, tt.says)
			}
		})
	}
}

func TestWebIdentityNeedsNoSignature(t *testing.T) {
	d := open(t, nil)
	cfg := d.admin()
	cfg.Credentials = aws.AnonymousCredentials{}
	out, err := sts.NewFromConfig(cfg).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String("arn:aws:iam::000000000000:role/r"), RoleSessionName: aws.String("session"), WebIdentityToken: aws.String("token"),
	})
	if err != nil || *out.Provider != "anonymous " {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestHealthAndRegistry(t *testing.T) {
	d := open(t, func(cfg *endpoint.Config) {
		cfg.Registry = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("x-amzn-RequestId", "registry")
			_, _ = io.WriteString(w, "registry "+r.URL.Path)
		})
	})
	for path, want := range map[string]string{"/v2/": "registry /v2/", "/v2/web/tags/list": "registry /v2/web/tags/list"} {
		r, _ := http.NewRequest("GET", d.url+path, nil)
		if status, body := do(t, r); status != 200 || body != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	r, _ := http.NewRequest("GET", d.url+"/_apex/health", nil)
	var health endpoint.Health
	status, body := do(t, r)
	if err := json.Unmarshal([]byte(body), &health); err != nil || status != 200 || health.PID != os.Getpid() {
		t.Errorf("%d %s", status, body)
	}
	r, _ = http.NewRequest("POST", d.url+"/_apex/health", nil)
	if status, _ := do(t, r); status != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", status)
	}
}

func TestStats(t *testing.T) {
	d := open(t, nil)
	do(t, d.signed(t, "iam", "Action=ListUsers&Version=2010-05-08&New=x&Newer.y=z"))
	do(t, d.signed(t, "iam", "Action=ListUsers&Version=2010-05-08&MaxItems=x"))
	do(t, d.signed(t, "ec2", "Action=CreateSubnet&Version=2016-11-15&VpcId=v"))
	want := []endpoint.OperationStats{
		{Service: "ec2", Operation: "CreateSubnet", Calls: 1, Faults: 1},
		{Service: "iam", Operation: "ListUsers", Calls: 2, Errors: 1, UnknownMembers: 2},
	}
	if diff := cmp.Diff(want, d.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	d := open(t, nil)
	client := ecs.NewFromConfig(d.admin())
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 10 {
				if _, err := client.ListClusters(t.Context(), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got := d.Stats(); len(got) != 1 || got[0].Calls < 160 {
		t.Errorf("stats %+v", got)
	}
}

func BenchmarkCall(b *testing.B) {
	d := open(b, func(cfg *endpoint.Config) { cfg.Log = slog.New(slog.DiscardHandler) })
	const body = `{}`
	r := httptest.NewRequest("POST", "http://127.0.0.1:4566/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.ListClusters")
	creds := aws.Credentials{AccessKeyID: "AKIDADMIN", SecretAccessKey: secret}
	if err := v4.NewSigner().SignHTTP(b.Context(), creds, r, hash(body), "ecs", "us-east-1", time.Now()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Body = io.NopCloser(strings.NewReader(body))
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}
