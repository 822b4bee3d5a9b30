package change

import (
	"bytes"
	"encoding/json"
	"slices"
)

// bookkeeping are members that every change changes, which says nothing.
var bookkeeping = []string{"version", "createdAt", "createdBy", "updatedAt", "updatedBy"}

type members map[string]json.RawMessage

// difference keeps of two records the members that differ, and their names.
// Both are nil if there is none.
func difference(before, after any) (was, became any, fields []string, err error) {
	b, err := membersOf(before)
	if err != nil {
		return nil, nil, nil, err
	}
	a, err := membersOf(after)
	if err != nil {
		return nil, nil, nil, err
	}
	for name := range a {
		if bytes.Equal(a[name], b[name]) || b[name] == nil && !says(a[name]) {
			delete(a, name)
			delete(b, name)
			continue
		}
		fields = append(fields, name)
	}
	for name := range b {
		if _, both := a[name]; both {
			continue
		}
		if !says(b[name]) {
			delete(b, name)
			continue
		}
		fields = append(fields, name)
	}
	slices.Sort(fields)
	return b.column(), a.column(), fields, nil
}

func membersOf(record any) (members, error) {
	m := members{}
	if record == nil {
		return m, nil
	}
	encoded, err := json.Marshal(record)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(encoded, &m); err != nil {
		return nil, err
	}
	for _, name := range bookkeeping {
		delete(m, name)
	}
	return m, nil
}

// says is whether a value is more than absence.
func says(value json.RawMessage) bool {
	return !slices.Contains([]string{"", "null", `""`, "[]", "{}"}, string(value))
}

// column is the members as MySQL stores them.
func (m members) column() any {
	if len(m) == 0 {
		return nil
	}
	encoded, _ := json.Marshal(m) // made of JSON
	return encoded
}
