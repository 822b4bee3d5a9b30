package iam_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"apex/internal/api"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/iam"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// TestResourcePoliciesSpeak: a secret's own policy lets a role in, keeps it out,
// and is needed across accounts.
func TestResourcePoliciesSpeak(t *testing.T) {
	const secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf"
	env, document := servicetest.Env(t, iam.Tables()...), ""
	svc := iam.New(env, map[string]service.Finder{
		"secretsmanager": func(store.Reader, arn.ARN) (service.Resource, bool) {
			return service.Resource{ARN: secret, Policy: document}, true
		},
	})
	f := fixture{env, svc, sdk.NewFromConfig(servicetest.Config(t, env, svc.Routes()))}
	f.role(t, "reader")
	f.role(t, "other")
	must[*sdk.PutRolePolicyOutput](t)(f.PutRolePolicy(t.Context(), &sdk.PutRolePolicyInput{
		RoleName: aws.String("reader"), PolicyName: aws.String("read"), PolicyDocument: aws.String(allow("secretsmanager:GetSecretValue", secret)),
	}))
	statement := func(effect, principal string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Principal":` + principal + `,"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`
	}
	const here, there = "000000000000", "111111111111"
	for name, tt := range map[string]struct {
		account, role, policy string
		because               string // empty: allowed
	}{
		"identity policy alone":            {here, "reader", "", ""},
		"neither":                          {here, "other", "", "because no identity-based policy allows the secretsmanager:GetSecretValue action"},
		"resource policy alone":            {here, "other", statement("Allow", `{"AWS":"arn:aws:iam::000000000000:role/app/other"}`), ""},
		"it names the account only":        {here, "other", statement("Allow", `{"AWS":"000000000000"}`), "no identity-based policy"},
		"it names another":                 {here, "other", statement("Allow", `{"AWS":"arn:aws:iam::000000000000:role/app/reader"}`), "no identity-based policy"},
		"it denies":                        {here, "reader", statement("Deny", `"*"`), "with an explicit deny in a resource-based policy"},
		"it denies another":                {here, "reader", statement("Deny", `{"AWS":"arn:aws:iam::000000000000:role/app/other"}`), ""},
		"from another account, no policy":  {there, "nobody", "", "no identity-based policy"},
		"an account that is not the owner": {there, "nobody", statement("Allow", `{"AWS":"111111111111"}`), "no identity-based policy"},
	} {
		document = tt.policy
		call := &api.Call{
			Account: tt.account, Region: "us-east-1", Now: time.Now(), Route: secretsmanagerapi.GetSecretValue.Info(),
			Principal: api.Principal{ARN: "arn:aws:sts::" + tt.account + ":assumed-role/" + tt.role + "/session"},
		}
		err := svc.Authorize(context.Background(), call, &secretsmanagerapi.GetSecretValueRequest{SecretId: aws.String("arn:aws:secretsmanager:us-east-1:000000000000:secret:db")})
		switch {
		case tt.because == "" && err != nil, tt.because != "" && (err == nil || !strings.Contains(err.Error(), tt.because)):
			t.Errorf("%s: %v, want %q", name, err, tt.because)
		case err != nil && tt.account == here && !strings.Contains(err.Error(), "on resource: "+secret+" "):
			t.Errorf("%s: the denial does not name the secret in full: %v", name, err)
		}
	}
}
