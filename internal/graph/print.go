package graph

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
)

// String prints the graph as text: a line for each resource, then its fields.
func (g Graph) String() string {
	var b strings.Builder
	for _, r := range g.Resources {
		fmt.Fprintf(&b, "%s %s\n", r.Base().ID, r.Base().Name)
		printFields(&b, reflect.ValueOf(r))
	}
	return b.String()
}

func printFields(b *strings.Builder, v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Type == reflect.TypeFor[Meta]() || v.Field(i).IsZero() {
			continue
		}
		fmt.Fprintf(b, "  %s: %s\n", field.Name, text(v.Field(i)))
	}
}

// text prints a value on one line, maps in the order of their keys.
func text(v reflect.Value) string {
	if p, ok := v.Interface().(netip.Prefix); ok {
		return p.String()
	}
	var parts []string
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			parts = append(parts, text(v.Index(i)))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Map:
		for _, key := range sortedMapKeys(v) {
			parts = append(parts, fmt.Sprintf("%s: %s", key, text(v.MapIndex(key))))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Field(i).IsZero() {
				parts = append(parts, v.Type().Field(i).Name+" "+text(v.Field(i)))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v.Interface())
}
