package awswire

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"apex/internal/api"
)

// maxViolations bounds how many faults of one input are named.
const maxViolations = 10

// A violation is a member that breaks a constraint of the model.
type violation struct {
	path  string // "actions.1.member.type"
	value string // as the message shows it; "null" if absent
	rule  string
}

// Validate checks an input against the constraints of the model and answers
// with the code that the service's family has for it.
func Validate(op *api.OperationInfo, in any) *api.Error {
	c := checker{protocol: op.Service.Protocol}
	c.structure(reflect.ValueOf(in).Elem(), "")
	if len(c.found) == 0 {
		return nil
	}
	return refuse(op.Service, c.found)
}

// DryRun tells whether an input of EC2 asks only if the call would be allowed.
func DryRun(in any) bool {
	v := reflect.ValueOf(in).Elem().FieldByName("DryRun")
	if !v.IsValid() || v.Kind() != reflect.Pointer || v.IsNil() {
		return false
	}
	return v.Elem().Kind() == reflect.Bool && v.Elem().Bool()
}

type checker struct {
	protocol api.Protocol
	found    []violation
}

func (c *checker) add(path, value, rule string, args ...any) {
	if len(c.found) < maxViolations {
		c.found = append(c.found, violation{path, value, fmt.Sprintf(rule, args...)})
	}
}

func (c *checker) structure(v reflect.Value, path string) {
	p := planFor(v.Type(), c.protocol)
	for i := range p.fields {
		f := &p.fields[i]
		c.member(f, v.Field(f.index), join(path, f.member))
	}
}

func (c *checker) member(f *field, v reflect.Value, path string) {
	if v.IsNil() {
		if f.checks.required {
			c.add(path, "null", "Member must not be null")
		}
		return
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	c.bounds(&f.checks, v, path)
	switch {
	case v.Kind() == reflect.String:
		c.enum(&f.checks, v.String(), path)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String:
		for i := range v.Len() {
			c.enum(&f.checks, v.Index(i).String(), path)
		}
	default:
		c.descend(v, path)
	}
}

// descend checks the structures inside a value.
func (c *checker) descend(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() != timeType {
			c.structure(v, path)
		}
	case reflect.Slice:
		if kind := v.Type().Elem().Kind(); kind != reflect.Struct && kind != reflect.Slice {
			return
		}
		for i := range v.Len() {
			c.descend(v.Index(i), path+"."+strconv.Itoa(i+1)+".member")
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			c.descend(it.Value(), path+"."+it.Key().String()+".member")
		}
	}
}

func (c *checker) bounds(checks *checks, v reflect.Value, path string) {
	if checks.min == nil && checks.max == nil {
		return
	}
	size, what := measure(v)
	if low := checks.min; low != nil && size < *low {
		c.add(path, show(v), "Member must have %s greater than or equal to %v", what, *low)
	}
	if high := checks.max; high != nil && size > *high {
		c.add(path, show(v), "Member must have %s less than or equal to %v", what, *high)
	}
}

// measure returns what the bounds of a member limit.
func measure(v reflect.Value) (size float64, what string) {
	switch v.Kind() {
	case reflect.String:
		return float64(utf8.RuneCountInString(v.String())), "length"
	case reflect.Slice, reflect.Map:
		return float64(v.Len()), "length"
	case reflect.Int64:
		return float64(v.Int()), "value"
	case reflect.Float64:
		return v.Float(), "value"
	}
	return 0, "value"
}

func (c *checker) enum(checks *checks, value, path string) {
	if len(checks.enum) > 0 && !slices.Contains(checks.enum, value) {
		c.add(path, value, "Member must satisfy enum value set: [%s]", checks.enumText)
	}
}

// show returns a value as a message may show it. Inputs carry passwords: text is
// never shown, except where it is matched with an enum.
func show(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	}
	return "***"
}

// refuse makes the answer of a service's family out of violations.
func refuse(service *api.Service, found []violation) *api.Error {
	first := found[0]
	missing := first.value == "null"
	switch {
	case service.Protocol == api.EC2Query && missing:
		return api.Invalid("MissingParameter", "The request must contain the parameter %s", lastName(first.path))
	case service.Protocol == api.EC2Query:
		return api.Invalid("InvalidParameterValue", "Value (%s) for parameter %s is invalid. %s", first.value, first.path, first.rule)
	case missing && (service.Name == "rds" || service.Name == "elasticache"):
		return api.Invalid("MissingParameter", "The request must contain the parameter %s.", upperFirst(first.path))
	case missing && service.Name == "cloudwatch":
		return api.Invalid("MissingParameter", "The request must contain the parameter %s.", upperFirst(first.path)).Typed("MissingRequiredParameterException")
	case service.Name == "cloudwatch":
		return api.Invalid("InvalidParameterValue", "%s", summary(found)).Typed("InvalidParameterValueException")
	}
	return api.Invalid(validationCode(service), "%s", summary(found))
}

// validationCode returns the code that a service answers invalid input with.
func validationCode(service *api.Service) string {
	switch service.Name {
	case "ecs", "ecr", "logs":
		return "InvalidParameterException"
	case "rds", "elasticache":
		return "InvalidParameterValue"
	case "sns":
		return "InvalidParameter"
	case "route53", "servicediscovery":
		return "InvalidInput"
	case "cloudfront":
		return "InvalidArgument"
	case "xray":
		return "InvalidRequestException"
	}
	if service.Protocol == api.JSON || service.Protocol == api.RestJSON {
		return "ValidationException"
	}
	return "ValidationError"
}

func summary(found []violation) string {
	var b strings.Builder
	noun := "errors"
	if len(found) == 1 {
		noun = "error"
	}
	fmt.Fprintf(&b, "%d validation %s detected: ", len(found), noun)
	for i, v := range found {
		if i > 0 {
			b.WriteString("; ")
		}
		value := "Value '" + v.value + "'"
		if v.value == "null" {
			value = "Value null"
		}
		fmt.Fprintf(&b, "%s at '%s' failed to satisfy constraint: %s", value, v.path, v.rule)
	}
	return b.String()
}

// lastName returns the member's own name as requests spell it.
func lastName(path string) string {
	return upperFirst(path[strings.LastIndexByte(path, '.')+1:])
}
