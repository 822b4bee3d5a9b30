package policy_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"apex/internal/service/iam/policy"
)

func parse(t testing.TB, text string) *policy.Document {
	t.Helper()
	d, err := policy.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return &d
}

// statement makes a policy of one statement from its members.
func statement(members string) string {
	return `{"Version":"2012-10-17","Statement":{` + members + `}}`
}

func TestEvaluate(t *testing.T) {
	const task = `"Effect":"Allow","Action":"ecs:*","Resource":"*"`
	request := policy.Request{
		Action: "ecs:UpdateService", Resource: "arn:aws:ecs:us-east-1:1:service/main/web",
		Context: policy.Keys{
			"aws:sourceip": {"10.0.0.7"}, "aws:username": {"ann"}, "aws:multifactorauthage": {"30"},
			"aws:currenttime": {"2026-11-24T00:00:00Z"}, "aws:principalarn": {"arn:aws:iam::1:user/ann"},
			"aws:tagkeys": {"a", "b"}, "aws:securetransport": {"true"},
		},
	}
	for name, tt := range map[string]struct {
		policies []string
		boundary string
		session  string
		want     bool
	}{
		"nothing allows":                  {nil, "", "", false},
		"allowed":                         {[]string{statement(task)}, "", "", true},
		"action without regard to case":   {[]string{statement(`"Effect":"Allow","Action":"ECS:updateservice","Resource":"*"`)}, "", "", true},
		"another action":                  {[]string{statement(`"Effect":"Allow","Action":"ecs:Describe*","Resource":"*"`)}, "", "", false},
		"resource with regard to case":    {[]string{statement(`"Effect":"Allow","Action":"*","Resource":"arn:aws:ecs:us-east-1:1:service/Main/*"`)}, "", "", false},
		"resource by wildcard":            {[]string{statement(`"Effect":"Allow","Action":"*","Resource":"arn:aws:ecs:*:1:service/main/w?b"`)}, "", "", true},
		"deny comes first":                {[]string{statement(task), statement(`"Effect":"Deny","Action":"ecs:Update*","Resource":"*"`)}, "", "", false},
		"NotAction":                       {[]string{statement(`"Effect":"Allow","NotAction":"iam:*","Resource":"*"`)}, "", "", true},
		"NotAction excludes":              {[]string{statement(`"Effect":"Allow","NotAction":"ecs:*","Resource":"*"`)}, "", "", false},
		"NotResource excludes":            {[]string{statement(`"Effect":"Allow","Action":"*","NotResource":"*service/main/*"`)}, "", "", false},
		"boundary allows too":             {[]string{statement(task)}, statement(task), "", true},
		"boundary alone gives nothing":    {nil, statement(task), "", false},
		"boundary does not allow":         {[]string{statement(task)}, statement(`"Effect":"Allow","Action":"s3:*","Resource":"*"`), "", false},
		"session policy does not allow":   {[]string{statement(task)}, "", statement(`"Effect":"Allow","Action":"s3:*","Resource":"*"`), false},
		"boundary denies":                 {[]string{statement(task)}, statement(`"Effect":"Deny","Action":"*","Resource":"*"`), "", false},
		"address in the network":          {[]string{statement(task + `,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`)}, "", "", true},
		"address outside":                 {[]string{statement(task + `,"Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`)}, "", "", false},
		"one of several values":           {[]string{statement(task + `,"Condition":{"StringEquals":{"aws:username":["bob","ann"]}}`)}, "", "", true},
		"none of several values":          {[]string{statement(task + `,"Condition":{"StringNotEquals":{"aws:username":["bob","ann"]}}`)}, "", "", false},
		"all conditions must hold":        {[]string{statement(task + `,"Condition":{"StringEquals":{"aws:username":"ann"},"Bool":{"aws:SecureTransport":"false"}}`)}, "", "", false},
		"a missing key holds nothing":     {[]string{statement(task + `,"Condition":{"StringEquals":{"aws:missing":"x"}}`)}, "", "", false},
		"a missing key if it exists":      {[]string{statement(task + `,"Condition":{"StringEqualsIfExists":{"aws:missing":"x"}}`)}, "", "", true},
		"a missing key is not equal":      {[]string{statement(task + `,"Condition":{"StringNotEquals":{"aws:missing":"x"}}`)}, "", "", true},
		"null: it is missing":             {[]string{statement(task + `,"Condition":{"Null":{"aws:missing":"true"}}`)}, "", "", true},
		"null: it is there":               {[]string{statement(task + `,"Condition":{"Null":{"aws:username":true}}`)}, "", "", false},
		"number":                          {[]string{statement(task + `,"Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":60}}`)}, "", "", true},
		"number is too large":             {[]string{statement(task + `,"Condition":{"NumericGreaterThanEquals":{"aws:MultiFactorAuthAge":"31"}}`)}, "", "", false},
		"date":                            {[]string{statement(task + `,"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}`)}, "", "", true},
		"ARN part by part":                {[]string{statement(task + `,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}}`)}, "", "", true},
		"ARN wildcard keeps to its part":  {[]string{statement(task + `,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:*:user/ann"}}`)}, "", "", false},
		"all values of a set":             {[]string{statement(task + `,"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b","c"]}}`)}, "", "", true},
		"not all values of a set":         {[]string{statement(task + `,"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`)}, "", "", false},
		"any value of a set":              {[]string{statement(task + `,"Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":["b"]}}`)}, "", "", true},
		"variable in a resource":          {[]string{statement(`"Effect":"Allow","Action":"*","Resource":"*/main/${aws:username}"`)}, "", "", false},
		"variable in a condition":         {[]string{statement(task + `,"Condition":{"StringLike":{"aws:PrincipalArn":"*user/${aws:username}"}}`)}, "", "", true},
		"unknown variable matches naught": {[]string{statement(`"Effect":"Allow","Action":"*","Resource":"${aws:none}*"`)}, "", "", false},
		"default of a variable":           {[]string{statement(`"Effect":"Allow","Action":"*","Resource":"arn:*${aws:none, 'web'}"`)}, "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			var id policy.Identity
			for _, p := range tt.policies {
				id.Policies = append(id.Policies, policy.Named{Document: parse(t, p)})
			}
			if tt.boundary != "" {
				id.Boundary = &policy.Named{Name: "boundary", Document: parse(t, tt.boundary)}
			}
			if tt.session != "" {
				id.Session = []policy.Named{{Name: "session", Document: parse(t, tt.session)}}
			}
			if got := id.Evaluate(request); got.Allowed != tt.want {
				t.Errorf("decision %+v, want allowed %v", got, tt.want)
			}
		})
	}
}

func TestCallersValuesAreNoWildcards(t *testing.T) {
	id := policy.Identity{Policies: []policy.Named{{Document: parse(t, statement(`"Effect":"Allow","Action":"*","Resource":"home/${aws:username}"`))}}}
	r := policy.Request{Action: "s3:GetObject", Resource: "home/anybody", Context: policy.Keys{"aws:username": {"*"}}}
	if id.Evaluate(r).Allowed {
		t.Error("a user named * reached another's home")
	}
}

func TestResourcePolicyNamesItsPrincipals(t *testing.T) {
	ann := policy.Principal{Account: "1", ARNs: []string{"arn:aws:iam::1:user/ann"}}
	tasks := policy.Principal{Service: "ecs-tasks.amazonaws.com"}
	for name, tt := range map[string]struct {
		principal string
		who       policy.Principal
		want      bool
	}{
		"anyone":          {`"*"`, ann, true},
		"any of AWS":      {`{"AWS":"*"}`, ann, true},
		"the account":     {`{"AWS":"1"}`, ann, true},
		"its root":        {`{"AWS":"arn:aws:iam::1:root"}`, ann, true},
		"another account": {`{"AWS":"arn:aws:iam::2:root"}`, ann, false},
		"the user":        {`{"AWS":["arn:aws:iam::1:user/bob","arn:aws:iam::1:user/ann"]}`, ann, true},
		"a service":       {`{"Service":"ecs-tasks.amazonaws.com"}`, tasks, true},
		"another service": {`{"Service":"ec2.amazonaws.com"}`, tasks, false},
		"user, service":   {`{"Service":"ecs-tasks.amazonaws.com"}`, ann, false},
	} {
		doc := parse(t, statement(`"Effect":"Allow","Principal":`+tt.principal+`,"Action":"sts:AssumeRole"`))
		got := policy.EvaluateResource(policy.Named{Document: doc}, policy.Request{Action: "sts:AssumeRole", Principal: tt.who})
		if got.Allowed != tt.want {
			t.Errorf("%s: %+v, want allowed %v", name, got, tt.want)
		}
	}
}

func TestMalformedPoliciesAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":           `{`,
		"empty":              ``,
		"no statement":       `{"Version":"2012-10-17"}`,
		"another version":    `{"Version":"2020-01-01","Statement":{"Effect":"Allow","Action":"*"}}`,
		"unknown element":    statement(`"Effect":"Allow","Actions":"*"`),
		"no effect":          statement(`"Action":"*"`),
		"no action":          statement(`"Effect":"Allow"`),
		"both actions":       statement(`"Effect":"Allow","Action":"*","NotAction":"*"`),
		"both resources":     statement(`"Effect":"Allow","Action":"*","Resource":"*","NotResource":"*"`),
		"action, no service": statement(`"Effect":"Allow","Action":"Get"`),
		"unknown operator":   statement(`"Effect":"Allow","Action":"*","Condition":{"StringIs":{"a":"b"}}`),
		"a nested value":     statement(`"Effect":"Allow","Action":"*","Condition":{"Bool":{"a":{}}}`),
		"two documents":      statement(`"Effect":"Allow","Action":"*"`) + "{}",
		"a bare principal":   statement(`"Effect":"Allow","Action":"*","Principal":"ann"`),
		"too long":           statement(`"Effect":"Allow","Action":"*","Sid":"` + strings.Repeat("x", 1<<20) + `"`),
	} {
		if _, err := policy.Parse(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestDenyIsNeverOverruled: whatever else is added, a matching deny stands.
func TestDenyIsNeverOverruled(t *testing.T) {
	deny := parse(t, statement(`"Effect":"Deny","Action":"ecs:Stop*","Resource":"*"`))
	rapid.Check(t, func(t *rapid.T) {
		action := rapid.SampledFrom([]string{"*", "ecs:*", "ecs:StopTask", "ec2:*"})
		var policies []policy.Named
		for range rapid.IntRange(0, 4).Draw(t, "allows") {
			doc, err := policy.Parse(statement(`"Effect":"Allow","Action":"` + action.Draw(t, "action") + `","Resource":"*"`))
			if err != nil {
				t.Fatal(err)
			}
			policies = append(policies, policy.Named{Document: &doc})
		}
		at := rapid.IntRange(0, len(policies)).Draw(t, "at")
		policies = append(policies[:at:at], append([]policy.Named{{Document: deny}}, policies[at:]...)...)
		id := policy.Identity{Policies: policies}
		d := id.Evaluate(policy.Request{Action: "ecs:StopTask", Resource: "x"})
		if d.Allowed || !d.Explicit {
			t.Fatalf("decision %+v", d)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(statement(`"Effect":"Allow","Action":["ecs:*"],"Resource":"*","Condition":{"ForAnyValue:StringLikeIfExists":{"aws:x":["${aws:y, 'z'}*",1,true]}}`))
	f.Add(statement(`"Effect":"Deny","NotAction":"s3:*","Principal":{"AWS":["1"]},"NotResource":"a*b?c"`))
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := policy.Parse(text)
		if err != nil {
			return
		}
		r := policy.Request{Action: "ecs:StopTask", Resource: "arn:x", Context: policy.Keys{"aws:x": {"*"}, "aws:y": {"${"}}}
		id := policy.Identity{Policies: []policy.Named{{Document: &doc}}}
		id.Evaluate(r)
	})
}
