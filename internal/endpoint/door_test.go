package endpoint_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/api/ecsapi"
	"apex/internal/api/iamapi"
	"apex/internal/api/stsapi"
	"apex/internal/endpoint"
	"apex/internal/sdkhttp"
)

const (
	account = "000000000000"
	secret  = "wJalrXUtnFEMI/K7MDENG"
)

var admin = api.Principal{ARN: "arn:aws:iam::" + account + ":root", ID: account, AccessKeyID: "AKIDADMIN", Root: true}

// A door is an endpoint under test, listening.
type door struct {
	*endpoint.Endpoint
	url  string
	logs *logBuffer
}

// A logBuffer is a log that handlers write to at once.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func open(t testing.TB, change func(*endpoint.Config)) *door {
	t.Helper()
	logs := &logBuffer{}
	cfg := endpoint.Config{
		Region: "us-east-1", Version: "test", Now: time.Now, Credentials: known,
		Log: slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Routes: []api.Route{
			stsapi.GetCallerIdentity.Handle(whoAmI),
			stsapi.AssumeRoleWithWebIdentity.Handle(func(_ context.Context, call *api.Call, _ *stsapi.AssumeRoleWithWebIdentityRequest) (*stsapi.AssumeRoleWithWebIdentityResponse, error) {
				return &stsapi.AssumeRoleWithWebIdentityResponse{Provider: api.Ptr("anonymous " + call.Principal.ARN)}, nil
			}),
			ecsapi.ListClusters.Handle(func(context.Context, *api.Call, *ecsapi.ListClustersRequest) (*ecsapi.ListClustersResponse, error) {
				return &ecsapi.ListClustersResponse{ClusterArns: []string{"arn:aws:ecs:us-east-1:000000000000:cluster/apexai"}}, nil
			}),
			ecsapi.DeleteCluster.Handle(func(context.Context, *api.Call, *ecsapi.DeleteClusterRequest) (*ecsapi.DeleteClusterResponse, error) {
				return nil, ecsapi.NewClusterNotFoundException("no cluster")
			}),
			ecsapi.StopTask.Handle(func(context.Context, *api.Call, *ecsapi.StopTaskRequest) (*ecsapi.StopTaskResponse, error) {
				return nil, errors.New("disk full: password=hunter2")
			}),
			ec2api.DescribeVpcs.Handle(func(context.Context, *api.Call, *ec2api.DescribeVpcsRequest) (*ec2api.DescribeVpcsResult, error) {
				return &ec2api.DescribeVpcsResult{Vpcs: []ec2api.Vpc{{VpcId: api.Ptr("vpc-1")}}}, nil
			}),
			ec2api.CreateSubnet.Handle(func(context.Context, *api.Call, *ec2api.CreateSubnetRequest) (*ec2api.CreateSubnetResult, error) {
				panic("no subnets today")
			}),
			iamapi.ListUsers.Handle(func(context.Context, *api.Call, *iamapi.ListUsersRequest) (*iamapi.ListUsersResponse, error) {
				return nil, nil
			}),
		},
	}
	if change != nil {
		change(&cfg)
	}
	e := endpoint.New(cfg)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return &door{Endpoint: e, url: server.URL, logs: logs}
}

func known(key string) (api.Credential, bool) {
	c := api.Credential{Secret: secret, Account: account, Principal: admin}
	switch key {
	case "AKIDADMIN":
	case "ASIASESSION":
		c.Token, c.Expires = "token", time.Now().Add(time.Hour)
	case "ASIAEXPIRED":
		c.Token, c.Expires = "token", time.Now().Add(-time.Second)
	default:
		return api.Credential{}, false
	}
	return c, true
}

func whoAmI(_ context.Context, call *api.Call, _ *stsapi.GetCallerIdentityRequest) (*stsapi.GetCallerIdentityResponse, error) {
	return &stsapi.GetCallerIdentityResponse{
		Account: &call.Account, Arn: &call.Principal.ARN, UserId: api.Ptr(call.Region + " " + call.SourceIP.String()),
	}, nil
}

func (d *door) config(key, secret, token string) aws.Config {
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: &d.url, HTTPClient: sdkhttp.New(),
		Credentials: credentials.NewStaticCredentialsProvider(key, secret, token),
	}
}

func (d *door) admin() aws.Config { return d.config("AKIDADMIN", secret, "") }

// signed returns a form request that the administrator signed.
func (d *door) signed(t *testing.T, service, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest("POST", d.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	creds := aws.Credentials{AccessKeyID: "AKIDADMIN", SecretAccessKey: secret}
	if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, hash(body), service, "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	return r
}

func do(t *testing.T, r *http.Request) (status int, body string) {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.Header.Get("x-amzn-RequestId") == "" && strings.Contains(r.URL.Path, "_apex") == false {
		t.Error("the answer has no request id")
	}
	return response.StatusCode, string(data)
}

func hash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

func TestCompressedBodyIsReadAndItsSignatureIsOfTheCompressed(t *testing.T) {
	d := open(t, nil)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte("Action=ListUsers&Version=2010-05-08"))
	z.Close()
	for name, tt := range map[string]struct {
		body string
		want int
	}{"gzip": {packed.String(), 200}, "not gzip": {"Action=ListUsers", 400}} {
		r := d.signed(t, "iam", tt.body)
		r.Header.Set("Content-Encoding", "gzip")
		if status, body := do(t, r); status != tt.want {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}
