package endpoint_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/api/ecsapi"
	"apex/internal/api/iamapi"
	"apex/internal/endpoint"
)

// FuzzServe sends signed requests of any content: none may be answered as the
// region's fault.
func FuzzServe(f *testing.F) {
	f.Add("iam", "", "a=b", []byte("Action=CreateRole&Version=2010-05-08&Tags.member.1.Key=a"))
	f.Add("ec2", "", "Action=RunInstances", []byte("Action=AuthorizeSecurityGroupIngress&Version=2016-11-15&IpPermissions.1.x"))
	f.Add("ecs", "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition", "", []byte(`{"family":"a","containerDefinitions":[{}]}`))
	f.Add("ecs", ".", "", []byte(`[`))
	f.Add("", "a", "X-Amz-Signature=1", []byte{})
	door := endpoint.New(endpoint.Config{
		Region: "us-east-1", Now: time.Now, Credentials: known, Log: slog.New(slog.DiscardHandler),
		Routes: []api.Route{
			iamapi.CreateRole.Handle(func(context.Context, *api.Call, *iamapi.CreateRoleRequest) (*iamapi.CreateRoleResponse, error) {
				return nil, nil
			}),
			ec2api.AuthorizeSecurityGroupIngress.Handle(func(context.Context, *api.Call, *ec2api.AuthorizeSecurityGroupIngressRequest) (*ec2api.AuthorizeSecurityGroupIngressResult, error) {
				return nil, nil
			}),
			ecsapi.RegisterTaskDefinition.Handle(func(context.Context, *api.Call, *ecsapi.RegisterTaskDefinitionRequest) (*ecsapi.RegisterTaskDefinitionResponse, error) {
				return nil, nil
			}),
		},
	})
	creds := aws.Credentials{AccessKeyID: "AKIDADMIN", SecretAccessKey: secret}
	f.Fuzz(func(t *testing.T, service, target, query string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/", bytes.NewReader(body))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if target != "" {
			r.Header.Set("X-Amz-Target", target)
		}
		if _, err := url.ParseQuery(query); err == nil {
			if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, hash(string(body)), service, "us-east-1", time.Now()); err != nil {
				t.Skip(err)
			}
		}
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		if w.Code >= 500 || w.Header().Get("x-amzn-RequestId") == "" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
