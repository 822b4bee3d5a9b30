package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"unicode/utf8"

	"apexai/crm/internal/problem"
)

// MaxBody is the largest body that an operation reads.
const MaxBody = 1 << 20

// decode reads a JSON body into v. Members that v does not have are refused:
// a misspelt one would otherwise be lost without a word.
func decode(r *http.Request, v any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" && kind != "application/merge-patch+json" {
		return problem.MediaType(r.Header.Get("Content-Type"))
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, MaxBody))
	if err != nil {
		return unreadable(err)
	}
	return Decode(body, v)
}

// Decode reads a JSON text into v, as decode does a body.
func Decode(text []byte, v any) error {
	if !utf8.Valid(text) {
		return problem.Syntax("the body is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return unfit(text, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return problem.Syntax("the body is more than one JSON value")
	}
	return unsound(text)
}

// unreadable says why a body did not come.
func unreadable(err error) error {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem.TooLarge(MaxBody)
	}
	return problem.Syntax("the body cannot be read: " + err.Error())
}

// A Field is a member of a JSON merge patch (RFC 7396): absent, null (which
// takes the value away) or a value.
type Field[T any] struct {
	Given bool
	Value T
}

// UnmarshalJSON marks the field as given; null leaves the zero value.
func (f *Field[T]) UnmarshalJSON(data []byte) error {
	f.Given = true
	return json.Unmarshal(data, &f.Value)
}

// An Optional is a member that may be left out, with a value of another type.
type Optional interface{ Inner() reflect.Type }

// Inner is the type of the value.
func (f Field[T]) Inner() reflect.Type { return reflect.TypeFor[T]() }

// Over is the patched value: the field's if given, else old.
func (f Field[T]) Over(old T) T {
	if f.Given {
		return f.Value
	}
	return old
}
