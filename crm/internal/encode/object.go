package encode

import (
	"reflect"
	"slices"
	"strings"
)

// A member is one of an object: a field of a struct.
type member struct {
	name  string // as JSON, with the colon
	index []int
	omit  bool // if it is empty
	write writer
}

// object writes a struct; one whose members need encoding/json's rules about
// names is left to it.
func (c compiler) object(t reflect.Type) writer {
	members, ok := c.members(nil, t, nil)
	if !ok {
		return nil
	}
	return func(b []byte, v reflect.Value) (_ []byte, err error) {
		open := len(b)
		for i := range members {
			m := &members[i]
			field := v.Field(m.index[0])
			for _, next := range m.index[1:] {
				field = field.Field(next)
			}
			if m.omit && empty(field) {
				continue
			}
			b = append(append(b, ','), m.name...)
			if b, err = m.write(b, field); err != nil {
				return b, err
			}
		}
		if len(b) == open {
			return append(b, "{}"...), nil
		}
		b[open] = '{'
		return append(b, '}'), nil
	}
}

func (c compiler) members(all []member, t reflect.Type, at []int) (_ []member, ok bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		index := append(at[:len(at):len(at)], i)
		switch {
		case tag == "-" || !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous && f.Type.Kind() == reflect.Struct && name == "" && writes(f.Type):
			if all, ok = c.members(all, f.Type, index); !ok {
				return nil, false
			}
			continue
		case f.Anonymous || options != "" && options != "omitempty" || !plain(name):
			return nil, false
		}
		if name == "" {
			name = f.Name
		}
		m := member{name: `"` + name + `":`, index: index, omit: options == "omitempty", write: c.compile(f.Type)}
		if m.write == nil || slices.ContainsFunc(all, func(other member) bool { return other.name == m.name }) {
			return nil, false
		}
		all = append(all, m)
	}
	return all, true
}

// writes says that a struct is written by its fields, not by a method.
func writes(t reflect.Type) bool {
	for _, by := range []reflect.Type{appender, marshaler, textMarshaler} {
		if reflect.PointerTo(t).Implements(by) {
			return false
		}
	}
	return true
}

// plain says that a name stands for itself in JSON.
func plain(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_')
	})
}

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
