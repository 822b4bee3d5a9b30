package sts_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"apex/internal/service/servicetest"
)

// may says which of three calls the holder of a configuration may make.
func (w *world) may(cfg aws.Config) string {
	w.t.Helper()
	client, allowed := awsiam.NewFromConfig(cfg), []string{}
	if _, err := client.ListRoles(w.t.Context(), nil); err == nil {
		allowed = append(allowed, "roles")
	}
	if _, err := client.ListUsers(w.t.Context(), nil); err == nil {
		allowed = append(allowed, "users")
	}
	if _, err := client.ListGroups(w.t.Context(), nil); err == nil {
		allowed = append(allowed, "groups")
	}
	return strings.Join(allowed, " ")
}

func allows(actions string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["` + strings.ReplaceAll(actions, " ", `","`) + `"],"Resource":"*"}}`
}

// TestSessionPoliciesNarrow: a session may do what both the role and one of the
// session's policies allow.
func TestSessionPoliciesNarrow(t *testing.T) {
	w := open(t)
	role := w.role("operator", trustAccount, allows("iam:ListRoles iam:ListUsers"))
	managed, err := awsiam.NewFromConfig(w.admin).CreatePolicy(t.Context(), &awsiam.CreatePolicyInput{
		PolicyName: aws.String("users"), PolicyDocument: aws.String(allows("iam:ListUsers iam:ListGroups")),
	})
	if err != nil {
		t.Fatal(err)
	}
	arns := []types.PolicyDescriptorType{{Arn: managed.Policy.Arn}}
	for name, tt := range map[string]struct {
		inline string
		arns   []types.PolicyDescriptorType
		want   string
	}{
		"none":           {"", nil, "roles users"},
		"inline":         {allows("iam:ListRoles"), nil, "roles"},
		"wider":          {allows("*"), nil, "roles users"},
		"managed":        {"", arns, "users"},
		"both":           {allows("iam:ListRoles"), arns, "roles users"},
		"what it denies": {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:ListRoles","Resource":"*"}]}`, nil, "users"},
	} {
		out, err := assume(w, w.admin, role, func(in *awssts.AssumeRoleInput) {
			in.PolicyArns = tt.arns
			if tt.inline != "" {
				in.Policy = &tt.inline
			}
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := w.may(w.with(out.Credentials)); got != tt.want {
			t.Errorf("%s: may list %q, want %q", name, got, tt.want)
		}
	}
}

// TestFederatedUsers have a part of their maker's rights: what the call's policies
// allow, and none without.
func TestFederatedUsers(t *testing.T) {
	w := open(t)
	ann := w.user("ann", allows("sts:GetFederationToken iam:ListRoles iam:ListUsers"))
	federate := func(cfg aws.Config, policy *string) (*awssts.GetFederationTokenOutput, error) {
		return awssts.NewFromConfig(cfg).GetFederationToken(t.Context(), &awssts.GetFederationTokenInput{Name: aws.String("guest"), Policy: policy})
	}
	out, err := federate(ann, nil)
	if err != nil {
		t.Fatal(err)
	}
	guest := w.with(out.Credentials)
	if got := w.whoIs(guest); got != "arn:aws:sts::000000000000:federated-user/guest" {
		t.Errorf("the guest is %s", got)
	}
	if got := w.may(guest); got != "" {
		t.Errorf("without a policy the guest may list %q", got)
	}
	if _, err := federate(guest, nil); servicetest.Code(err) != "AccessDenied" {
		t.Errorf("a guest's guest: %v", err)
	}
	if _, err := federate(w.user("bob", mayListRoles), nil); servicetest.Code(err) != "AccessDenied" {
		t.Errorf("without the right: %v", err)
	}
}

// TestSessionTags become the caller's: policies read them as aws:PrincipalTag, and
// transitive ones go along to the next role.
func TestSessionTags(t *testing.T) {
	w := open(t)
	trust := strings.Replace(trustAccount, `"sts:AssumeRole"`, `["sts:AssumeRole","sts:TagSession"]`, 1)
	byTeam := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListRoles","sts:AssumeRole"],"Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"crm"}}}]}`
	first, second := w.role("first", trust, byTeam), w.role("second", trust, byTeam)
	tagged := func(team string, transitive ...string) func(*awssts.AssumeRoleInput) {
		return func(in *awssts.AssumeRoleInput) {
			in.Tags = []types.Tag{{Key: aws.String("team"), Value: &team}}
			in.TransitiveTagKeys = transitive
		}
	}
	for team, want := range map[string]string{"crm": "roles", "other": ""} {
		out, err := assume(w, w.admin, first, tagged(team))
		if err != nil {
			t.Fatal(err)
		}
		if got := w.may(w.with(out.Credentials)); got != want {
			t.Errorf("team %s may list %q, want %q", team, got, want)
		}
	}
	for name, tt := range map[string]struct {
		change func(*awssts.AssumeRoleInput)
		want   string
	}{"transitive": {tagged("crm", "team"), "roles"}, "of the first session only": {tagged("crm"), ""}} {
		out, err := assume(w, w.admin, first, tt.change)
		if err != nil {
			t.Fatal(err)
		}
		chained, err := assume(w, w.with(out.Credentials), second)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := w.may(w.with(chained.Credentials)); got != tt.want {
			t.Errorf("%s: may list %q, want %q", name, got, tt.want)
		}
	}
	if _, err := assume(w, w.admin, first, func(in *awssts.AssumeRoleInput) { in.TransitiveTagKeys = []string{"none"} }); servicetest.Code(err) != "ValidationError" {
		t.Errorf("a transitive key without a tag: %v", err)
	}
}
