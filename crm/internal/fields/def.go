// Package fields keeps the fields that a workspace adds to its records: their
// definitions, the judging of their values, and the typed rows by which lists
// are filtered and sorted.
package fields

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/id"
	"apexai/crm/internal/web"
)

// What a workspace may add to one kind of record.
const (
	MaxPerKind = 30
	maxOptions = 50
	maxLabel   = 60
	maxOption  = 60
)

// Kinds are those of records that take fields.
var Kinds = []string{"person", "company", "deal"}

// types are those of fields.
var types = []string{"text", "number", "money", "date", "select", "multi", "bool", "url", "user"}

// A Def is one field of one kind of record. Its values are in a record's
// member custom below Key; in filters and sorts it is "cf." and Key.
type Def struct {
	ID        id.ID     `json:"id"`
	Version   int       `json:"version"`
	Kind      string    `json:"kind"`
	Key       string    `json:"key"`
	Label     string    `json:"label"`
	Type      string    `json:"type"`
	Options   []string  `json:"options"`
	Position  int       `json:"position"`
	Used      int       `json:"used"` // records that have a value
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	// DeletedAt is when the field was taken away; its values stay as long.
	DeletedAt *time.Time `json:"deletedAt,omitempty"`
}

// RecordVersion goes into the ETag.
func (d Def) RecordVersion() int { return d.Version }

// Location is where the field is read.
func (d Def) Location() string { return "/api/v1/fields/" + d.ID.String() }

// A Draft is what somebody writes about a new field.
type Draft struct {
	Kind    string   `json:"kind"`
	Key     string   `json:"key"` // made of the label if it is empty
	Label   string   `json:"label"`
	Type    string   `json:"type"`
	Options []string `json:"options"`
}

// A Patch changes a field. Kind, key and type stay: values depend on them.
type Patch struct {
	Label   web.Field[string]   `json:"label"`
	Options web.Field[[]string] `json:"options"`
	// Rename gives options another name, in records too.
	Rename map[string]string `json:"rename"`
	// Clear allows to take away options that records have: they lose them.
	Clear    bool           `json:"clear"`
	Position web.Field[int] `json:"position"`
}

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

func (d *Draft) check() error {
	var f check.Faults
	if d.Kind == "" {
		f.Add("/kind", "required", "one of "+strings.Join(Kinds, ", "))
	}
	f.OneOf("/kind", d.Kind, Kinds...)
	checkLabel(&f, &d.Label)
	if d.Type == "" {
		f.Add("/type", "required", "one of "+strings.Join(types, ", "))
	}
	f.OneOf("/type", d.Type, types...)
	if d.Key == "" {
		d.Key = keyOf(d.Label)
	}
	if !keyForm.MatchString(d.Key) {
		f.Add("/key", "key", "a key begins with a letter and has at most 40 of a-z, 0-9 and _")
	}
	d.Options = checkOptions(&f, d.Type, d.Options)
	return f.Problem()
}

func checkLabel(f *check.Faults, label *string) {
	f.Line("/label", label, maxLabel)
	if *label == "" {
		f.Add("/label", "required", "a field needs a name")
	}
}

func checkOptions(f *check.Faults, kind string, options []string) []string {
	if kind != "select" && kind != "multi" {
		if len(options) > 0 {
			f.Add("/options", "unexpected", "only fields to select from have options")
		}
		return []string{}
	}
	if len(options) == 0 || len(options) > maxOptions {
		f.Add("/options", "count", "1 to "+strconv.Itoa(maxOptions)+" options")
	}
	options = slices.Clone(options)
	seen := map[string]bool{}
	for i := range options {
		at := "/options/" + strconv.Itoa(i)
		f.Line(at, &options[i], maxOption)
		folded := strings.ToLower(options[i])
		if folded == "" || seen[folded] {
			f.Add(at, "duplicate", "each option has a name of its own")
		}
		seen[folded] = true
	}
	return options
}

// keyOf makes a key of a label: "Contract end (€)" becomes contract_end.
func keyOf(label string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(label) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	key := strings.TrimRight(b.String()[:min(b.Len(), 40)], "_")
	if key == "" {
		return "field"
	}
	return key
}
