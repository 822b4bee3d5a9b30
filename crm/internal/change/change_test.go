package change

import (
	"encoding/json"
	"slices"
	"testing"
)

type sample struct {
	Version int      `json:"version"`
	Name    string   `json:"name"`
	Owner   *string  `json:"owner"`
	Tags    []string `json:"tags"`
}

func TestOnlyWhatDiffersIsKept(t *testing.T) {
	owner := "ana"
	cases := map[string]struct {
		before, after any
		was, became   string
		fields        []string
	}{
		"created": {nil, sample{1, "Acme", nil, nil}, "", `{"name":"Acme"}`, []string{"name"}},
		"updated": {sample{1, "Acme", nil, nil}, sample{2, "Acme Ltd", &owner, nil}, `{"name":"Acme","owner":null}`, `{"name":"Acme Ltd","owner":"ana"}`, []string{"name", "owner"}},
		"cleared": {sample{1, "Acme", &owner, []string{"a"}}, sample{2, "Acme", nil, []string{}}, `{"owner":"ana","tags":["a"]}`, `{"owner":null,"tags":[]}`, []string{"owner", "tags"}},
		"nothing": {sample{1, "Acme", nil, nil}, sample{2, "Acme", nil, nil}, "", "", nil},
		"removed": {sample{1, "Acme", nil, nil}, nil, `{"name":"Acme"}`, "", []string{"name"}},
		"neither": {nil, nil, "", "", nil},
	}
	for name, c := range cases {
		was, became, fields, err := difference(c.before, c.after)
		if err != nil || text(was) != c.was || text(became) != c.became || !slices.Equal(fields, c.fields) {
			t.Errorf("%s: %s, %s, %v (%v)", name, text(was), text(became), fields, err)
		}
	}
	if _, _, _, err := difference("no object", nil); err == nil {
		t.Error("a record that is no object was taken")
	}
}

func text(column any) string {
	b, _ := column.([]byte)
	return string(b)
}

func FuzzDifference(f *testing.F) {
	f.Add([]byte(`{"a":1}`), []byte(`{"a":2}`))
	f.Add([]byte(`{"a":null}`), []byte(`{}`))
	f.Fuzz(func(t *testing.T, before, after []byte) {
		if !json.Valid(before) || !json.Valid(after) {
			return
		}
		was, became, fields, err := difference(json.RawMessage(before), json.RawMessage(after))
		if err == nil && (len(fields) == 0) != (was == nil && became == nil) {
			t.Errorf("%s to %s: %s %s %v", before, after, text(was), text(became), fields)
		}
	})
}
