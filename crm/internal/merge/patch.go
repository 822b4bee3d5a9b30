package merge

import (
	"encoding/json"
	"slices"
	"strings"

	"apexai/crm/internal/check"
)

// members are those of a record that a merge decides on.
var members = map[string][]string{
	"person":  {"firstName", "lastName", "title", "companyId", "ownerId", "source", "address"},
	"company": {"name", "domain", "industry", "sizeBand", "address", "ownerId", "source"},
}

// lists are the members that become both records' together.
var lists = map[string][]string{"person": {"emails", "phones", "tags"}, "company": {"tags"}}

type object = map[string]json.RawMessage

// decide makes the patch by which the winner becomes the merged record: its
// own values, the loser's where it has none or where they are chosen, and
// both's addresses, numbers and tags.
func decide(kind string, winner, loser object, choose map[string]string) (object, error) {
	var f check.Faults
	for name, whose := range choose {
		known := slices.Contains(members[kind], name) || strings.HasPrefix(name, "custom.")
		if !known || whose != "mine" && whose != "theirs" {
			f.Add("/choose/"+name, "choice", "mine or theirs, of a field that the record has")
		}
	}
	if err := f.Problem(); err != nil {
		return nil, err
	}
	patch := object{}
	for _, name := range members[kind] {
		if theirs(winner[name], loser[name], choose[name]) {
			patch[name] = loser[name]
		}
	}
	for _, name := range lists[kind] {
		both, grown, err := union(winner[name], loser[name])
		if err != nil {
			return nil, err
		}
		if grown {
			patch[name] = both
		}
	}
	custom, err := own(winner["custom"], loser["custom"], choose)
	if custom != nil {
		patch["custom"] = custom
	}
	return patch, err
}

func theirs(mine, other json.RawMessage, chosen string) bool {
	return string(mine) != string(other) && (chosen == "theirs" || chosen == "" && blank(mine) && !blank(other))
}

func blank(v json.RawMessage) bool {
	return len(v) == 0 || string(v) == "null" || string(v) == `""` || string(v) == "[]"
}

func own(mine, other json.RawMessage, choose map[string]string) (json.RawMessage, error) {
	a, b, patch := object{}, object{}, object{}
	if err := json.Unmarshal(mine, &a); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(other, &b); err != nil {
		return nil, err
	}
	for key, value := range b {
		if theirs(a[key], value, choose["custom."+key]) {
			patch[key] = value
		}
	}
	for key := range a {
		if b[key] == nil && choose["custom."+key] == "theirs" {
			patch[key] = json.RawMessage("null")
		}
	}
	if len(patch) == 0 {
		return nil, nil
	}
	return json.Marshal(patch)
}

// digits leaves of a number what tells two apart.
var digits = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", ",", "", "/", "", "x", "", "#", "")

// union is both lists, each thing once.
func union(mine, other json.RawMessage) (json.RawMessage, bool, error) {
	type entry struct{ Value, Name string }
	var a, b []json.RawMessage
	if err := json.Unmarshal(mine, &a); err != nil {
		return nil, false, err
	}
	if err := json.Unmarshal(other, &b); err != nil {
		return nil, false, err
	}
	seen, grown := map[string]bool{}, false
	key := func(raw json.RawMessage) string {
		var e entry
		if json.Unmarshal(raw, &e) != nil {
			return string(raw)
		}
		if !strings.Contains(e.Value, "@") {
			e.Value = digits.Replace(e.Value)
		}
		return strings.ToLower(e.Value + "\x00" + e.Name)
	}
	for _, raw := range a {
		seen[key(raw)] = true
	}
	for _, raw := range b {
		if k := key(raw); !seen[k] && len(a) < 10 {
			seen[k], grown, a = true, true, append(a, raw)
		}
	}
	both, err := json.Marshal(a)
	return both, grown, err
}
