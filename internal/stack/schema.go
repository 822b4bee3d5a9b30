package stack

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// A property is a JSON Schema in the order in which a person reads it.
type property struct {
	Schema      string               `json:"$schema,omitempty"`
	Title       string               `json:"title,omitempty"`
	Description string               `json:"description,omitempty"`
	Type        any                  `json:"type,omitempty"`
	Pattern     string               `json:"pattern,omitempty"`
	OneOf       []property           `json:"oneOf,omitempty"`
	Items       *property            `json:"items,omitempty"`
	Properties  *map[string]property `json:"properties,omitempty"`
	Additional  any                  `json:"additionalProperties,omitempty"`
	Required    []string             `json:"required,omitempty"`
}

// Schema returns the JSON Schema of a stack file, for editors.
func Schema() []byte {
	root := describe(reflect.TypeFor[Stack]())
	overrides := describe(reflect.TypeFor[Stack]())
	delete(*overrides.Properties, "name")
	overrides.Description = "What this environment changes; the rest is as above."
	(*root.Properties)["environments"] = property{
		Description: "The stack's environments, by name. The first is the default; a file without any has dev.",
		Type:        "object", Additional: overrides,
	}
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "Apex stack"
	root.Required = []string{"name", "services"}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		panic(err) // the types above always encode
	}
	return b.Bytes()
}

// describe derives a schema from a Go type.
func describe(t reflect.Type) property {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if f, ok := reflect.Zero(t).Interface().(form); ok {
		return scalarForm(t, f)
	}
	switch t.Kind() {
	case reflect.Struct:
		return object(t)
	case reflect.Map:
		return property{Type: "object", Additional: describe(t.Elem())}
	case reflect.Slice:
		items := describe(t.Elem())
		return property{Type: "array", Items: &items}
	case reflect.Int:
		return property{Type: "integer"}
	case reflect.Bool:
		return property{Type: "boolean"}
	}
	return property{Type: []string{"string", "number", "boolean"}}
}

// scalarForm describes a type that is written as one scalar, and perhaps as a
// mapping too.
func scalarForm(t reflect.Type, f form) property {
	text := property{Type: "string", Pattern: f.Form()}
	if t.Kind() != reflect.Struct || single(reflect.New(t).Elem()) {
		return text
	}
	return property{OneOf: []property{{Type: "integer"}, object(t)}}
}

func object(t reflect.Type) property {
	fields := map[string]property{}
	for i := range t.NumField() {
		field := t.Field(i)
		key := field.Tag.Get("yaml")
		if key == "" || key == "-" {
			continue
		}
		p := describe(field.Type)
		p.Description = field.Tag.Get("doc")
		fields[key] = p
	}
	return property{Type: "object", Properties: &fields, Additional: false}
}
