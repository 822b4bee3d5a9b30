package fields

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/id"
)

const maxText = 500

// Values are a record's own fields by key, each as JSON.
type Values map[string]json.RawMessage

// MarshalJSON writes {} for none.
func (v Values) MarshalJSON() ([]byte, error) {
	if v == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(map[string]json.RawMessage(v))
}

// Scan reads the column custom.
func (v *Values) Scan(src any) error {
	*v = nil
	text, ok := src.([]byte)
	if !ok && src != nil {
		return fmt.Errorf("custom fields: scan %T: want text", src)
	}
	if len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, (*map[string]json.RawMessage)(v))
}

// Column is what the column custom keeps: nil for none.
func (v Values) Column() any {
	if len(v) == 0 {
		return nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil // each value was JSON when it was judged
	}
	return text
}

// A cell is one typed row of field_values.
type cell struct{ str, num, day, ref any }

// errNoText is for what is to be a text and is none.
var errNoText = errors.New("this is to be a text")

// clean judges a value of a field and returns it in its one form, with its
// typed rows. A value that says nothing ("", [] and null) is nil.
func clean(d Def, raw json.RawMessage) (json.RawMessage, []cell, error) {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || string(raw) == "null" || string(raw) == `""` || string(raw) == "[]" {
		return nil, nil, nil
	}
	switch d.Type {
	case "number":
		return number(raw)
	case "money":
		return money(raw)
	case "bool":
		return boolean(raw)
	case "multi":
		return several(d, raw)
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return nil, nil, errNoText
	}
	return text(d, s)
}

func text(d Def, s string) (json.RawMessage, []cell, error) {
	var f check.Faults
	f.Line("", &s, maxText)
	if len(f) > 0 {
		return nil, nil, errors.New(f[0].Message)
	}
	one := cell{str: s}
	switch d.Type {
	case "date":
		if day, err := time.Parse("2006-01-02", s); err != nil || day.Year() < 1000 {
			return nil, nil, errors.New("a date is written 2026-11-26")
		}
		one = cell{day: s}
	case "select":
		option, ok := optionOf(d, s)
		if !ok {
			return nil, nil, errors.New("one of " + strings.Join(d.Options, ", "))
		}
		s, one = option, cell{str: option}
	case "url":
		if !strings.Contains(s, "://") {
			s = "https://" + s
		}
		if u, err := url.Parse(s); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return nil, nil, errors.New("a link begins with https:// or http://")
		}
		one = cell{str: s}
	case "user":
		member, err := id.Parse(s)
		if err != nil {
			return nil, nil, errors.New("this is not the id of a member")
		}
		one = cell{ref: member}
	}
	return encode(s), []cell{one}, nil
}

func optionOf(d Def, s string) (string, bool) {
	i := slices.IndexFunc(d.Options, func(o string) bool { return strings.EqualFold(o, s) })
	if i < 0 {
		return "", false
	}
	return d.Options[i], true
}

var decimal = regexp.MustCompile(`^-?\d{1,15}(\.\d{1,4})?$`)

func number(raw json.RawMessage) (json.RawMessage, []cell, error) {
	var n float64
	if json.Unmarshal(raw, &n) != nil {
		return nil, nil, errors.New("this is to be a number")
	}
	s := strconv.FormatFloat(n, 'f', -1, 64)
	if math.Abs(n) > 1e15 || !decimal.MatchString(s) {
		return nil, nil, errors.New("a number has at most 15 digits, and 4 behind the point")
	}
	return json.RawMessage(s), []cell{{num: s}}, nil
}

var currency = regexp.MustCompile(`^[A-Z]{3}$`)

func money(raw json.RawMessage) (json.RawMessage, []cell, error) {
	var m struct {
		AmountMinor *int64 `json:"amountMinor"`
		Currency    string `json:"currency"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if d.Decode(&m) != nil || m.AmountMinor == nil || !currency.MatchString(m.Currency) || *m.AmountMinor > 1e15 || *m.AmountMinor < -1e15 {
		return nil, nil, errors.New(`an amount is {"amountMinor": 125000, "currency": "EUR"}, in the currency's smallest unit`)
	}
	return encode(m), []cell{{num: *m.AmountMinor}}, nil
}

func boolean(raw json.RawMessage) (json.RawMessage, []cell, error) {
	var b bool
	if json.Unmarshal(raw, &b) != nil {
		return nil, nil, errors.New("this is to be true or false")
	}
	return raw, []cell{{num: b}}, nil
}

func several(d Def, raw json.RawMessage) (json.RawMessage, []cell, error) {
	var given []string
	if json.Unmarshal(raw, &given) != nil {
		return nil, nil, errors.New("this is to be a list of options")
	}
	chosen, cells := []string{}, []cell(nil)
	for _, s := range given {
		option, ok := optionOf(d, s)
		if !ok {
			return nil, nil, errors.New("options are " + strings.Join(d.Options, ", "))
		}
		if !slices.Contains(chosen, option) {
			chosen, cells = append(chosen, option), append(cells, cell{str: option})
		}
	}
	return encode(chosen), cells, nil
}

// encode writes what is made of strings and numbers, which always works.
func encode(v any) json.RawMessage {
	text, _ := json.Marshal(v)
	return text
}

// bare is a value as MySQL compares it: a text without quotes, an amount
// without its currency.
func bare(raw json.RawMessage) string {
	var s string
	var m struct{ AmountMinor *int64 }
	switch {
	case len(raw) == 0:
		return ""
	case json.Unmarshal(raw, &s) == nil:
		return s
	case json.Unmarshal(raw, &m) == nil && m.AmountMinor != nil:
		return strconv.FormatInt(*m.AmountMinor, 10)
	case string(raw) == "true":
		return "1"
	case string(raw) == "false":
		return "0"
	}
	return string(raw)
}
