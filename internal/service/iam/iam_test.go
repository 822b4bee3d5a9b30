package iam_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/api/ecsapi"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/service"
	"apex/internal/service/iam"
	"apex/internal/service/servicetest"
)

const (
	trust      = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com","AWS":"000000000000"},"Action":"sts:AssumeRole"}]}`
	readSecret = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:us-east-1:000000000000:secret:db*"}]}`
	execution  = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
)

type fixture struct {
	env service.Env
	svc *iam.Service
	*sdk.Client
}

func start(t *testing.T) fixture {
	t.Helper()
	env := servicetest.Env(t, iam.Tables()...)
	svc := iam.New(env, nil)
	return fixture{env, svc, sdk.NewFromConfig(servicetest.Config(t, env, svc.Routes()))}
}

// must fails the test when a call failed, and returns its answer.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (f fixture) role(t *testing.T, name string) {
	t.Helper()
	must[*sdk.CreateRoleOutput](t)(f.CreateRole(t.Context(), &sdk.CreateRoleInput{
		RoleName: &name, Path: aws.String("/app/"), AssumeRolePolicyDocument: aws.String(trust), Description: aws.String("runs tasks"),
		MaxSessionDuration: aws.Int32(7200), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("crm")}},
	}))
}

func TestRoleIsReadBackAsCreated(t *testing.T) {
	f := start(t)
	f.role(t, "task")
	got := must[*sdk.GetRoleOutput](t)(f.GetRole(t.Context(), &sdk.GetRoleInput{RoleName: aws.String("task")})).Role
	document, err := url.PathUnescape(*got.AssumeRolePolicyDocument)
	if err != nil || document != trust {
		t.Errorf("trust policy %q, %v", document, err)
	}
	if *got.Arn != "arn:aws:iam::000000000000:role/app/task" || *got.Path != "/app/" || *got.Description != "runs tasks" ||
		*got.MaxSessionDuration != 7200 || len(got.Tags) != 1 || len(*got.RoleId) != 21 {
		t.Errorf("role %+v", got)
	}
}

func TestPoliciesOfARole(t *testing.T) {
	f := start(t)
	f.role(t, "task")
	name := aws.String("task")
	must[*sdk.PutRolePolicyOutput](t)(f.PutRolePolicy(t.Context(), &sdk.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("read"), PolicyDocument: aws.String(readSecret)}))
	must[*sdk.AttachRolePolicyOutput](t)(f.AttachRolePolicy(t.Context(), &sdk.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(execution)}))
	attached := must[*sdk.ListAttachedRolePoliciesOutput](t)(f.ListAttachedRolePolicies(t.Context(), &sdk.ListAttachedRolePoliciesInput{RoleName: name}))
	if len(attached.AttachedPolicies) != 1 || *attached.AttachedPolicies[0].PolicyName != "AmazonECSTaskExecutionRolePolicy" {
		t.Errorf("attached %+v", attached.AttachedPolicies)
	}
	inline := must[*sdk.GetRolePolicyOutput](t)(f.GetRolePolicy(t.Context(), &sdk.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("read")}))
	if document, _ := url.PathUnescape(*inline.PolicyDocument); document != readSecret {
		t.Errorf("inline policy %q", document)
	}
	_, err := f.DeleteRole(t.Context(), &sdk.DeleteRoleInput{RoleName: name})
	if got := servicetest.Code(err); got != "DeleteConflict" {
		t.Errorf("deleting a role with policies: %q, want DeleteConflict", got)
	}
	must[*sdk.DetachRolePolicyOutput](t)(f.DetachRolePolicy(t.Context(), &sdk.DetachRolePolicyInput{RoleName: name, PolicyArn: aws.String(execution)}))
	must[*sdk.DeleteRolePolicyOutput](t)(f.DeleteRolePolicy(t.Context(), &sdk.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("read")}))
	must[*sdk.DeleteRoleOutput](t)(f.DeleteRole(t.Context(), &sdk.DeleteRoleInput{RoleName: name}))
	_, err = f.GetRole(t.Context(), &sdk.GetRoleInput{RoleName: name})
	if got := servicetest.Code(err); got != "NoSuchEntity" {
		t.Errorf("reading a deleted role: %q, want NoSuchEntity", got)
	}
}

func TestManagedPolicyVersions(t *testing.T) {
	f := start(t)
	p := must[*sdk.CreatePolicyOutput](t)(f.CreatePolicy(t.Context(), &sdk.CreatePolicyInput{PolicyName: aws.String("read"), PolicyDocument: aws.String(readSecret)})).Policy
	v := must[*sdk.CreatePolicyVersionOutput](t)(f.CreatePolicyVersion(t.Context(), &sdk.CreatePolicyVersionInput{PolicyArn: p.Arn, PolicyDocument: aws.String(readSecret), SetAsDefault: true}))
	if *v.PolicyVersion.VersionId != "v2" || !v.PolicyVersion.IsDefaultVersion {
		t.Errorf("version %+v", v.PolicyVersion)
	}
	_, err := f.DeletePolicy(t.Context(), &sdk.DeletePolicyInput{PolicyArn: p.Arn})
	if got := servicetest.Code(err); got != "DeleteConflict" {
		t.Errorf("deleting a policy of two versions: %q, want DeleteConflict", got)
	}
	must[*sdk.DeletePolicyVersionOutput](t)(f.DeletePolicyVersion(t.Context(), &sdk.DeletePolicyVersionInput{PolicyArn: p.Arn, VersionId: aws.String("v1")}))
	must[*sdk.DeletePolicyOutput](t)(f.DeletePolicy(t.Context(), &sdk.DeletePolicyInput{PolicyArn: p.Arn}))
}

func TestAdministratorsKeyIsMadeOnce(t *testing.T) {
	f := start(t)
	id, secret, err := f.svc.Bootstrap(t.Context(), "000000000000", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	again, same, err := f.svc.Bootstrap(t.Context(), "000000000000", time.Now())
	if err != nil || again != id || same != secret || len(secret) != 40 || len(id) != 20 {
		t.Errorf("first %s, then %s, %v", id, again, err)
	}
	c, ok := iam.Lookup(f.env.Store.Snapshot(), f.env.Sealer, id)
	if !ok || c.Secret != secret || !c.Principal.Root || c.Principal.ARN != "arn:aws:iam::000000000000:root" {
		t.Errorf("lookup: %+v, %v", c.Principal, ok)
	}
}

func TestAccessKeyLivesWithItsUser(t *testing.T) {
	f := start(t)
	name := aws.String("ann")
	must[*sdk.CreateUserOutput](t)(f.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: name}))
	k := must[*sdk.CreateAccessKeyOutput](t)(f.CreateAccessKey(t.Context(), &sdk.CreateAccessKeyInput{UserName: name})).AccessKey
	found := func() bool {
		c, ok := iam.Lookup(f.env.Store.Snapshot(), f.env.Sealer, *k.AccessKeyId)
		return ok && c.Secret == *k.SecretAccessKey && !c.Principal.Root
	}
	if !found() {
		t.Error("a new key is not found")
	}
	must[*sdk.UpdateAccessKeyOutput](t)(f.UpdateAccessKey(t.Context(), &sdk.UpdateAccessKeyInput{UserName: name, AccessKeyId: k.AccessKeyId, Status: types.StatusTypeInactive}))
	if found() {
		t.Error("an inactive key is found")
	}
	_, err := f.DeleteUser(t.Context(), &sdk.DeleteUserInput{UserName: name})
	if got := servicetest.Code(err); got != "DeleteConflict" {
		t.Errorf("deleting a user with keys: %q, want DeleteConflict", got)
	}
}

func TestAuthorize(t *testing.T) {
	f := start(t)
	f.role(t, "task")
	must[*sdk.PutRolePolicyOutput](t)(f.PutRolePolicy(t.Context(), &sdk.PutRolePolicyInput{RoleName: aws.String("task"), PolicyName: aws.String("read"), PolicyDocument: aws.String(readSecret)}))
	secret := func(name string) any {
		return &secretsmanagerapi.GetSecretValueRequest{SecretId: aws.String("arn:aws:secretsmanager:us-east-1:000000000000:secret:" + name)}
	}
	session := api.Principal{ARN: "arn:aws:sts::000000000000:assumed-role/task/session"}
	for name, tt := range map[string]struct {
		who  api.Principal
		op   api.OperationInfo
		in   any
		code string
	}{
		"root may":                {api.Principal{ARN: "arn:aws:iam::000000000000:root", Root: true}, ecsapi.StopTask.Info(), &ecsapi.StopTaskRequest{}, ""},
		"the role's secret":       {session, secretsmanagerapi.GetSecretValue.Info(), secret("db-abc"), ""},
		"the role's, by its name": {session, secretsmanagerapi.GetSecretValue.Info(), &secretsmanagerapi.GetSecretValueRequest{SecretId: aws.String("db")}, ""},
		"another secret":          {session, secretsmanagerapi.GetSecretValue.Info(), secret("other"), "AccessDeniedException"},
		"another action":          {session, secretsmanagerapi.DeleteSecret.Info(), &secretsmanagerapi.DeleteSecretRequest{SecretId: aws.String("db")}, "AccessDeniedException"},
		"in EC2's code":           {session, ec2api.DescribeVpcs.Info(), &ec2api.DescribeVpcsRequest{}, "UnauthorizedOperation"},
		"a role that is gone":     {api.Principal{ARN: "arn:aws:sts::000000000000:assumed-role/gone/x"}, ecsapi.StopTask.Info(), &ecsapi.StopTaskRequest{}, "AccessDeniedException"},
		"nobody":                  {api.Principal{}, ecsapi.StopTask.Info(), &ecsapi.StopTaskRequest{}, "AccessDeniedException"},
	} {
		call := &api.Call{Account: "000000000000", Region: "us-east-1", Now: time.Now(), Principal: tt.who, Route: tt.op}
		err := f.svc.Authorize(t.Context(), call, tt.in)
		got := ""
		if err != nil {
			got = err.(*api.Error).Code
		}
		if got != tt.code {
			t.Errorf("%s: %q, want %q (%v)", name, got, tt.code, err)
		}
	}
}

func TestListsComeInPages(t *testing.T) {
	f := start(t)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		f.role(t, name)
	}
	pages, n := sdk.NewListRolesPaginator(f.Client, &sdk.ListRolesInput{MaxItems: aws.Int32(2)}), 0
	for pages.HasMorePages() {
		n += len(must[*sdk.ListRolesOutput](t)(pages.NextPage(t.Context())).Roles)
	}
	if n != 5 {
		t.Errorf("%d roles in all pages, want 5", n)
	}
}
