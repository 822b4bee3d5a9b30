package sts_test

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/endpoint"
	"apex/internal/sdkhttp"
	"apex/internal/service"
	"apex/internal/service/iam"
	"apex/internal/service/servicetest"
	"apex/internal/service/sts"
	"apex/internal/store"
)

const (
	trustAccount = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}}`
	trustTasks   = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}}`
	mayAll       = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	mayListRoles = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*"}}`
)

// A world is IAM and STS behind a real endpoint, with signatures verified and
// policies evaluated.
type world struct {
	t   *testing.T
	env service.Env
	url string
	// admin signs as the account's administrator.
	admin aws.Config
}

func open(t *testing.T) *world {
	t.Helper()
	env := servicetest.Env(t, slices.Concat(iam.Tables(), sts.Tables())...)
	people, sessions := iam.New(env, nil), sts.New(env)
	server := httptest.NewServer(endpoint.New(endpoint.Config{
		Routes: slices.Concat(people.Routes(), sessions.Routes()),
		Region: env.Region, Now: env.Now, Log: env.Log, Authorize: people.Authorize,
		Credentials: func(id string) (api.Credential, bool) {
			if c, ok := iam.Lookup(env.Store.Snapshot(), env.Sealer, id); ok {
				return c, true
			}
			return sts.Lookup(env.Store.Snapshot(), env.Sealer, id)
		},
	}))
	t.Cleanup(server.Close)
	w := &world{t: t, env: env, url: server.URL}
	id, secret, err := people.Bootstrap(t.Context(), env.Account, env.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.admin = w.config(id, secret, "")
	return w
}

func (w *world) config(id, secret, token string) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &w.url, RetryMaxAttempts: 1, HTTPClient: sdkhttp.New(),
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, token),
	}
}

func (w *world) with(c *types.Credentials) aws.Config {
	return w.config(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
}

// role makes a role that may do what the policy says, and returns its ARN.
func (w *world) role(name, trust, policy string) string {
	w.t.Helper()
	client := awsiam.NewFromConfig(w.admin)
	made, err := client.CreateRole(w.t.Context(), &awsiam.CreateRoleInput{
		RoleName: &name, AssumeRolePolicyDocument: &trust, MaxSessionDuration: aws.Int32(7200), Path: aws.String("/apps/"),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := client.PutRolePolicy(w.t.Context(), &awsiam.PutRolePolicyInput{
		RoleName: &name, PolicyName: aws.String("rights"), PolicyDocument: &policy,
	}); err != nil {
		w.t.Fatal(err)
	}
	return *made.Role.Arn
}

// user makes a user that may do what the policy says, and returns how it signs.
func (w *world) user(name, policy string) aws.Config {
	w.t.Helper()
	client := awsiam.NewFromConfig(w.admin)
	_, err := client.CreateUser(w.t.Context(), &awsiam.CreateUserInput{UserName: &name})
	_, err2 := client.PutUserPolicy(w.t.Context(), &awsiam.PutUserPolicyInput{
		UserName: &name, PolicyName: aws.String("rights"), PolicyDocument: &policy,
	})
	key, err3 := client.CreateAccessKey(w.t.Context(), &awsiam.CreateAccessKeyInput{UserName: &name})
	if err := errors.Join(err, err2, err3); err != nil {
		w.t.Fatal(err)
	}
	return w.config(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
}

func (w *world) whoIs(cfg aws.Config) string {
	w.t.Helper()
	out, err := awssts.NewFromConfig(cfg).GetCallerIdentity(w.t.Context(), nil)
	if err != nil {
		return servicetest.Code(err)
	}
	return *out.Arn
}

func assume(w *world, cfg aws.Config, role string, change ...func(*awssts.AssumeRoleInput)) (*awssts.AssumeRoleOutput, error) {
	in := &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("deploy")}
	for _, c := range change {
		c(in)
	}
	return awssts.NewFromConfig(cfg).AssumeRole(w.t.Context(), in)
}

func TestARoleGivesItsRightsAndNoMore(t *testing.T) {
	w := open(t)
	role := w.role("deployer", trustAccount, mayListRoles)
	ann := w.user("ann", mayAll)
	out, err := assume(w, ann, role)
	if err != nil {
		t.Fatal(err)
	}
	const want = "arn:aws:sts::000000000000:assumed-role/deployer/deploy"
	session := w.with(out.Credentials)
	if got := w.whoIs(session); got != want || *out.AssumedRoleUser.Arn != want {
		t.Errorf("the session is %s, said to be %s", got, *out.AssumedRoleUser.Arn)
	}
	if _, err := awsiam.NewFromConfig(session).ListRoles(t.Context(), nil); err != nil {
		t.Errorf("what the role may do: %v", err)
	}
	if _, err := awsiam.NewFromConfig(session).ListUsers(t.Context(), nil); servicetest.Code(err) != "AccessDenied" {
		t.Errorf("what the role may not do: %v", err)
	}
}

func TestWhoMayAssume(t *testing.T) {
	w := open(t)
	ann, bob := w.user("ann", mayAll), w.user("bob", mayListRoles)
	plain := w.role("plain", trustAccount, mayAll)
	tasks := w.role("tasks", trustTasks, mayAll)
	onlyBob := w.role("only-bob", strings.Replace(trustAccount, `"000000000000"`, `"arn:aws:iam::000000000000:user/bob"`, 1), mayAll)
	external := w.role("external", strings.Replace(trustAccount, `"Action"`, `"Condition":{"StringEquals":{"sts:ExternalId":"42"}},"Action"`, 1), mayAll)
	with := func(id string) func(*awssts.AssumeRoleInput) {
		return func(in *awssts.AssumeRoleInput) { in.ExternalId = &id }
	}
	lasting := func(seconds int32) func(*awssts.AssumeRoleInput) {
		return func(in *awssts.AssumeRoleInput) { in.DurationSeconds = &seconds }
	}
	for name, tt := range map[string]struct {
		who    aws.Config
		role   string
		change func(*awssts.AssumeRoleInput)
		code   string
	}{
		"trusted":                    {ann, plain, nil, ""},
		"the administrator":          {w.admin, plain, nil, ""},
		"no right of its own":        {bob, plain, nil, "AccessDenied"},
		"not trusted":                {ann, tasks, nil, "AccessDenied"},
		"another is trusted":         {ann, onlyBob, nil, "AccessDenied"},
		"no such role":               {ann, "arn:aws:iam::000000000000:role/none", nil, "AccessDenied"},
		"another path":               {ann, "arn:aws:iam::000000000000:role/plain", nil, "AccessDenied"},
		"external id":                {ann, external, with("42"), ""},
		"wrong external id":          {ann, external, with("43"), "AccessDenied"},
		"no external id":             {ann, external, nil, "AccessDenied"},
		"as long as the role allows": {ann, plain, lasting(7200), ""},
		"longer":                     {ann, plain, lasting(7201), "ValidationError"},
		"too short":                  {ann, plain, lasting(899), "ValidationError"},
		"session policy": {ann, plain, func(in *awssts.AssumeRoleInput) {
			in.Policy = aws.String(mayListRoles)
		}, ""},
		"malformed session policy": {ann, plain, func(in *awssts.AssumeRoleInput) {
			in.Policy = aws.String(`{"Statement":{}}`)
		}, "MalformedPolicyDocument"},
		"too many policies": {ann, plain, func(in *awssts.AssumeRoleInput) {
			in.Policy = aws.String(strings.Replace(mayListRoles, `"Effect"`, `"Sid":"`+strings.Repeat("x", 2048)+`","Effect"`, 1))
		}, "PackedPolicyTooLarge"},
		"a policy that is not there": {ann, plain, func(in *awssts.AssumeRoleInput) {
			in.PolicyArns = []types.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::000000000000:policy/none")}}
		}, "ValidationError"},
		"session tags that the trust does not allow": {ann, plain, func(in *awssts.AssumeRoleInput) {
			in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
		}, "AccessDenied"},
	} {
		t.Run(name, func(t *testing.T) {
			change := tt.change
			if change == nil {
				change = func(*awssts.AssumeRoleInput) {}
			}
			if _, err := assume(w, tt.who, tt.role, change); servicetest.Code(err) != tt.code {
				t.Errorf("got %v, want %q", err, tt.code)
			}
		})
	}
}

func TestChainedRolesLastAnHour(t *testing.T) {
	w := open(t)
	first := w.role("first", trustAccount, mayAll)
	second := w.role("second", strings.Replace(trustAccount, `"000000000000"`, `"`+first+`"`, 1), mayAll)
	out, err := assume(w, w.admin, first)
	if err != nil {
		t.Fatal(err)
	}
	session := w.with(out.Credentials)
	if _, err := assume(w, session, second); err != nil {
		t.Errorf("a role that trusts the session's role: %v", err)
	}
	_, err = assume(w, session, second, func(in *awssts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(3601) })
	if servicetest.Code(err) != "ValidationError" {
		t.Errorf("longer than an hour: %v", err)
	}
}

func TestSessionEndsWithItsOwner(t *testing.T) {
	w := open(t)
	role := w.role("short-lived", trustAccount, mayAll)
	out, err := assume(w, w.admin, role)
	if err != nil {
		t.Fatal(err)
	}
	client, name := awsiam.NewFromConfig(w.admin), aws.String("short-lived")
	_, err = client.DeleteRolePolicy(t.Context(), &awsiam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("rights")})
	_, err2 := client.DeleteRole(t.Context(), &awsiam.DeleteRoleInput{RoleName: name})
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	if got := w.whoIs(w.with(out.Credentials)); got != "InvalidClientTokenId" {
		t.Errorf("after the role is gone: %s", got)
	}
	w.role("short-lived", trustAccount, mayAll)
	if got := w.whoIs(w.with(out.Credentials)); got != "InvalidClientTokenId" {
		t.Errorf("a namesake's session: %s", got)
	}
}

func TestSessionToken(t *testing.T) {
	w := open(t)
	ann := w.user("ann", mayListRoles)
	out, err := awssts.NewFromConfig(ann).GetSessionToken(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	session := w.with(out.Credentials)
	if got := w.whoIs(session); got != "arn:aws:iam::000000000000:user/ann" {
		t.Errorf("the session is %s", got)
	}
	if _, err := awsiam.NewFromConfig(session).ListUsers(t.Context(), nil); servicetest.Code(err) != "AccessDenied" {
		t.Errorf("what the user may not do: %v", err)
	}
	if _, err := awssts.NewFromConfig(session).GetSessionToken(t.Context(), nil); servicetest.Code(err) != "AccessDenied" {
		t.Errorf("a session of a session: %v", err)
	}
	if got := w.whoIs(w.config(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, "")); got != "InvalidClientTokenId" {
		t.Errorf("without the token: %s", got)
	}
	info, err := awssts.NewFromConfig(w.admin).GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: out.Credentials.AccessKeyId})
	if err != nil || *info.Account != servicetest.Account {
		t.Errorf("key info %+v, %v", info, err)
	}
}

// issue makes a role's session as ECS does for a task.
func (w *world) issue(role string, lifetime time.Duration) sts.Credentials {
	w.t.Helper()
	var issued sts.Credentials
	scope := arn.Scope{Account: w.env.Account, Region: w.env.Region}
	if err := w.env.Store.Update(w.t.Context(), func(tx *store.Tx) (err error) {
		issued, err = sts.IssueRoleSession(tx, w.env.Sealer, scope, role, "task-1", lifetime, w.env.Now())
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return issued
}

const taskARN = "arn:aws:ecs:us-east-1:000000000000:task/main/1"

// TestNoDeputyIsConfused: a role that names the account and the resource that it
// is for is lent to no other.
func TestNoDeputyIsConfused(t *testing.T) {
	w := open(t)
	for name, tt := range map[string]struct {
		condition string
		ok        bool
	}{
		"this account":        {`{"StringEquals":{"aws:SourceAccount":"000000000000"}}`, true},
		"another account":     {`{"StringEquals":{"aws:SourceAccount":"111111111111"}}`, false},
		"tasks of the region": {`{"ArnLike":{"aws:SourceArn":"arn:aws:ecs:us-east-1:000000000000:*"}}`, true},
		"another cluster":     {`{"ArnLike":{"aws:SourceArn":"arn:aws:ecs:us-east-1:000000000000:task/other/*"}}`, false},
	} {
		role := w.role(strings.ReplaceAll(name, " ", "-"), strings.Replace(trustTasks, `"sts:AssumeRole"`, `"sts:AssumeRole","Condition":`+tt.condition, 1), mayListRoles)
		if err := sts.TrustsService(w.env.Store.Snapshot(), role, "ecs-tasks.amazonaws.com", taskARN); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTasksGetTheirRole(t *testing.T) {
	w := open(t)
	role := w.role("task-role", trustTasks, mayListRoles)
	for who, ok := range map[string]bool{"ecs-tasks.amazonaws.com": true, "ec2.amazonaws.com": false} {
		if err := sts.TrustsService(w.env.Store.Snapshot(), role, who, taskARN); (err == nil) != ok {
			t.Errorf("%s: %v", who, err)
		}
	}
	if err := sts.TrustsService(w.env.Store.Snapshot(), role+"x", "ecs-tasks.amazonaws.com", taskARN); err == nil {
		t.Error("a role that is not there is trusted")
	}
	issued := w.issue(role, time.Hour)
	if got := w.whoIs(w.config(issued.AccessKeyID, issued.Secret, issued.Token)); got != "arn:aws:sts::000000000000:assumed-role/task-role/task-1" {
		t.Errorf("the task is %s", got)
	}
}

func TestEndedSessions(t *testing.T) {
	w := open(t)
	role := w.role("r", trustAccount, mayAll)
	ended := w.issue(role, -time.Second)
	if got := w.whoIs(w.config(ended.AccessKeyID, ended.Secret, ended.Token)); got != "ExpiredToken" {
		t.Errorf("just ended: %s", got)
	}
	longAgo := w.issue(role, -2*time.Hour)
	w.issue(role, time.Hour) // sweeps
	snap := w.env.Store.Snapshot()
	if _, ok := sts.Sessions.Get(snap, longAgo.AccessKeyID); ok {
		t.Error("a session that ended long ago is kept")
	}
	if _, ok := sts.Sessions.Get(snap, ended.AccessKeyID); !ok {
		t.Error("a session that just ended is gone")
	}
}

func TestSecretsAreSealedAtRest(t *testing.T) {
	w := open(t)
	issued := w.issue(w.role("r", trustAccount, mayAll), time.Hour)
	data, err := os.ReadFile(filepath.Join(w.env.Home, "store"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(issued.AccessKeyID)) {
		t.Fatal("the session is not on disk")
	}
	for _, secret := range []string{issued.Secret, issued.Token} {
		if bytes.Contains(data, []byte(secret)) {
			t.Error("the store shows a session's secret")
		}
	}
}
