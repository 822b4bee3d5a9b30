package policy_test

import (
	"strings"
	"testing"

	"apex/internal/service/iam/policy"
)

// TestServicesAreLetInByTheResource: a service of AWS has no account and no policies
// of its own, so the resource's policy alone decides, in any account.
func TestServicesAreLetInByTheResource(t *testing.T) {
	const (
		queue   = "arn:aws:sqs:us-east-1:" + here + ":inbox"
		rule    = "arn:aws:events:us-east-1:" + here + ":rule/ended"
		rules   = `{"Service":"events.amazonaws.com"}`
		fromARN = `"Condition":{"ArnEquals":{"aws:SourceArn":"` + rule + `"}}`
		fromOwn = `"Condition":{"StringEquals":{"aws:SourceAccount":"` + here + `"}}`
	)
	says := func(effect, principal string, more ...string) string {
		return `{` + strings.Join(append([]string{`"Effect":"` + effect + `","Principal":` + principal + `,"Action":"sqs:SendMessage","Resource":"` + queue + `"`}, more...), ",") + `}`
	}
	own := policy.Keys{"aws:sourcearn": {rule}, "aws:sourceaccount": {here}}
	foreign := policy.Keys{"aws:sourcearn": {"arn:aws:events:us-east-1:" + there + ":rule/ended"}, "aws:sourceaccount": {there}}
	for name, tt := range map[string]struct {
		statements        []string // none is no policy
		keys              policy.Keys
		required          bool
		allowed, explicit bool
	}{
		"no policy":                   {keys: own},
		"no policy, one is needed":    {keys: own, required: true},
		"named":                       {statements: []string{says("Allow", rules)}, keys: own, allowed: true},
		"named, by a key's policy":    {statements: []string{says("Allow", rules)}, keys: own, required: true, allowed: true},
		"anyone":                      {statements: []string{says("Allow", `"*"`)}, keys: own, allowed: true},
		"another service":             {statements: []string{says("Allow", `{"Service":"sns.amazonaws.com"}`)}, keys: own},
		"the account is no service":   {statements: []string{says("Allow", `{"AWS":"`+here+`"}`)}, keys: own},
		"a deny after the allow":      {statements: []string{says("Allow", rules), says("Deny", rules)}, keys: own, explicit: true},
		"a deny to everyone":          {statements: []string{says("Deny", `"*"`), says("Allow", rules)}, keys: own, explicit: true},
		"a deny to another service":   {statements: []string{says("Allow", rules), says("Deny", `{"Service":"sns.amazonaws.com"}`)}, keys: own, allowed: true},
		"a deny to other sources":     {statements: []string{says("Allow", rules), says("Deny", rules, `"Condition":{"ArnNotEquals":{"aws:SourceArn":"`+rule+`"}}`)}, keys: foreign, explicit: true},
		"the source it wants":         {statements: []string{says("Allow", rules, fromARN)}, keys: own, allowed: true},
		"another source":              {statements: []string{says("Allow", rules, fromARN)}, keys: foreign},
		"a source untold":             {statements: []string{says("Allow", rules, fromARN)}},
		"the source's account":        {statements: []string{says("Allow", rules, fromOwn)}, keys: own, allowed: true},
		"another's account":           {statements: []string{says("Allow", rules, fromOwn)}, keys: foreign},
		"an account untold":           {statements: []string{says("Allow", rules, fromOwn)}},
		"one statement of two allows": {statements: []string{says("Allow", rules, fromARN), says("Allow", rules)}, keys: foreign, allowed: true},
	} {
		on := policy.Resource{Account: here, Required: tt.required}
		if tt.statements != nil {
			on.Policy = named(t, `{"Version":"2012-10-17","Statement":[`+strings.Join(tt.statements, ",")+`]}`)
		}
		d := policy.Decide(&policy.Identity{}, on, policy.Request{
			Action: "sqs:SendMessage", Resource: queue, Principal: policy.Principal{Service: "events.amazonaws.com"}, Context: tt.keys,
		})
		if d.Allowed != tt.allowed || d.Explicit != tt.explicit || d.Kind != policy.OfResource || (d.By != nil) != (tt.allowed || tt.explicit) {
			t.Errorf("%s: %+v, want allowed %v, denied by a statement %v", name, d, tt.allowed, tt.explicit)
		}
	}
}
