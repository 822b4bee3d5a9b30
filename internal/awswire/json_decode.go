package awswire

import (
	"encoding/json"
	"reflect"
	"strconv"

	"apex/internal/api"
)

// A jsonDecoder walks over JSON that [json.Valid] has found well formed, so that
// it need not look for errors of syntax.
type jsonDecoder struct {
	data    []byte
	at      int
	unknown int
}

func decodeJSON(body []byte, in any) (unknown int, err error) {
	if len(body) == 0 {
		return 0, nil // some clients send nothing for an input without members
	}
	if !json.Valid(body) {
		return 0, &InputError{Fault: "the body is not JSON"}
	}
	d := jsonDecoder{data: body}
	if d.peek() != '{' {
		return 0, &InputError{Fault: "the body is not a JSON object"}
	}
	err = d.structure(reflect.ValueOf(in).Elem(), "", 0)
	return d.unknown, err
}

// peek returns the first byte of the next token.
func (d *jsonDecoder) peek() byte {
	for {
		switch c := d.data[d.at]; c {
		case ' ', '\t', '\n', '\r', ',', ':':
			d.at++
		default:
			return c
		}
	}
}

// take returns the next token: a string with its quotes, a number, a word, or
// one bracket.
func (d *jsonDecoder) take() []byte {
	first := d.peek()
	start := d.at
	switch first {
	case '{', '}', '[', ']':
		d.at++
	case '"':
		d.skipString()
	default:
		for d.at < len(d.data) && isWord(d.data[d.at]) {
			d.at++
		}
	}
	return d.data[start:d.at]
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E'
}

func (d *jsonDecoder) skipString() {
	for d.at++; d.data[d.at] != '"'; d.at++ {
		if d.data[d.at] == '\\' {
			d.at++
		}
	}
	d.at++
}

// skip passes over one value.
func (d *jsonDecoder) skip() {
	depth := 0
	for {
		switch d.take()[0] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth == 0 {
			return
		}
	}
}

func (d *jsonDecoder) structure(into reflect.Value, path string, depth int) error {
	p := planFor(into.Type(), api.JSON)
	d.take()
	for d.peek() != '}' {
		name := unquote(d.take())
		f := p.byName[name]
		if f == nil {
			d.unknown++
			d.skip()
			continue
		}
		if err := d.value(into.Field(f.index), join(path, name), depth+1); err != nil {
			return err
		}
	}
	d.take()
	return nil
}

func (d *jsonDecoder) value(into reflect.Value, path string, depth int) error {
	if depth > maxDepth {
		return &InputError{path, "nested too deep"}
	}
	first := d.peek()
	if first == 'n' { // null is absent
		d.take()
		into.SetZero()
		return nil
	}
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	switch want := opening(into); {
	case want == 0:
		return d.scalar(into, path)
	case want != first:
		return &InputError{path, "a " + tokenName(first) + " where " + containerName(want) + " belongs"}
	}
	switch into.Kind() {
	case reflect.Map:
		return d.mapping(into, path, depth)
	case reflect.Slice:
		return d.list(into, path, depth)
	}
	return d.structure(into, path, depth)
}

// opening returns the bracket that a value of the type begins with, or 0 for a
// scalar.
func opening(v reflect.Value) byte {
	switch {
	case v.Kind() == reflect.Map, v.Kind() == reflect.Struct && v.Type() != timeType:
		return '{'
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		return '['
	}
	return 0
}

func (d *jsonDecoder) list(into reflect.Value, path string, depth int) error {
	d.take()
	list := reflect.MakeSlice(into.Type(), 0, 4)
	for d.peek() != ']' {
		item := reflect.New(into.Type().Elem()).Elem()
		if err := d.value(item, join(path, strconv.Itoa(list.Len()+1)), depth+1); err != nil {
			return err
		}
		list = reflect.Append(list, item)
	}
	d.take()
	into.Set(list)
	return nil
}

func (d *jsonDecoder) mapping(into reflect.Value, path string, depth int) error {
	d.take()
	m := reflect.MakeMap(into.Type())
	for d.peek() != '}' {
		key := unquote(d.take())
		value := reflect.New(into.Type().Elem()).Elem()
		if err := d.value(value, join(path, key), depth+1); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(key), value)
	}
	d.take()
	into.Set(m)
	return nil
}

func (d *jsonDecoder) scalar(into reflect.Value, path string) error {
	first := d.peek()
	ok := false
	if first == '{' || first == '[' {
		d.skip()
	} else {
		ok = setJSONScalar(into, d.take())
	}
	if !ok {
		return &InputError{path, "a " + tokenName(first) + " that is not " + scalarName(into)}
	}
	return nil
}

// setJSONScalar reads a token into a scalar and reports whether it could. A
// string is no number and a number no string.
func setJSONScalar(into reflect.Value, token []byte) bool {
	quoted := token[0] == '"'
	switch into.Kind() {
	case reflect.String, reflect.Slice:
		return quoted && setScalar(into, unquote(token))
	case reflect.Bool:
		return !quoted && setScalar(into, string(token))
	case reflect.Int64:
		return !quoted && setInteger(into, string(token))
	case reflect.Float64:
		return setFloat(into, token, quoted)
	default:
		return setScalar(into, unquote(token))
	}
}

// setInteger takes 3, and 3.0 and 3e0 which some languages' encoders write.
func setInteger(into reflect.Value, text string) bool {
	if setScalar(into, text) {
		return true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != float64(int64(f)) || f > 1<<53 || f < -1<<53 {
		return false
	}
	into.SetInt(int64(f))
	return true
}

// setFloat takes a number, or one of the three strings that JSON has no number
// for.
func setFloat(into reflect.Value, token []byte, quoted bool) bool {
	text := unquote(token)
	if quoted && text != "NaN" && text != "Infinity" && text != "-Infinity" {
		return false
	}
	return setScalar(into, text)
}

// unquote returns the text of a string token, and any other token as it is.
func unquote(token []byte) string {
	if token[0] != '"' {
		return string(token)
	}
	for _, c := range token {
		if c == '\\' || c >= 0x80 {
			var s string
			_ = json.Unmarshal(token, &s) // the token is valid
			return s
		}
	}
	return string(token[1 : len(token)-1])
}

func containerName(opening byte) string {
	if opening == '[' {
		return "a list"
	}
	return "an object"
}

func tokenName(first byte) string {
	switch first {
	case '"':
		return "string"
	case '{':
		return "JSON object"
	case '[':
		return "list"
	case 't', 'f':
		return "boolean"
	}
	return "number"
}
