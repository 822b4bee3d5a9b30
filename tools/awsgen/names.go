package main

import (
	"regexp"
	"strings"
)

// exported makes a model's name a Go name: its first letter in upper case.
func exported(name string) string {
	name = strings.TrimLeft(name, "_")
	return upperFirst(name)
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

var (
	enumStrip = regexp.MustCompile(`[^a-zA-Z0-9_:./-]`)
	enumCamel = regexp.MustCompile(`([a-z])([A-Z])`)
	enumSplit = regexp.MustCompile(`[-_:./]+`)
)

// enumName makes a value of an enum the tail of a constant's name, as the AWS
// SDK for Go v1 does: "HTTP_301" is Http301, "in-use" is InUse.
func enumName(value string) string {
	value = enumStrip.ReplaceAllString(value, "")
	value = enumCamel.ReplaceAllString(value, "$1-$2")
	var name strings.Builder
	for _, part := range enumSplit.Split(value, -1) {
		name.WriteString(upperFirst(strings.ToLower(part)))
	}
	return name.String()
}
