package stack

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// maxDepth bounds how deep a file may nest: anchors can make it endless.
const maxDepth = 32

// A decoder fills Go values from YAML nodes and remembers where each value
// stands. Decoding a second node over the same value is a deep merge, which is
// how an environment overrides the base.
type decoder struct {
	source   source
	prefix   string              // where the node stands in the file: "environments.production."
	places   map[string]ast.Node // by path in the stack: "services.server.memory"
	anchors  map[string]ast.Node
	problems Problems
}

func newDecoder(src source) *decoder {
	return &decoder{source: src, places: map[string]ast.Node{}, anchors: map[string]ast.Node{}}
}

// decode fills v, which stands at path, from node.
func (d *decoder) decode(node ast.Node, v reflect.Value, path string, depth int) {
	node = d.resolve(node)
	if depth > maxDepth {
		d.fail(node, "%s: nested too deep", path)
		return
	}
	if _, null := node.(*ast.NullNode); null || node == nil {
		return // nothing is said: the default stays
	}
	d.places[path] = node
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	if text, ok := scalar(node); ok {
		d.scalar(node, text, v, path)
		return
	}
	switch {
	case v.Kind() == reflect.Struct && !single(v):
		d.mapping(node, path, func(key string, value ast.Node, at ast.Node) {
			d.field(v, key, value, at, path, depth)
		})
	case v.Kind() == reflect.Map:
		d.mapping(node, path, func(key string, value ast.Node, at ast.Node) {
			d.element(v, key, value, join(path, key), depth)
		})
	case v.Kind() == reflect.Slice:
		d.list(node, v, path, depth)
	default:
		d.fail(node, "%s: wanted %s, found %s", d.name(path), wanted(v), kindOf(node))
	}
}

// mapping calls each for every pair of a mapping, merge keys first.
func (d *decoder) mapping(node ast.Node, path string, each func(key string, value, at ast.Node)) {
	m, ok := node.(*ast.MappingNode)
	if !ok {
		d.fail(node, "%s: wanted a mapping, found %s", d.name(path), kindOf(node))
		return
	}
	for _, pair := range m.Values {
		if pair.Key.IsMergeKey() {
			if base, ok := d.resolve(pair.Value).(*ast.MappingNode); ok && base != m {
				d.mapping(base, path, each)
			}
		}
	}
	for _, pair := range m.Values {
		if !pair.Key.IsMergeKey() {
			each(pair.Key.GetToken().Value, pair.Value, pair.Key)
		}
	}
}

// field decodes one key of a struct.
func (d *decoder) field(v reflect.Value, key string, value, at ast.Node, path string, depth int) {
	var known []string
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("yaml")
		if tag == key && tag != "-" {
			d.decode(value, v.Field(i), join(path, key), depth+1)
			return
		}
		if tag != "" && tag != "-" {
			known = append(known, tag)
		}
	}
	d.fail(at, "%s: unknown key `%s`", d.name(path), key).Hint = suggest(key, known)
}

// element decodes one value of a map over what the map holds already.
func (d *decoder) element(v reflect.Value, key string, value ast.Node, path string, depth int) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	elem := reflect.New(v.Type().Elem()).Elem()
	if have := v.MapIndex(reflect.ValueOf(key)); have.IsValid() {
		elem.Set(have)
	}
	d.decode(value, elem, path, depth+1)
	v.SetMapIndex(reflect.ValueOf(key), elem)
}

// list decodes a sequence; it replaces what was there.
func (d *decoder) list(node ast.Node, v reflect.Value, path string, depth int) {
	seq, ok := node.(*ast.SequenceNode)
	if !ok {
		d.fail(node, "%s: wanted a list, found %s", d.name(path), kindOf(node))
		return
	}
	items := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, item := range seq.Values {
		d.decode(item, items.Index(i), fmt.Sprintf("%s[%d]", path, i), depth+1)
	}
	v.Set(items)
}

// scalar decodes a single value.
func (d *decoder) scalar(node ast.Node, text string, v reflect.Value, path string) {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(text)); err != nil {
			d.fail(node, "%s: %w", d.name(path), err)
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int:
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			d.fail(node, "%s: %q is no whole number", d.name(path), text)
		}
		v.SetInt(n)
	case reflect.Bool:
		b, ok := map[string]bool{"true": true, "false": false}[text]
		if !ok {
			d.fail(node, "%s: %q is neither true nor false", d.name(path), text)
		}
		v.SetBool(b)
	default:
		d.fail(node, "%s: wanted %s, found %q", d.name(path), wanted(v), text)
	}
}

// resolve follows anchors, aliases and tags to the node that holds the value.
func (d *decoder) resolve(node ast.Node) ast.Node {
	for range maxDepth {
		switch n := node.(type) {
		case *ast.AnchorNode:
			d.anchors[n.Name.GetToken().Value] = n.Value
			node = n.Value
		case *ast.AliasNode:
			target, ok := d.anchors[n.Value.GetToken().Value]
			if !ok {
				d.fail(n, "unknown anchor `%s`", n.Value.GetToken().Value)
				return nil
			}
			node = target
		case *ast.TagNode:
			node = n.Value
		case *ast.MappingValueNode:
			return &ast.MappingNode{BaseNode: n.BaseNode, Start: n.Start, Values: []*ast.MappingValueNode{n}}
		default:
			return node
		}
	}
	return nil
}

// fail records a problem at a node; the caller may add a hint.
func (d *decoder) fail(node ast.Node, format string, args ...any) *Problem {
	d.problems = append(d.problems, d.source.problem(node, fmt.Errorf(format, args...).Error()))
	return &d.problems[len(d.problems)-1]
}

// name is a path as the reader of the file sees it.
func (d *decoder) name(path string) string {
	switch {
	case path == "" && d.prefix == "":
		return "the file"
	case path == "":
		return d.prefix[:len(d.prefix)-1]
	}
	return d.prefix + path
}

// scalar returns the text of a node that holds a single value.
func scalar(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case ast.ScalarNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// single reports whether a struct is written as one scalar only.
func single(v reflect.Value) bool {
	_, text := v.Addr().Interface().(encoding.TextUnmarshaler)
	return text && (v.NumField() == 0 || v.Type().Field(0).Tag.Get("yaml") == "")
}

func wanted(v reflect.Value) string {
	if f, ok := v.Interface().(form); ok {
		return "a value like " + f.Form()
	}
	return map[reflect.Kind]string{
		reflect.String: "a text", reflect.Int: "a number", reflect.Bool: "true or false",
		reflect.Struct: "a mapping", reflect.Map: "a mapping", reflect.Slice: "a list",
	}[v.Kind()]
}

func kindOf(node ast.Node) string {
	switch node.(type) {
	case *ast.MappingNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	}
	return "a single value"
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// sortedKeys are a map's keys in order, so that all output is stable.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
