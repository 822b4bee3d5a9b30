package awswire

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"apex/internal/api"
)

// The places of a REST request or answer that a member may have; a member
// without one is in the body.
const (
	inURI     = "uri"
	inQuery   = "querystring"
	inHeader  = "header"
	inHeaders = "headers" // every header with a prefix
	inStatus  = "statusCode"
)

// decodeBindings fills the members that are outside the body.
func decodeBindings(r *Request, op *api.OperationInfo, in reflect.Value) error {
	p := planFor(in.Type(), op.Service.Protocol)
	if len(p.located) == 0 {
		return nil
	}
	query, err := url.ParseQuery(r.RawQuery)
	if err != nil {
		return &InputError{Fault: "the query string is not URL-encoded"}
	}
	t := templateOf(op.RequestURI)
	labels, _ := t.match(segmentsOf(r.escapedPath()))
	for _, f := range p.located {
		into := in.Field(f.index)
		switch f.location {
		case inURI:
			err = setText(into, []string{labels[f.in]}, f)
		case inQuery:
			err = setQuery(into, query, f, p, t)
		case inHeader:
			err = setText(into, r.Header.Values(f.in), f)
		case inHeaders:
			setHeaders(into, r.Header, f.in)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// setText reads a member from text: a list from many or from one with commas.
func setText(into reflect.Value, values []string, f *field) error {
	switch {
	case len(values) == 0:
		return nil
	case into.Kind() == reflect.Slice && into.Type().Elem().Kind() != reflect.Uint8:
		if f.location == inHeader {
			values = strings.Split(strings.Join(values, ","), ",")
		}
		list := reflect.MakeSlice(into.Type(), len(values), len(values))
		for i, value := range values {
			if err := setOne(list.Index(i), strings.TrimSpace(value), f); err != nil {
				return err
			}
		}
		into.Set(list)
		return nil
	case into.Kind() == reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	return setOne(into, values[0], f)
}

func setOne(into reflect.Value, text string, f *field) error {
	if !setScalar(into, text) {
		return &InputError{f.member, strconv.Quote(text) + " is not " + scalarName(into)}
	}
	return nil
}

// setQuery reads a member from the query string; a map takes what no other
// member does.
func setQuery(into reflect.Value, query url.Values, f *field, p *plan, t *template) error {
	if into.Kind() != reflect.Map {
		return setText(into, query[f.in], f)
	}
	m := reflect.MakeMap(into.Type())
	for name, values := range query {
		if p.takes(name) || slices.ContainsFunc(t.literals, func(l literal) bool { return l.name == name }) {
			continue
		}
		value := reflect.New(into.Type().Elem()).Elem()
		if err := setText(value, values, f); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(name), value)
	}
	into.Set(m)
	return nil
}

// takes tells whether a member of its own has a name of the query string.
func (p *plan) takes(name string) bool {
	return slices.ContainsFunc(p.located, func(f *field) bool { return f.location == inQuery && f.in == name && !f.rest })
}

func setHeaders(into reflect.Value, header http.Header, prefix string) {
	m := reflect.MakeMap(into.Type())
	for name, values := range header {
		if len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			m.SetMapIndex(reflect.ValueOf(name[len(prefix):]), reflect.ValueOf(values[0]))
		}
	}
	if m.Len() > 0 {
		into.Set(m)
	}
}

// encodeBindings writes the members of an output that are outside the body, and
// returns the status of the answer.
func encodeBindings(w http.ResponseWriter, op *api.OperationInfo, out reflect.Value) int {
	status := op.Status
	if status == 0 {
		status = http.StatusOK
	}
	for _, f := range planFor(out.Type(), op.Service.Protocol).located {
		v := out.Field(f.index)
		if v.IsNil() {
			continue
		}
		switch f.location {
		case inHeader:
			w.Header().Set(f.out, textOf(v, f))
		case inHeaders:
			for _, key := range sortedKeys(v) {
				w.Header().Set(f.out+key, v.MapIndex(reflect.ValueOf(key)).String())
			}
		case inStatus:
			status = int(v.Elem().Int())
		}
	}
	return status
}

// textOf writes a member as a header has it.
func textOf(v reflect.Value, f *field) string {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Slice || v.Type().Elem().Kind() == reflect.Uint8 {
		e := xmlEncoder{}
		e.scalar(f, v)
		if v.Kind() == reflect.String {
			return v.String()
		}
		return e.String()
	}
	items := make([]string, v.Len())
	for i := range items {
		items[i] = textOf(v.Index(i), f)
	}
	return strings.Join(items, ",")
}
