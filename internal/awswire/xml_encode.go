package awswire

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"apex/internal/api"
)

// An xmlEncoder writes the answers of ec2Query, awsQuery and restXML.
type xmlEncoder struct {
	bytes.Buffer
	protocol api.Protocol
}

func (e *xmlEncoder) open(name string)  { e.WriteByte('<'); e.WriteString(name); e.WriteByte('>') }
func (e *xmlEncoder) close(name string) { e.WriteString("</"); e.WriteString(name); e.WriteByte('>') }

// openRoot opens the document's root in a namespace, if it has one.
func (e *xmlEncoder) openRoot(name, namespace string) {
	e.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	if namespace == "" {
		e.open(name)
		return
	}
	e.WriteByte('<')
	e.WriteString(name)
	e.WriteString(` xmlns="`)
	e.text(namespace)
	e.WriteString(`">`)
}

func (e *xmlEncoder) text(s string) { xml.EscapeText(&e.Buffer, []byte(s)) } // a Buffer never fails

// element writes <name>text</name>.
func (e *xmlEncoder) element(name, text string) {
	e.open(name)
	e.text(text)
	e.close(name)
}

// members writes the members of a struct that are present and in the body.
func (e *xmlEncoder) members(v reflect.Value) {
	p := planFor(v.Type(), e.protocol)
	for i := range p.fields {
		if p.fields[i].location == "" {
			e.member(&p.fields[i], v.Field(p.fields[i].index))
		}
	}
}

func (e *xmlEncoder) member(f *field, v reflect.Value) {
	if v.IsNil() {
		return
	}
	switch {
	case v.Kind() == reflect.Map:
		e.mapping(f, v)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		e.list(f, v)
	default:
		e.wrapped(f.out, f, v)
	}
}

func (e *xmlEncoder) list(f *field, v reflect.Value) {
	if f.flat {
		for i := range v.Len() {
			e.wrapped(f.out, f, v.Index(i))
		}
		return
	}
	e.open(f.out)
	for i := range v.Len() {
		e.wrapped(f.item, f, v.Index(i))
	}
	e.close(f.out)
}

func (e *xmlEncoder) mapping(f *field, v reflect.Value) {
	entry := f.out
	if !f.flat {
		entry = "entry"
		e.open(f.out)
		defer e.close(f.out)
	}
	for _, key := range sortedKeys(v) {
		e.open(entry)
		e.element(f.key, key)
		e.wrapped(f.value, f, v.MapIndex(reflect.ValueOf(key)))
		e.close(entry)
	}
}

func sortedKeys(m reflect.Value) []string {
	keys := map[string]struct{}{}
	for it := m.MapRange(); it.Next(); {
		keys[it.Key().String()] = struct{}{}
	}
	return slices.Sorted(maps.Keys(keys))
}

// wrapped writes one value inside an element.
func (e *xmlEncoder) wrapped(name string, f *field, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	e.open(name)
	switch {
	case v.Kind() == reflect.Struct && v.Type() != timeType:
		e.members(v)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		for i := range v.Len() {
			e.wrapped(f.item, f, v.Index(i))
		}
	default:
		e.scalar(f, v)
	}
	e.close(name)
}

func (e *xmlEncoder) scalar(f *field, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		e.text(v.String())
	case reflect.Int64:
		e.Write(strconv.AppendInt(e.AvailableBuffer(), v.Int(), 10))
	case reflect.Float64:
		e.Write(strconv.AppendFloat(e.AvailableBuffer(), v.Float(), 'f', -1, 64))
	case reflect.Bool:
		e.Write(strconv.AppendBool(e.AvailableBuffer(), v.Bool()))
	case reflect.Slice:
		e.Write(base64.StdEncoding.AppendEncode(e.AvailableBuffer(), v.Bytes()))
	default: // time.Time: planned types have no other
		e.Write(appendTime(e.AvailableBuffer(), v.Interface().(time.Time), f.layout))
	}
}
