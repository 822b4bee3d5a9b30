package iam

import (
	"reflect"
	"strings"

	"apex/internal/api"
	"apex/internal/arn"
)

// anyResource is the resource of an action that names none; only a policy for
// every resource allows it.
const anyResource = "*"

// namedResources builds the ARN of a resource that a request names otherwise than
// by its ARN: by the service's signing name and the member's.
var namedResources = map[string]map[string]func(scope arn.Scope, name string) string{
	"secretsmanager": {
		"SecretId": func(s arn.Scope, name string) string { return s.ARN("secretsmanager", "secret:"+name) },
		"Name":     func(s arn.Scope, name string) string { return s.ARN("secretsmanager", "secret:"+name) },
	},
	"logs": {
		"LogGroupName": func(s arn.Scope, name string) string { return s.ARN("logs", "log-group:"+name+":*") },
	},
	"ecr": {
		"RepositoryName": func(s arn.Scope, name string) string { return s.ARN("ecr", "repository/"+name) },
	},
	"iam": {
		"RoleName": func(s arn.Scope, name string) string { return s.Global().ARN("iam", "role/"+name) },
		"UserName": func(s arn.Scope, name string) string { return s.Global().ARN("iam", "user/"+name) },
	},
}

// resourcesOf returns the ARNs that a call acts on: those its input gives, those
// of the names it gives, or anyResource.
func resourcesOf(call *api.Call, in any) []string {
	var list []string
	scope := arn.Scope{Account: call.Account, Region: call.Region}
	names := namedResources[call.Route.Service.SigningName]
	v := reflect.Indirect(reflect.ValueOf(in))
	for i := range v.NumField() {
		p, ok := v.Field(i).Interface().(*string)
		if !ok || p == nil {
			continue
		}
		member := v.Type().Field(i).Name
		switch build := names[member]; {
		case strings.HasPrefix(*p, "arn:"):
			list = append(list, *p)
		case build != nil:
			list = append(list, build(scope, *p))
		}
	}
	if len(list) == 0 {
		return []string{anyResource}
	}
	return list
}
