package encode

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
	"time"
)

var (
	appender      = reflect.TypeFor[Appender]()
	marshaler     = reflect.TypeFor[json.Marshaler]()
	textAppender  = reflect.TypeFor[encoding.TextAppender]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	moment        = reflect.TypeFor[time.Time]()
)

// compiler makes the writer of one type; it knows the types that this one is
// within, as a type within itself is left to encoding/json.
type compiler []reflect.Type

// compile returns nil for what is better left to encoding/json as a whole.
func (c compiler) compile(t reflect.Type) writer {
	for _, outer := range c {
		if outer == t {
			return nil
		}
	}
	c = append(c[:len(c):len(c)], t)
	pointer := reflect.PointerTo(t)
	switch {
	case t == moment:
		return writeTime
	case t.Implements(appender):
		return writeAppender
	case t.Implements(textAppender) && t.Implements(textMarshaler) && !t.Implements(marshaler) && t.Kind() != reflect.Pointer:
		return writeText
	case t.Kind() != reflect.Pointer && (t.Implements(marshaler) || t.Implements(textMarshaler)):
		return writeStandard
	case pointer.Implements(marshaler) || pointer.Implements(textMarshaler):
		return nil // whether it is asked depends on how the value is held
	}
	switch t.Kind() {
	case reflect.String:
		return func(b []byte, v reflect.Value) ([]byte, error) { return appendString(b, v.String()) }
	case reflect.Bool:
		return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendBool(b, v.Bool()), nil }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendInt(b, v.Int(), 10), nil }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendUint(b, v.Uint(), 10), nil }
	case reflect.Float32, reflect.Float64, reflect.Map:
		return writeStandard
	case reflect.Interface:
		return writeInterface
	case reflect.Pointer:
		return c.pointer(t)
	case reflect.Slice:
		return c.slice(t)
	case reflect.Struct:
		return c.object(t)
	}
	return nil
}

func (c compiler) pointer(t reflect.Type) writer {
	write := c.compile(t.Elem())
	if write == nil {
		return nil
	}
	return func(b []byte, v reflect.Value) ([]byte, error) {
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		return write(b, v.Elem())
	}
}

func (c compiler) slice(t reflect.Type) writer {
	write := c.compile(t.Elem())
	if write == nil || t.Elem().Kind() == reflect.Uint8 {
		return nil
	}
	return func(b []byte, v reflect.Value) (_ []byte, err error) {
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = write(b, v.Index(i)); err != nil {
				return b, err
			}
		}
		return append(b, ']'), nil
	}
}
