package openapi

import (
	"encoding"
	"encoding/json"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

var (
	textual = reflect.TypeFor[encoding.TextMarshaler]()
	special = map[reflect.Type]object{
		reflect.TypeFor[id.ID]():           {"type": "string", "format": "uuid"},
		reflect.TypeFor[time.Time]():       {"type": "string", "format": "date-time"},
		reflect.TypeFor[json.RawMessage](): {},
		reflect.TypeFor[tenant.Role]():     {"type": "string", "enum": []string{"viewer", "member", "admin", "owner"}},
		reflect.TypeFor[[]byte]():          {"type": "string", "contentEncoding": "base64"},
	}
)

func (d describer) ref(v any) object { return d.schema(reflect.TypeOf(v)) }

// schema describes a type as encoding/json writes it.
func (d describer) schema(t reflect.Type) object {
	if s, ok := special[t]; ok {
		return s
	}
	if t.Implements(reflect.TypeFor[web.Optional]()) {
		return d.schema(reflect.Zero(t).Interface().(web.Optional).Inner())
	}
	if t.Kind() != reflect.Pointer && t.Implements(textual) {
		return object{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(d.schema(t.Elem()))
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return object{"type": "integer"}
	case reflect.Int64, reflect.Uint64:
		return object{"type": "integer", "format": "int64"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice, reflect.Array:
		return object{"type": "array", "items": d.schema(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": d.schema(t.Elem())}
	case reflect.Struct:
		return d.named(t)
	}
	return object{} // an interface: anything
}

func nullable(s object) object {
	if kind, ok := s["type"].(string); ok {
		s = cloned(s)
		s["type"] = []string{kind, "null"}
		return s
	}
	if len(s) == 0 {
		return s
	}
	return object{"oneOf": []object{s, {"type": "null"}}}
}

func cloned(s object) object {
	c := object{}
	for name, value := range s {
		c[name] = value
	}
	return c
}

// named puts a struct among the components, once, and points there. One
// without a name is described in place.
func (d describer) named(t reflect.Type) object {
	if t.Name() == "" {
		return d.members(t)
	}
	full := t.PkgPath() + "." + t.Name()
	name, ok := d.names[full]
	if !ok {
		name = d.free(t)
		d.names[full] = name
		d.schemas[name] = object{} // it may contain itself
		d.schemas[name] = d.members(t)
	}
	return object{"$ref": "#/components/schemas/" + name}
}

var ofType = regexp.MustCompile(`^(\w+)\[(?:\[\])?\*?(?:[\w/.-]*/)?(\w+)\.(\w+)(?:·\d+)?\]$`)

// free is the type's own name, with its package's before it if another has it.
func (d describer) free(t reflect.Type) string {
	name := t.Name()
	if m := ofType.FindStringSubmatch(name); m != nil { // Page[people.Person] → PersonPage
		name = m[3] + m[1]
	}
	if _, taken := d.schemas[name]; taken || generic[name] {
		subject := path.Base(t.PkgPath())
		name = strings.ToUpper(subject[:1]) + subject[1:] + name
	}
	return name
}

// generic names say nothing without their subject, also where no other is.
var generic = map[string]bool{"Draft": true, "Patch": true, "List": true, "Entry": true, "Change": true, "Request": true, "Result": true, "Item": true}

func (d describer) members(t reflect.Type) object {
	properties, required := object{}, []string{}
	d.fields(t, properties, &required)
	s := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		slices.Sort(required)
		s["required"] = required
	}
	return s
}

func (d describer) fields(t reflect.Type, properties object, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && tag == "" && f.Type.Kind() == reflect.Struct:
			d.fields(f.Type, properties, required)
			continue
		case !f.IsExported() || tag == "-":
			continue
		case tag == "":
			tag = f.Name
		}
		properties[tag] = d.schema(f.Type)
		if !d.inward[t] && !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero") {
			*required = append(*required, tag)
		}
	}
}

// carry marks a type and all within it as what a request carries. Members of
// those may be left out; what the API answers has all of its own.
func (d describer) carry(t reflect.Type) {
	if _, ok := special[t]; ok || d.inward[t] {
		return
	}
	if t.Implements(reflect.TypeFor[web.Optional]()) {
		d.carry(reflect.Zero(t).Interface().(web.Optional).Inner())
		return
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		d.carry(t.Elem())
	case reflect.Struct:
		d.inward[t] = true
		for i := range t.NumField() {
			d.carry(t.Field(i).Type)
		}
	}
}
