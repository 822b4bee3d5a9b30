package filter

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"apexai/crm/internal/id"
)

const maxValue = 200 // characters of a text

// value reads a leaf's value as its field's type.
func (c *compiler) value(f Field, raw json.RawMessage, at string) any {
	switch f.Type {
	case Number, Money:
		return c.number(f, raw, at)
	case Bool:
		v, ok := read[bool](raw)
		if !ok {
			c.faults.Add(at, "type", "true or false")
		}
		return v
	}
	text, ok := read[string](raw)
	if !ok {
		c.faults.Add(at, "type", "this is to be a text")
		return ""
	}
	switch f.Type {
	case Ref, Member:
		return c.id(f, text, at)
	case Choice:
		if len(f.Options) > 0 && !slices.Contains(f.Options, text) {
			c.faults.Add(at, "choice", "one of "+strings.Join(f.Options, ", "))
		}
	}
	if utf8.RuneCountInString(text) > maxValue || !utf8.ValidString(text) {
		c.faults.Add(at, "too-long", "at most "+strconv.Itoa(maxValue)+" characters")
	}
	return text
}

func (c *compiler) number(f Field, raw json.RawMessage, at string) any {
	v, ok := read[json.Number](raw)
	if !ok || bytes.HasPrefix(bytes.TrimSpace(raw), []byte(`"`)) {
		c.faults.Add(at, "type", "this is to be a number")
		return 0
	}
	if n, err := v.Int64(); err == nil {
		return n
	}
	n, err := v.Float64()
	if err != nil || math.Abs(n) > 1e15 {
		c.faults.Add(at, "range", "numbers are from -1e15 to 1e15")
		return 0
	}
	if f.Type == Money {
		c.faults.Add(at, "type", "amounts are whole numbers of minor units")
	}
	return n
}

func (c *compiler) id(f Field, text, at string) any {
	if f.Type == Member && text == "me" {
		return c.fields.User
	}
	v, err := id.Parse(text)
	if err != nil {
		c.faults.Add(at, "id", "this is not an id")
	}
	return v
}

func (c *compiler) list(f Field, raw json.RawMessage, at string) []any {
	items, ok := read[[]json.RawMessage](raw)
	if !ok || len(items) == 0 || len(items) > MaxList {
		c.faults.Add(at, "list", "a list of 1 to "+strconv.Itoa(MaxList)+" values")
		return []any{nil}
	}
	values := make([]any, len(items))
	for i, item := range items {
		values[i] = c.value(f, item, at+"/"+strconv.Itoa(i))
	}
	return values
}

func (c *compiler) span(raw json.RawMessage, at string) (span, bool) {
	text, ok := read[string](raw)
	if !ok {
		c.faults.Add(at, "type", errDate.Error())
		return span{}, false
	}
	s, err := parseSpan(text, c.fields.Now.In(c.fields.zone()))
	if err != nil {
		c.faults.Add(at, "date", err.Error())
	}
	return s, err == nil
}

// read decodes a value; null and nothing are no value.
func read[T any](raw json.RawMessage) (v T, ok bool) {
	if len(raw) == 0 || string(bytes.TrimSpace(raw)) == "null" {
		return v, false
	}
	return v, json.Unmarshal(raw, &v) == nil
}
