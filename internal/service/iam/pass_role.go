package iam

import (
	"reflect"
	"strings"

	"apex/internal/api"
	"apex/internal/store"
)

// passTo are the services that use a role which they are given under another
// name than their own (Service authorization reference, iam:PassedToService).
var passTo = map[string]string{"ecs": "ecs-tasks.amazonaws.com", "rds": "monitoring.rds.amazonaws.com"}

func passedToService(call *api.Call) string {
	name := call.Route.Service.SigningName
	return orElse(passTo[name], name+".amazonaws.com")
}

// passedRoles returns the roles that a request hands to the service, however deep
// they lie. Without a check of its own, who may register a task definition
// would have every role's rights.
func passedRoles(r store.Reader, call *api.Call, in any) []string {
	if !usesRoles(call) {
		return nil
	}
	var passed []string
	walk(reflect.ValueOf(in), "", func(member, text string) {
		switch {
		case isRole(text):
			passed = append(passed, text)
		case strings.HasSuffix(member, "RoleArn") && !strings.HasPrefix(text, "arn:"):
			passed = append(passed, roleARN(r, call.Account, text)) // ECS takes names too
		}
	})
	return passed
}

// usesRoles tells the services that act with a role from those that act on it.
func usesRoles(call *api.Call) bool {
	service := call.Route.Service.SigningName
	return service != "iam" && service != "sts"
}

func isRole(text string) bool {
	return strings.HasPrefix(text, "arn:aws:iam::") && strings.Contains(text, ":role/")
}

// roleARN returns the ARN of a role by its name, also of one that is not there.
func roleARN(r store.Reader, account, name string) string {
	role, _ := Roles.Get(r, key(account, name))
	return orElse(role.Spec.ARN, arnOf(account, "role", "/", name))
}

// walk visits every string of an input with the name of the member that holds it.
func walk(v reflect.Value, member string, visit func(member, text string)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), member, visit)
		}
	case reflect.String:
		visit(member, v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				walk(v.Field(i), field.Name, visit)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			walk(v.Index(i), member, visit)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			walk(it.Value(), member, visit)
		}
	}
}
