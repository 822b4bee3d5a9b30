package iam

import (
	"reflect"
	"strings"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

// A demand is one action on one resource that a call must be allowed.
type demand struct {
	action, resource string
	keys             map[string][]string // condition keys of it alone
}

// demandsOf returns all that a call must be allowed.
func demandsOf(r store.Reader, call *api.Call, action string, in any) []demand {
	if of := ciphertextDemands(r, call, in); of != nil {
		return of
	}
	resources := resourcesOf(r, call, in)
	demands := make([]demand, len(resources))
	for i, resource := range resources {
		demands[i] = demand{action: action, resource: resource}
	}
	return also(r, demands, call, action, in)
}

// also adds the actions that a call takes besides its own: giving tags to what it
// makes, and tags and a source identity to a session.
func also(r store.Reader, demands []demand, call *api.Call, action string, in any) []demand {
	input, own := reflect.Indirect(reflect.ValueOf(in)), demands[0]
	if d, ok := tagDemand(call, input, own.resource); ok {
		if own.resource == anyResource {
			n := names{r, arn.Scope{Account: call.Account, Region: call.Region}, input}
			d.resource = firstOf(n.byMember(call.Route.Service.SigningName), anyResource)
		}
		return append(demands, d)
	}
	if action != "sts:AssumeRole" && action != "sts:GetFederationToken" {
		return demands
	}
	if len(tagsIn(input)) > 0 {
		demands = append(demands, demand{action: "sts:TagSession", resource: own.resource})
	}
	if len(texts(input, "SourceIdentity")) > 0 {
		demands = append(demands, demand{action: "sts:SetSourceIdentity", resource: own.resource})
	}
	return demands
}

// findIdentity returns the user, role or policy that an ARN names. A role's trust
// policy speaks on who may take it on, and on nothing else.
func findIdentity(r store.Reader, a arn.ARN, action string) service.Resource {
	kind, name, _ := strings.Cut(a.Resource, "/")
	name = name[strings.LastIndex(name, "/")+1:]
	switch kind {
	case "role":
		role, _ := Roles.Get(r, key(a.Account, name))
		return findRole(role, action)
	case "user":
		user, _ := Users.Get(r, key(a.Account, name))
		return service.Resource{ARN: user.Spec.ARN, Tags: user.Spec.Tags}
	case "policy":
		p, _ := Policies.Get(r, policyKey(a.Account, a.String()))
		return service.Resource{Tags: p.Spec.Tags}
	}
	return service.Resource{}
}

func findRole(role Role, action string) service.Resource {
	found := service.Resource{ARN: role.Spec.ARN, Tags: role.Spec.Tags}
	if role.Key != "" && strings.HasPrefix(action, "sts:") {
		found.Policy, found.Required = role.Spec.Trust, true
	}
	return found
}

func firstOf(list []string, other string) string {
	if len(list) > 0 {
		return list[0]
	}
	return other
}
