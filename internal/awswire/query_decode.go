package awswire

import (
	"encoding/base64"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"apex/internal/api"
)

// A queryDecoder reads the parameters of one request of ec2Query or awsQuery.
type queryDecoder struct {
	protocol api.Protocol
	unknown  int
}

func decodeQuery(protocol api.Protocol, r *Request, in any) (unknown int, err error) {
	all, err := r.parameters()
	if err != nil {
		return 0, err
	}
	d := queryDecoder{protocol: protocol}
	err = d.structure(node{run: all}, reflect.ValueOf(in).Elem(), "", 0)
	return d.unknown, err
}

func (d *queryDecoder) structure(n node, into reflect.Value, path string, depth int) error {
	if depth > maxDepth {
		return &InputError{path, "nested too deep"}
	}
	p := planFor(into.Type(), d.protocol)
	for name, child := range n.children() {
		f := p.byName[name]
		if f == nil {
			if depth > 0 || !isEnvelope(name) {
				d.unknown++
			}
			continue
		}
		if err := d.field(child, f, into.Field(f.index), join(path, name), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// isEnvelope tells the parameters that say what is asked, by whom, from the
// operation's own.
func isEnvelope(name string) bool {
	return name == "Action" || name == "Version" || strings.HasPrefix(name, "X-Amz-")
}

func (d *queryDecoder) field(n node, f *field, into reflect.Value, path string, depth int) error {
	switch into.Kind() {
	case reflect.Slice:
		if into.Type().Elem().Kind() != reflect.Uint8 {
			return d.list(d.items(n, f), f, into, path, depth)
		}
	case reflect.Map:
		return d.mapping(n, f, into, path, depth)
	}
	return d.value(n, f, into, path, depth)
}

// items returns the node whose children are a list's items by number.
func (d *queryDecoder) items(n node, f *field) node {
	if d.protocol == api.EC2Query || f.flat {
		return n
	}
	for _, name := range []string{f.item, "member"} {
		if wrapped, ok := n.child(name); ok {
			return wrapped
		}
	}
	return n
}

func (d *queryDecoder) list(n node, f *field, into reflect.Value, path string, depth int) error {
	items, unknown := numbered(n)
	d.unknown += unknown
	list := reflect.MakeSlice(into.Type(), len(items), len(items))
	for i, item := range items {
		if err := d.value(item, f, list.Index(i), join(path, strconv.Itoa(i+1)), depth+1); err != nil {
			return err
		}
	}
	into.Set(list)
	return nil
}

// numbered returns the children that have numbers for names, in numeric order;
// numbers may be missing in between. It counts the other children.
func numbered(n node) (items []node, others int) {
	type indexed struct {
		index uint64
		node  node
	}
	var found []indexed
	for name, child := range n.children() {
		index, err := strconv.ParseUint(name, 10, 32)
		if err != nil {
			others++
			continue
		}
		found = append(found, indexed{index, child})
	}
	slices.SortFunc(found, func(a, b indexed) int { return int(int64(a.index) - int64(b.index)) })
	for _, f := range found {
		items = append(items, f.node)
	}
	return items, others
}

func (d *queryDecoder) mapping(n node, f *field, into reflect.Value, path string, depth int) error {
	if entry, ok := n.child("entry"); ok && !f.flat {
		n = entry
	}
	items, unknown := numbered(n)
	d.unknown += unknown
	m := reflect.MakeMapWithSize(into.Type(), len(items))
	for _, item := range items {
		value := reflect.New(into.Type().Elem()).Elem()
		key := item.childValue(f.key)
		valueNode, _ := item.child(f.value)
		if err := d.value(valueNode, f, value, join(path, key), depth+1); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(key), value)
	}
	into.Set(m)
	return nil
}

// value reads one value: a scalar, or the structure below n.
func (d *queryDecoder) value(n node, f *field, into reflect.Value, path string, depth int) error {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	switch {
	case into.Kind() == reflect.Struct && into.Type() != timeType:
		return d.structure(n, into, path, depth)
	case into.Kind() == reflect.Slice && into.Type().Elem().Kind() != reflect.Uint8:
		return d.list(d.items(n, f), f, into, path, depth)
	}
	text, _ := n.value()
	if !setScalar(into, text) {
		return &InputError{path, strconv.Quote(text) + " is not " + scalarName(into)}
	}
	return nil
}

// setScalar reads text into a scalar and reports whether it could.
func setScalar(into reflect.Value, text string) bool {
	var err error
	switch into.Kind() {
	case reflect.String:
		into.SetString(text)
	case reflect.Int64:
		var n int64
		n, err = strconv.ParseInt(text, 10, 64)
		into.SetInt(n)
	case reflect.Float64:
		var n float64
		n, err = strconv.ParseFloat(text, 64)
		into.SetFloat(n)
	case reflect.Bool:
		into.SetBool(strings.EqualFold(text, "true"))
		return strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
	case reflect.Slice:
		var blob []byte
		blob, err = base64.StdEncoding.DecodeString(text)
		into.SetBytes(blob)
	default: // time.Time: planned types have no other
		t, ok := parseTime(text)
		into.Set(reflect.ValueOf(t))
		return ok
	}
	return err == nil
}

func scalarName(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Int64:
		return "an integer"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "a boolean"
	case reflect.Slice:
		return "base64"
	case reflect.String:
		return "a string"
	default:
		return "a timestamp"
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
