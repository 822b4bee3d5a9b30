// Package encode writes values as JSON, byte for byte as encoding/json does,
// in a third of the time: a list is hundreds of ids, times and short strings,
// which encoding/json has marshal themselves, one by one. Types with
// peculiarities are left to encoding/json.
package encode

import (
	"encoding/json"
	"reflect"
	"sync"
)

// An Appender writes itself as JSON, as json.Marshal would write it.
type Appender interface {
	AppendJSON(b []byte) ([]byte, error)
}

// writer appends a value as JSON. The value is addressable.
type writer func(b []byte, v reflect.Value) ([]byte, error)

// writers are those of types; nil is one that is left to encoding/json.
var writers sync.Map // reflect.Type to writer

// Append adds v as JSON to b.
func Append(b []byte, v any) ([]byte, error) {
	if v == nil {
		return append(b, "null"...), nil
	}
	t := reflect.TypeOf(v)
	write := of(t)
	if write == nil {
		return standard(b, v)
	}
	place := reflect.New(t).Elem()
	place.Set(reflect.ValueOf(v))
	return write(b, place)
}

func standard(b []byte, v any) ([]byte, error) {
	encoded, err := json.Marshal(v)
	return append(b, encoded...), err
}

func of(t reflect.Type) writer {
	if w, ok := writers.Load(t); ok {
		return w.(writer)
	}
	w := compiler{}.compile(t)
	writers.Store(t, w)
	return w
}
