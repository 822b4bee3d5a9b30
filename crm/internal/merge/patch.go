package merge

import (
	"encoding/json"
	"slices"
	"strings"

	"apexai/crm/internal/check"
)

// members are those of a record that a merge decides on. A deal stays in its
// stage: its way there, and why it was lost, are its own.
var members = map[string][]string{
	"person":  {"firstName", "lastName", "title", "companyId", "ownerId", "source", "address"},
	"company": {"name", "domain", "industry", "sizeBand", "address", "ownerId", "source"},
	"deal":    {"title", "amountMinor", "closeDate", "ownerId", "companyId", "primaryPersonId"},
}

// along is what a member means nothing without.
var along = map[string]string{"amountMinor": "currency"}

// A list is a member that becomes both records' together, up to so many.
type list struct {
	name string
	most int
}

var lists = map[string][]list{
	"person":  {{"emails", 10}, {"phones", 10}, {"tags", 30}},
	"company": {{"tags", 30}},
	"deal":    {{"people", 30}, {"tags", 30}},
}

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
		with := along[name]
		differ := string(winner[name]) != string(loser[name]) || with != "" && string(winner[with]) != string(loser[with])
		if !differ || !theirs(unsaid(winner[name]), unsaid(loser[name]), choose[name]) {
			continue
		}
		if patch[name] = loser[name]; with != "" {
			patch[with] = loser[with]
		}
	}
	for _, l := range lists[kind] {
		both, grown, err := union(winner[l.name], loser[l.name], l.most)
		if err != nil {
			return nil, err
		}
		if grown {
			patch[l.name] = both
		}
	}
	custom, err := own(winner["custom"], loser["custom"], choose)
	if custom != nil {
		patch["custom"] = custom
	}
	return patch, err
}

// theirs says whether the loser's value is kept, of two that differ.
func theirs(mineBlank, otherBlank bool, chosen string) bool {
	return chosen == "theirs" || chosen == "" && mineBlank && !otherBlank
}

func blank(v json.RawMessage) bool {
	return len(v) == 0 || string(v) == "null" || string(v) == `""` || string(v) == "[]"
}

// unsaid is blank for a member that every record has, of which 0 is an amount
// that is not known.
func unsaid(v json.RawMessage) bool { return blank(v) || string(v) == "0" }

func own(mine, other json.RawMessage, choose map[string]string) (json.RawMessage, error) {
	a, b, patch := object{}, object{}, object{}
	if err := json.Unmarshal(mine, &a); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(other, &b); err != nil {
		return nil, err
	}
	for key, value := range b {
		if string(a[key]) != string(value) && theirs(blank(a[key]), blank(value), choose["custom."+key]) {
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

// union is both lists, each thing once: at most so many.
func union(mine, other json.RawMessage, most int) (json.RawMessage, bool, error) {
	type entry struct{ Value, Name, PersonID string }
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
		if e.PersonID != "" { // whose name others may have too
			return e.PersonID
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
		if k := key(raw); !seen[k] && len(a) < most {
			seen[k], grown, a = true, true, append(a, raw)
		}
	}
	both, err := json.Marshal(a)
	return both, grown, err
}
