package filter

import (
	"slices"
	"time"

	"apexai/crm/internal/id"
	"apexai/crm/internal/zone"
)

// An Op compares a field with a value.
type Op string

// The operators. Empty and NotEmpty take no value, In and NotIn a list.
const (
	Equal      Op = "="
	NotEqual   Op = "!="
	More       Op = ">"
	AtLeast    Op = ">="
	Less       Op = "<"
	AtMost     Op = "<="
	In         Op = "in"
	NotIn      Op = "notIn"
	Contains   Op = "contains"
	StartsWith Op = "startsWith"
	IsEmpty    Op = "empty"
	NotEmpty   Op = "notEmpty"
)

// A Type says what a field's values are and which operators it takes.
type Type string

// The types of fields.
const (
	Text   Type = "text"
	Number Type = "number"
	Money  Type = "money"  // in minor units, such as cents
	Date   Type = "date"   // a day without a time
	Time   Type = "time"   // a moment; filters name days in the user's zone
	Choice Type = "choice" // one of Options
	Bool   Type = "bool"
	Ref    Type = "ref"    // the id of another record
	Member Type = "member" // the id of a member, or "me"
)

var (
	ordered = []Op{Equal, NotEqual, More, AtLeast, Less, AtMost, IsEmpty, NotEmpty}
	chosen  = []Op{Equal, NotEqual, In, NotIn, IsEmpty, NotEmpty}
)

var operators = map[Type][]Op{
	Text:   {Contains, StartsWith, Equal, NotEqual, In, NotIn, IsEmpty, NotEmpty},
	Number: append([]Op{In, NotIn}, ordered...),
	Money:  ordered,
	Date:   ordered,
	Time:   ordered,
	Choice: chosen,
	Bool:   {Equal, NotEqual, IsEmpty, NotEmpty},
	Ref:    chosen,
	Member: chosen,
}

// A Field is one that lists of a kind can be narrowed by.
type Field struct {
	Name    string
	Label   string // as people call it
	Type    Type
	Column  string   // the SQL expression of its value
	Options []string // of a Choice; none means any text
	// Currency is, of Money, the SQL expression of what it is counted in.
	Currency string
	// Many is for a field of several values, one row each: the beginning of a
	// subquery, "SELECT 1 FROM tags_of x WHERE …", to which a condition on
	// Column is added. Args are what its own marks stand for.
	Many string
	Args []any
	// Rows are all values of such a field in a workspace, to group by:
	// "SELECT record_id, value FROM … WHERE workspace_id = ? …", with Args.
	Rows string
	// Key is, of a value that belongs to another record, the column that names
	// that one; Rows are then the values by it.
	Key string
	// Several says that a record may have more than one value; Sortable, that
	// lists can be sorted by it. Both are for whoever shows the field.
	Several, Sortable bool
}

// Operators are those that the field takes.
func (f Field) Operators() []Op { return operators[f.Type] }

// Fields are what a kind of record can be filtered by, and by whom and when.
type Fields struct {
	List []Field
	User id.ID     // who "me" is
	Now  time.Time // when "today" is
	Zone string    // where, a name of IANA's; "" and what is none are UTC
}

// With adds fields.
func (f Fields) With(more ...Field) Fields {
	f.List = append(slices.Clone(f.List), more...)
	return f
}

// Find is the field of that name.
func (f Fields) Find(name string) (Field, bool) {
	i := slices.IndexFunc(f.List, func(x Field) bool { return x.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return f.List[i], true
}

func (f Fields) zone() *time.Location {
	in, err := zone.Load(f.Zone)
	if err != nil {
		return time.UTC
	}
	return in
}
