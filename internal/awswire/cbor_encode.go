package awswire

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"time"

	"apex/internal/api"
)

// The major types of CBOR (RFC 8949).
const (
	cborUint = iota
	cborNegative
	cborBytes
	cborText
	cborArray
	cborMap
	cborTag
	cborSimple
)

// The values of the additional information that are no small number.
const (
	cborFalse      = 20
	cborTrue       = 21
	cborNull       = 22
	cborUndefined  = 23
	cborFloat16    = 25
	cborFloat32    = 26
	cborFloat64    = 27
	cborIndefinite = 31
)

// cborEpoch is the tag of seconds since 1970.
const cborEpoch = 1

// appendCBORHead appends a data item's first bytes in their shortest form.
func appendCBORHead(b []byte, major byte, argument uint64) []byte {
	kind := major << 5
	switch {
	case argument < 24:
		return append(b, kind|byte(argument))
	case argument <= math.MaxUint8:
		return append(b, kind|24, byte(argument))
	case argument <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, kind|25), uint16(argument))
	case argument <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, kind|26), uint32(argument))
	}
	return binary.BigEndian.AppendUint64(append(b, kind|27), argument)
}

func appendCBORText(b []byte, s string) []byte {
	return append(appendCBORHead(b, cborText, uint64(len(s))), s...)
}

func appendCBORFloat(b []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(b, cborSimple<<5|cborFloat64), math.Float64bits(f))
}

func appendCBORInt(b []byte, n int64) []byte {
	if n < 0 {
		return appendCBORHead(b, cborNegative, uint64(-(n + 1)))
	}
	return appendCBORHead(b, cborUint, uint64(n))
}

func appendCBORBool(b []byte, v bool) []byte {
	if v {
		return append(b, cborSimple<<5|cborTrue)
	}
	return append(b, cborSimple<<5|cborFalse)
}

// appendCBORStruct appends the members of a struct that are present.
func appendCBORStruct(b []byte, v reflect.Value) []byte {
	p := planFor(v.Type(), api.RPCv2CBOR)
	present := 0
	for i := range p.fields {
		if !v.Field(p.fields[i].index).IsNil() {
			present++
		}
	}
	b = appendCBORHead(b, cborMap, uint64(present))
	for i := range p.fields {
		if member := v.Field(p.fields[i].index); !member.IsNil() {
			b = appendCBORValue(appendCBORText(b, p.fields[i].out), member)
		}
	}
	return b
}

func appendCBORValue(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Pointer:
		return appendCBORValue(b, v.Elem())
	case reflect.String:
		return appendCBORText(b, v.String())
	case reflect.Int64:
		return appendCBORInt(b, v.Int())
	case reflect.Float64:
		return appendCBORFloat(b, v.Float())
	case reflect.Bool:
		return appendCBORBool(b, v.Bool())
	case reflect.Slice:
		return appendCBORList(b, v)
	case reflect.Map:
		return appendCBORMap(b, v)
	}
	if v.Type() == timeType {
		b = appendCBORHead(b, cborTag, cborEpoch)
		return appendCBORFloat(b, float64(v.Interface().(time.Time).UnixMilli())/1e3)
	}
	return appendCBORStruct(b, v)
}

func appendCBORList(b []byte, v reflect.Value) []byte {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return append(appendCBORHead(b, cborBytes, uint64(v.Len())), v.Bytes()...)
	}
	b = appendCBORHead(b, cborArray, uint64(v.Len()))
	for i := range v.Len() {
		b = appendCBORValue(b, v.Index(i))
	}
	return b
}

func appendCBORMap(b []byte, v reflect.Value) []byte {
	b = appendCBORHead(b, cborMap, uint64(v.Len()))
	for _, key := range sortedKeys(v) {
		b = appendCBORValue(appendCBORText(b, key), v.MapIndex(reflect.ValueOf(key)))
	}
	return b
}

// appendCBORAny appends what an error may carry beside its message.
func appendCBORAny(b []byte, v any) []byte {
	value := reflect.ValueOf(v)
	switch value.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64:
		return appendCBORInt(b, value.Int())
	case reflect.String, reflect.Float64, reflect.Bool:
		return appendCBORValue(b, value)
	case reflect.Slice:
		b = appendCBORHead(b, cborArray, uint64(value.Len()))
		for i := range value.Len() {
			b = appendCBORValue(b, value.Index(i))
		}
		return b
	}
	return appendCBORText(b, fmt.Sprint(v))
}
