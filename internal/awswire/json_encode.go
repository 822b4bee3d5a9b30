package awswire

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"

	"apex/internal/api"
)

// appendJSONStruct appends the members of a struct that are present.
func appendJSONStruct(b []byte, v reflect.Value) []byte {
	p := planFor(v.Type(), api.JSON)
	b = append(b, '{')
	first := true
	for i := range p.fields {
		f := &p.fields[i]
		member := v.Field(f.index)
		if member.IsNil() || f.location != "" {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendJSONString(b, f.out), ':')
		b = appendJSONValue(b, f, member)
	}
	return append(b, '}')
}

func appendJSONValue(b []byte, f *field, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Pointer:
		return appendJSONValue(b, f, v.Elem())
	case reflect.String:
		return appendJSONString(b, v.String())
	case reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Float64:
		return strconv.AppendFloat(b, v.Float(), 'f', -1, 64)
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Slice:
		return appendJSONList(b, f, v)
	case reflect.Map:
		return appendJSONMap(b, f, v)
	}
	if v.Type() == timeType {
		return appendJSONTime(b, v.Interface().(time.Time), f.layout)
	}
	return appendJSONStruct(b, v)
}

func appendJSONTime(b []byte, t time.Time, layout string) []byte {
	if layout == "unixTimestamp" {
		return appendTime(b, t, layout)
	}
	return append(appendTime(append(b, '"'), t, layout), '"')
}

func appendJSONList(b []byte, f *field, v reflect.Value) []byte {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v.Bytes())
		return append(b, '"')
	}
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSONValue(b, f, v.Index(i))
	}
	return append(b, ']')
}

func appendJSONMap(b []byte, f *field, v reflect.Value) []byte {
	b = append(b, '{')
	for i, key := range sortedKeys(v) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendJSONString(b, key), ':')
		b = appendJSONValue(b, f, v.MapIndex(reflect.ValueOf(key)))
	}
	return append(b, '}')
}

// appendJSONString appends s quoted; what needs no escape, which is nearly
// everything, is copied.
func appendJSONString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // a string always marshals
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
