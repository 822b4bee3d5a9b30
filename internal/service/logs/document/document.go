// Package document reads members out of JSON text where they lie, without
// decoding the rest: filter patterns and queries want one or two members of each
// of very many messages.
//
// It is made for text that is JSON. Of other text it says something or nothing,
// and never fails.
package document

import (
	"bytes"
	"encoding/json"
)

// A Kind is the type of a value.
type Kind byte

// The kinds of values.
const (
	Null Kind = iota
	False
	True
	Number
	String
	Array
	Object
)

// A Value is one value as it is written.
type Value struct {
	Kind Kind
	Raw  []byte
}

// Text returns a string's content, and any other value as it is written.
func (v Value) Text() string {
	if v.Kind != String {
		return string(v.Raw)
	}
	return string(unquote(v.Raw))
}

// unquote returns the content of a quoted string; it copies only what has
// escapes.
func unquote(raw []byte) []byte {
	content := raw[1 : len(raw)-1]
	if bytes.IndexByte(content, '\\') < 0 {
		return content
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return content
	}
	return []byte(s)
}

// Whole returns the value that text is.
func Whole(text []byte) (Value, bool) {
	start := skipSpace(text, 0)
	end, kind := skipValue(text, start)
	if end < 0 {
		return Value{}, false
	}
	return Value{kind, text[start:end]}, true
}

// Members calls visit with each member of an object, or each item of an array,
// for which name is nil, until it returns false.
func (v Value) Members(visit func(name []byte, member Value) bool) {
	if v.Kind != Object && v.Kind != Array {
		return
	}
	b, i := v.Raw, 1
	for {
		i = skipSpace(b, i)
		if i >= len(b) || b[i] == '}' || b[i] == ']' {
			return
		}
		var name []byte
		if v.Kind == Object {
			end := skipString(b, i)
			if end < 0 {
				return
			}
			name = unquote(b[i:end])
			if i = skipSpace(b, end); i >= len(b) || b[i] != ':' {
				return
			}
			i = skipSpace(b, i+1)
		}
		end, kind := skipValue(b, i)
		if end < 0 || !visit(name, Value{kind, b[i:end]}) {
			return
		}
		if i = skipSpace(b, end); i >= len(b) || b[i] != ',' {
			return
		}
		i++
	}
}
