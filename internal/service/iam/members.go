package iam

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// texts returns the value of a member that is a string, or a list of them.
func texts(input reflect.Value, member string) []string {
	v := input.FieldByName(member)
	if !v.IsValid() {
		return nil
	}
	switch v := v.Interface().(type) {
	case *string:
		if v != nil && *v != "" {
			return []string{*v}
		}
	case []string:
		return v
	}
	return nil
}

// scalars returns the value of a member as condition keys give it.
func scalars(v reflect.Value) []string {
	for v.IsValid() && v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	if !v.IsValid() {
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		return one(v.String())
	case reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
		return one(fmt.Sprint(v.Interface()))
	case reflect.Slice:
		var list []string
		for i := range v.Len() {
			if v.Index(i).Kind() == reflect.String {
				list = append(list, v.Index(i).String())
			}
		}
		return list
	}
	return nil
}

// mapOf returns a member that is a map of strings.
func mapOf(input reflect.Value, member string) map[string]string {
	v := input.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, member) })
	if !v.IsValid() {
		return nil
	}
	m, _ := v.Interface().(map[string]string)
	return m
}

// tagMembers are what the members that hold a request's tags are called.
var tagMembers = []string{"Tags", "TagList", "TagSpecifications", "AddTags"}

// tagsIn returns the tags that a request gives.
func tagsIn(input reflect.Value) map[string]string {
	all := map[string]string{}
	for _, member := range tagMembers {
		if input.IsValid() && input.Kind() == reflect.Struct {
			gatherTags(input.FieldByName(member), all)
		}
	}
	return all
}

// gatherTags reads a map of tags, a list of keys with values, or a list of
// structures that hold one.
func gatherTags(v reflect.Value, all map[string]string) {
	if !v.IsValid() {
		return
	}
	switch v.Kind() {
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if it.Value().Kind() == reflect.String {
				all[it.Key().String()] = it.Value().String()
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			gatherTags(v.Elem(), all)
		}
	case reflect.Slice:
		for i := range v.Len() {
			gatherTags(v.Index(i), all)
		}
	case reflect.Struct:
		gatherTag(v, all)
	}
}

func gatherTag(v reflect.Value, all map[string]string) {
	for _, names := range [][2]string{{"Key", "Value"}, {"TagKey", "TagValue"}} {
		if key := texts(v, names[0]); len(key) == 1 {
			value := ""
			if given := texts(v, names[1]); len(given) == 1 {
				value = given[0]
			}
			all[key[0]] = value
			return
		}
	}
	gatherTags(v.FieldByName("Tags"), all)
}

// tagKeysIn returns the keys of the tags that a request gives or takes away.
func tagKeysIn(input reflect.Value) []string {
	if !input.IsValid() || input.Kind() != reflect.Struct {
		return nil
	}
	keys := slices.Clone(texts(input, "TagKeys"))
	for key := range tagsIn(input) {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
