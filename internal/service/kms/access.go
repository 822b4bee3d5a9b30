package kms

import (
	"encoding/json"
	"slices"

	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

// Find returns what deciding on access must know of a key, which an ARN names by
// its ID or by an alias. Nothing is allowed against the will of its policy and
// its grants.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	k, err := lookup(r, name.Scope(), name.String())
	if err != nil {
		return service.Resource{}, false
	}
	return service.Resource{
		ARN: k.ARN(), Policy: withGrants(r, &k), Required: true, Tags: k.Spec.Tags,
		Keys: map[string][]string{
			"kms:keyspec": {k.Spec.Kind}, "kms:keyusage": {k.Spec.Usage}, "kms:keyorigin": {k.Spec.Origin},
			"kms:resourcealiases": aliasesOf(r, &k), "kms:multiregion": {"false"},
		},
	}, true
}

func aliasesOf(r store.Reader, k *Key) (names []string) {
	if k.Spec.Managed != "" {
		return []string{k.Spec.Managed}
	}
	scope, id := arn.SplitKey(k.Key)
	for _, a := range Aliases.Prefix(r, scope.Prefix()) {
		if a.Spec.Target == id {
			names = append(names, a.Spec.Name)
		}
	}
	return names
}

// withGrants returns a key's policy with a statement for each grant: a grant
// allows its principal what a policy would.
func withGrants(r store.Reader, k *Key) string {
	var more []any
	for _, g := range Grants.Prefix(r, k.Key+"/") {
		more = append(more, g.Spec.statement())
	}
	var document map[string]any
	if len(more) == 0 || json.Unmarshal([]byte(k.Spec.Policy), &document) != nil {
		return k.Spec.Policy
	}
	statements, several := document["Statement"].([]any)
	if !several {
		statements = []any{document["Statement"]}
	}
	document["Statement"] = append(statements, more...)
	text, err := json.Marshal(document)
	if err != nil {
		return k.Spec.Policy
	}
	return string(text)
}

func (g *GrantSpec) statement() any {
	actions := make([]string, len(g.Operations))
	for i, operation := range g.Operations {
		actions[i] = "kms:" + operation
	}
	equal := map[string]any{}
	for _, constraint := range []map[string]string{g.Subset, g.Equals} {
		for key, value := range constraint {
			equal["kms:EncryptionContext:"+key] = value
		}
	}
	condition := map[string]any{}
	if len(equal) > 0 {
		condition["StringEquals"] = equal
	}
	if g.Equals != nil {
		keys := []string{}
		for key := range g.Equals {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		condition["ForAllValues:StringEquals"] = map[string]any{"kms:EncryptionContextKeys": keys}
	}
	return map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"AWS": g.Grantee}, "Action": actions, "Resource": "*", "Condition": condition,
	}
}
