package policy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"apex/internal/service/iam/policy"
)

const (
	here, there = "111111111111", "222222222222"
	annARN      = "arn:aws:iam::" + here + ":user/ann"
	roleARN     = "arn:aws:iam::" + here + ":role/app"
	sessionARN  = "arn:aws:sts::" + here + ":assumed-role/app/one"
	guestARN    = "arn:aws:sts::" + here + ":federated-user/guest"
)

var (
	user    = policy.Principal{Account: here, ARNs: []string{annARN}, ID: "AIDAANN"}
	session = policy.Principal{Account: here, ARNs: []string{sessionARN, roleARN}, ID: "AROAAPP"}
	guest   = policy.Principal{Account: here, ARNs: []string{guestARN}}
)

// who is a resource policy of one statement for a principal.
func who(effect, principal string) string {
	return statement(`"Effect":"` + effect + `","Principal":` + principal + `,"Action":"s3:GetObject","Resource":"*"`)
}

func named(t testing.TB, text string) *policy.Named {
	if text == "" {
		return nil
	}
	return &policy.Named{Name: "p", Document: parse(t, text)}
}

func list(t testing.TB, text string) []policy.Named {
	if p := named(t, text); p != nil {
		return []policy.Named{*p}
	}
	return nil
}

// TestDecide is the table of AWS's documented cases (IAM user guide, Policy
// evaluation logic: within one account, and across accounts).
func TestDecide(t *testing.T) {
	const (
		get  = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}`
		put  = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}}`
		deny = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`
	)
	aws := func(name string) string { return `{"AWS":"` + name + `"}` }
	for name, tt := range map[string]struct {
		by                          policy.Principal
		identity, boundary, session string
		owner, resource             string
		required                    bool
		allowed                     bool
		kind                        policy.Kind
	}{
		"nothing allows":                       {by: user, kind: policy.OfIdentity},
		"the user's policy allows":             {by: user, identity: get, allowed: true, kind: policy.OfIdentity},
		"the resource's allows the user":       {by: user, resource: who("Allow", aws(annARN)), allowed: true, kind: policy.OfResource},
		"it allows the user past a boundary":   {by: user, boundary: put, resource: who("Allow", aws(annARN)), allowed: true, kind: policy.OfResource},
		"it allows the user by id":             {by: user, resource: who("Allow", aws("AIDAANN")), allowed: true, kind: policy.OfResource},
		"it allows everyone":                   {by: user, resource: who("Allow", `"*"`), allowed: true, kind: policy.OfResource},
		"it allows the account alone":          {by: user, resource: who("Allow", aws(here)), kind: policy.OfIdentity},
		"it allows the account, the user may":  {by: user, identity: get, resource: who("Allow", aws(here)), allowed: true, kind: policy.OfIdentity},
		"the boundary does not":                {by: user, identity: get, boundary: put, kind: policy.OfBoundary},
		"the boundary alone gives nothing":     {by: user, boundary: get, kind: policy.OfIdentity},
		"the boundary denies":                  {by: user, identity: get, boundary: deny, resource: who("Allow", aws(annARN)), kind: policy.OfBoundary},
		"the resource's denies":                {by: user, identity: get, resource: who("Deny", aws(annARN)), kind: policy.OfResource},
		"the user's denies":                    {by: user, identity: deny, resource: who("Allow", aws(annARN)), kind: policy.OfIdentity},
		"a role by its own policy":             {by: session, identity: get, allowed: true, kind: policy.OfIdentity},
		"a role by the resource's":             {by: session, resource: who("Allow", aws(roleARN)), allowed: true, kind: policy.OfResource},
		"a role, bounded":                      {by: session, boundary: put, resource: who("Allow", aws(roleARN)), kind: policy.OfBoundary},
		"a role, in a narrow session":          {by: session, session: put, resource: who("Allow", aws(roleARN)), kind: policy.OfSession},
		"a session by its name, bounded":       {by: session, boundary: put, session: put, resource: who("Allow", aws(sessionARN)), allowed: true, kind: policy.OfResource},
		"another session's name":               {by: session, resource: who("Allow", aws(sessionARN+"2")), kind: policy.OfIdentity},
		"a session policy that allows":         {by: session, identity: get, session: get, allowed: true, kind: policy.OfIdentity},
		"a session policy that does not":       {by: session, identity: get, session: put, kind: policy.OfSession},
		"a session policy alone gives nothing": {by: session, session: get, kind: policy.OfIdentity},
		"a session policy denies":              {by: session, identity: get, session: deny, resource: who("Allow", aws(sessionARN)), kind: policy.OfSession},
		"a guest by name":                      {by: guest, session: put, resource: who("Allow", aws(guestARN)), allowed: true, kind: policy.OfResource},
		"across accounts, both":                {by: user, identity: get, owner: there, resource: who("Allow", aws(here)), allowed: true, kind: policy.OfIdentity},
		"across accounts, the user's alone":    {by: user, identity: get, owner: there, kind: policy.OfResource},
		"across accounts, the owner's alone":   {by: user, owner: there, resource: who("Allow", aws(annARN)), kind: policy.OfIdentity},
		"across accounts, bounded":             {by: user, identity: get, boundary: put, owner: there, resource: who("Allow", aws(annARN)), kind: policy.OfBoundary},
		"a key whose policy says nothing":      {by: user, identity: get, required: true, resource: who("Allow", aws(there)), kind: policy.OfResource},
		"a key that trusts the account":        {by: user, identity: get, required: true, resource: who("Allow", aws("arn:aws:iam::"+here+":root")), allowed: true, kind: policy.OfIdentity},
		"a key that trusts it, no own policy":  {by: user, required: true, resource: who("Allow", aws("arn:aws:iam::"+here+":root")), kind: policy.OfIdentity},
		"a key that names the user":            {by: user, required: true, resource: who("Allow", aws(annARN)), allowed: true, kind: policy.OfResource},
		"a key without a policy":               {by: user, identity: get, required: true, kind: policy.OfResource},
		"all but the named, denied":            {by: user, identity: get, resource: statement(`"Effect":"Deny","NotPrincipal":{"AWS":["` + roleARN + `","` + here + `"]},"Action":"*","Resource":"*"`), kind: policy.OfResource},
		"the named, spared":                    {by: user, identity: get, resource: statement(`"Effect":"Deny","NotPrincipal":{"AWS":["` + annARN + `","` + here + `"]},"Action":"*","Resource":"*"`), allowed: true, kind: policy.OfIdentity},
	} {
		id := policy.Identity{Policies: list(t, tt.identity), Boundary: named(t, tt.boundary), Session: list(t, tt.session)}
		on := policy.Resource{Account: tt.owner, Policy: named(t, tt.resource), Required: tt.required}
		d := policy.Decide(&id, on, policy.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Principal: tt.by})
		if d.Allowed != tt.allowed || d.Kind != tt.kind || d.Explicit && d.Allowed || d.Allowed && d.By == nil {
			t.Errorf("%s: %+v, want allowed %v by %s", name, d, tt.allowed, tt.kind)
		}
	}
}

// TestOperators are the condition operators with the keys there and missing.
func TestOperators(t *testing.T) {
	keys := policy.Keys{"a:s": {"Web"}, "a:n": {"7"}, "a:d": {"2026-11-25T00:00:00Z"}, "a:b": {"true"}, "a:x": {"QUI="}, "a:i": {"10.0.0.7"}, "a:r": {"arn:aws:s3:::b/k"}, "a:l": {"1", "2"}}
	for condition, want := range map[string]bool{
		`"StringEquals":{"a:s":"Web"}`: true, `"StringEquals":{"a:s":"web"}`: false, `"StringEqualsIgnoreCase":{"a:s":"web"}`: true,
		`"StringLike":{"a:s":"W?b"}`: true, `"StringNotLike":{"a:s":"W*"}`: false, `"StringNotEquals":{"a:none":"x"}`: true,
		`"StringEquals":{"a:none":"x"}`: false, `"StringEqualsIfExists":{"a:none":"x"}`: true, `"StringEqualsIfExists":{"a:s":"x"}`: false,
		`"NumericLessThan":{"a:n":"8"}`: true, `"NumericLessThanEquals":{"a:n":7}`: true, `"NumericGreaterThan":{"a:n":"7"}`: false, `"NumericEquals":{"a:n":"x"}`: false,
		`"DateGreaterThan":{"a:d":"2026-11-24"}`: true, `"DateLessThan":{"a:d":"2026-11-24T23:59:59Z"}`: false,
		`"Bool":{"a:b":true}`: true, `"Bool":{"a:b":"false"}`: false, `"BinaryEquals":{"a:x":"QUI="}`: true, `"BinaryEquals":{"a:x":"QUM="}`: false,
		`"IpAddress":{"a:i":"10.0.0.0/24"}`: true, `"NotIpAddress":{"a:i":"10.0.0.7"}`: false, `"ArnLike":{"a:r":"arn:aws:s3:::b/*"}`: true,
		`"ArnNotEquals":{"a:r":"arn:aws:s3:::b/k"}`: false, `"Null":{"a:none":"true"}`: true, `"Null":{"a:s":"true"}`: false, `"Null":{"a:s":"false"}`: true,
		`"ForAllValues:StringEquals":{"a:l":["1","2","3"]}`: true, `"ForAllValues:StringEquals":{"a:none":"1"}`: true, `"ForAnyValue:StringEquals":{"a:l":"2"}`: true,
		`"ForAnyValue:StringEquals":{"a:none":"1"}`: false, `"ForAnyValue:StringNotEquals":{"a:none":"1"}`: false, `"ForAllValues:StringNotEquals":{"a:l":["3"]}`: true,
		`"ForAnyValue:StringNotEquals":{"a:l":["1"]}`: true,
	} {
		id := policy.Identity{Policies: list(t, statement(`"Effect":"Allow","Action":"*","Resource":"*","Condition":{`+condition+`}`))}
		if got := id.Evaluate(policy.Request{Action: "s3:GetObject", Resource: "*", Context: keys}); got.Allowed != want {
			t.Errorf("%s: allowed %v, want %v", condition, got.Allowed, want)
		}
	}
}

func TestOldDocumentsHaveNoVariables(t *testing.T) {
	old := `{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"home/${aws:username}"}}`
	id := policy.Identity{Policies: list(t, old)}
	if id.Evaluate(policy.Request{Action: "s3:GetObject", Resource: "home/ann", Context: policy.Keys{"aws:username": {"ann"}}}).Allowed {
		t.Error("a variable was filled in")
	}
}

// TestMalformedInAWSsWords are the common faults with IAM's messages.
func TestMalformedInAWSsWords(t *testing.T) {
	identity := func(s string) error { _, err := policy.ParseIdentity(s); return err }
	trust := func(s string) error { _, err := policy.ParseTrust(s); return err }
	for name, tt := range map[string]struct {
		parse      func(string) error
		text, want string
	}{
		"no JSON":          {identity, `{`, "Syntax errors in policy."},
		"a principal":      {identity, who("Allow", `"*"`), "Policy document should not specify a principal."},
		"no resource":      {identity, statement(`"Effect":"Allow","Action":"s3:*"`), "Policy statement must contain resources."},
		"no action":        {identity, statement(`"Effect":"Allow","Resource":"*"`), "Policy statement must contain actions."},
		"no vendor":        {identity, statement(`"Effect":"Allow","Action":"Get","Resource":"*"`), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
		"no ARN":           {identity, statement(`"Effect":"Allow","Action":"s3:*","Resource":"bucket"`), `Resource bucket must be in ARN format or "*".`},
		"a bad Sid":        {identity, statement(`"Sid":"a b","Effect":"Allow","Action":"s3:*","Resource":"*"`), "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"},
		"an operator":      {identity, statement(`"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Like":{"aws:x":"y"}}`), "Invalid Condition type : Like."},
		"trust, resource":  {trust, statement(`"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"`), "Has prohibited field Resource"},
		"trust, nobody":    {trust, statement(`"Effect":"Allow","Action":"sts:AssumeRole"`), "Missing required field Principal"},
		"trust, an action": {trust, statement(`"Effect":"Allow","Principal":"*","Action":"s3:GetObject"`), "AssumeRole policy may only specify STS AssumeRole actions."},
		"trust, somebody":  {trust, statement(`"Effect":"Allow","Principal":{"AWS":"ann"},"Action":"sts:AssumeRole"`), `Invalid principal in policy: "AWS":"ann"`},
	} {
		if err := tt.parse(tt.text); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// A draw makes small policies of few words, so that they often meet.
type draw struct{ *rapid.T }

func (d draw) policies(label string, deny bool) []policy.Named {
	effects := []string{"Allow"}
	if deny {
		effects = []string{"Allow", "Deny"}
	}
	var all []policy.Named
	for range rapid.IntRange(0, 2).Draw(d.T, label) {
		all = append(all, d.policy(effects, ""))
	}
	return all
}

func (d draw) policy(effects []string, principal string) policy.Named {
	text := statement(`"Effect":"` + rapid.SampledFrom(effects).Draw(d.T, "effect") + `",` + principal + `"Action":"` +
		rapid.SampledFrom([]string{"*", "s3:*", "s3:GetObject", "s3:Put*"}).Draw(d.T, "action") + `","Resource":"` +
		rapid.SampledFrom([]string{"*", "arn:aws:s3:::b/*", "arn:aws:s3:::c/*"}).Draw(d.T, "resource") + `"`)
	doc, err := policy.Parse(text)
	if err != nil {
		d.Fatal(err)
	}
	return policy.Named{Name: "p", Document: &doc}
}

func (d draw) scene() (policy.Identity, policy.Resource, policy.Request) {
	id := policy.Identity{Policies: d.policies("identity", true)}
	if rapid.Bool().Draw(d.T, "bounded") {
		p := d.policy([]string{"Allow", "Deny"}, "")
		id.Boundary = &p
	}
	if rapid.Bool().Draw(d.T, "limited") {
		id.Session = append([]policy.Named{}, d.policies("session", true)...)
	}
	on := policy.Resource{Account: rapid.SampledFrom([]string{"", here, there}).Draw(d.T, "owner"), Required: rapid.Bool().Draw(d.T, "required")}
	if rapid.Bool().Draw(d.T, "guarded") {
		name := rapid.SampledFrom([]string{`"*"`, `{"AWS":"` + here + `"}`, `{"AWS":"` + roleARN + `"}`, `{"AWS":"` + sessionARN + `"}`}).Draw(d.T, "principal")
		p := d.policy([]string{"Allow", "Deny"}, `"Principal":`+name+`,`)
		on.Policy = &p
	}
	by := rapid.SampledFrom([]policy.Principal{user, session, guest}).Draw(d.T, "by")
	return id, on, policy.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Principal: by}
}

// TestLimitsNeverWiden: more denies, a boundary or a session policy never allow
// what was not allowed, and what decides is a statement of the right effect.
func TestLimitsNeverWiden(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw{t}
		id, on, r := d.scene()
		before := policy.Decide(&id, on, r)
		if by := before.By; by != nil && (by.Policy.Statements[by.Statement].Effect == policy.Allow) != before.Allowed {
			t.Fatalf("decided by a statement of the other effect: %+v", before)
		}
		if before.Allowed && before.By == nil || before.Explicit && (before.By == nil || before.Allowed) {
			t.Fatalf("no statement decided: %+v", before)
		}
		narrower := id
		switch rapid.IntRange(0, 2).Draw(t, "narrower by") {
		case 0:
			narrower.Policies = append(append([]policy.Named{}, id.Policies...), d.policy([]string{"Deny"}, ""))
		case 1:
			if id.Boundary != nil {
				t.Skip()
			}
			p := d.policy([]string{"Allow", "Deny"}, "")
			narrower.Boundary = &p
		case 2:
			if id.Session != nil {
				t.Skip()
			}
			narrower.Session = append([]policy.Named{}, d.policies("narrow", true)...)
		}
		if after := policy.Decide(&narrower, on, r); after.Allowed && !before.Allowed {
			t.Fatalf("a limit widened: %+v, then %+v", before, after)
		}
	})
}

// at is the offset of a place.
func at(text string, p policy.Position) int {
	offset := 0
	for range p.Line - 1 {
		offset += strings.IndexByte(text[offset:], '\n') + 1
	}
	return offset + int(p.Column) - 1
}

// FuzzSpan: the place of each statement of any document that parses holds a
// statement.
func FuzzSpan(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},` + "\n" + ` {"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`)
	f.Add(` {"Statement" : {"Effect":"Allow","Action":"*"} , "Id":"x"}`)
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := policy.Parse(text)
		if err != nil {
			return
		}
		for i := range doc.Statements {
			from, to := doc.Span(i)
			if part := text[at(text, from):at(text, to)]; !json.Valid([]byte(part)) {
				t.Errorf("statement %d lies from %v to %v: %q", i, from, to, part)
			}
		}
	})
}
