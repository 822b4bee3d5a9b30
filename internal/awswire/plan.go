package awswire

import (
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"apex/internal/api"
)

// maxDepth bounds how deep a request may nest. AWS's own shapes stay below 15.
const maxDepth = 48

// A plan is what the tags of one struct type say under one protocol.
type plan struct {
	fields []field
	byName map[string]*field // by the name that requests use in a body
	// Of the REST protocols: the members outside the body, and the one that is all
	// of it.
	located []*field
	payload *field
}

// A field is one member of a shape.
type field struct {
	index      int
	member     string // the model's name, its first letter lower: "loadBalancerArn"
	in, out    string // the name in requests and in answers
	item       string // the element that wraps each item of a list
	key, value string // the elements of a map's entry
	flat       bool   // the items have no list around them
	layout     string // how a timestamp is written
	location   string // of the REST protocols: where it is, if not in the body
	whole      bool   // it is all of the body
	rest       bool   // a map that takes what is left of the query string
	checks     checks
}

// checks are the model's constraints on a member.
type checks struct {
	required bool
	min, max *float64
	enum     []string
	enumText string // as messages show it
}

var timeType = reflect.TypeFor[time.Time]()

type planKey struct {
	shape    reflect.Type
	protocol api.Protocol
}

var plans sync.Map // planKey → *plan

// planFor returns the plan of a struct type, made at its first use.
func planFor(shape reflect.Type, protocol api.Protocol) *plan {
	key := planKey{shape, protocol}
	if known, ok := plans.Load(key); ok {
		return known.(*plan)
	}
	made, _ := plans.LoadOrStore(key, makePlan(shape, protocol))
	return made.(*plan)
}

func makePlan(shape reflect.Type, protocol api.Protocol) *plan {
	p := &plan{fields: make([]field, shape.NumField()), byName: make(map[string]*field, shape.NumField())}
	for i := range p.fields {
		p.fields[i] = makeField(shape.Field(i), i, protocol)
		p.place(&p.fields[i])
	}
	return p
}

// place says where requests have a member.
func (p *plan) place(f *field) {
	switch {
	case f.location != "":
		p.located = append(p.located, f)
	case f.whole:
		p.payload = f
	default:
		p.byName[f.in] = f
	}
}

func makeField(sf reflect.StructField, index int, protocol api.Protocol) field {
	name, rest, _ := strings.Cut(sf.Tag.Get("wire"), ",")
	if name == "" {
		name = sf.Name
	}
	options := parseOptions(rest)
	f := field{
		index: index, member: lowerFirst(sf.Name), in: name, out: name,
		item: options["item"], key: options["key"], value: options["value"], layout: options["time"],
		checks: makeChecks(sf.Tag),
	}
	_, f.flat = options["flat"]
	_, f.whole = options["payload"]
	f.location, f.rest = options["in"], sf.Type.Kind() == reflect.Map
	f.fillDefaults(protocol)
	switch {
	case protocol == api.EC2Query:
		f.in = upperFirst(name)
		if query := options["query"]; query != "" {
			f.in = query
		}
	case protocol == api.Query && options["query"] != "": // before the service moved to JSON
		f.in, f.out = options["query"], options["query"]
	case f.flat && options["item"] != "": // a flat list goes by its items' name
		f.in, f.out = f.item, f.item
	}
	return f
}

func (f *field) fillDefaults(protocol api.Protocol) {
	if f.item == "" {
		f.item = "member"
		if protocol == api.EC2Query {
			f.item = "item"
		}
	}
	if f.key == "" {
		f.key = "key"
	}
	if f.value == "" {
		f.value = "value"
	}
	if f.layout == "" {
		f.layout = defaultLayout(f.location, protocol)
	}
}

// defaultLayout returns how a timestamp is written where the model does not say.
func defaultLayout(location string, protocol api.Protocol) string {
	switch {
	case location == inHeader:
		return "rfc822"
	case location == "" && (protocol == api.JSON || protocol == api.RestJSON):
		return "unixTimestamp"
	}
	return "iso8601"
}

func makeChecks(tag reflect.StructTag) checks {
	options := parseOptions(tag.Get("check"))
	c := checks{min: bound(options, "min"), max: bound(options, "max")}
	_, c.required = options["required"]
	if enum := tag.Get("enum"); enum != "" {
		c.enum = strings.Split(enum, "|")
		c.enumText = strings.Join(c.enum, ", ")
	}
	return c
}

func bound(options map[string]string, name string) *float64 {
	if value, err := strconv.ParseFloat(options[name], 64); err == nil {
		return &value
	}
	return nil
}

// parseOptions reads "a,b=c" into {a: "", b: "c"}.
func parseOptions(list string) map[string]string {
	if list == "" {
		return nil
	}
	options := map[string]string{}
	for option := range strings.SplitSeq(list, ",") {
		name, value, _ := strings.Cut(option, "=")
		options[name] = value
	}
	return options
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
