package api

import (
	"net/http"
	"slices"
	"strings"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// unkeyed are the resources that are for people in a browser only: a key that
// could make keys, invite people or read the address of somebody's calendar would
// outlive its removal.
var unkeyed = []string{"auth", "keys", "invites", "invitations", "workspaces", "calendar"}

// reading are those that only read, though they take a body.
var reading = []string{"POST /mcp", "POST /ai/query"}

// Resource is what a pattern's scope is of: "people" of "GET /people/{id}".
func Resource(pattern string) string {
	_, path, _ := strings.Cut(pattern, "/")
	resource, _, _ := strings.Cut(path, "/")
	return resource
}

// Resources are what the scopes of API keys can be of.
func Resources(groups ...[]web.Route) []string {
	var all []string
	for _, route := range slices.Concat(groups...) {
		if r := Resource(route.Pattern); !slices.Contains(unkeyed, r) {
			all = append(all, r)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Scope is what a key needs for a pattern; "" if no key will do.
func Scope(pattern string) string {
	resource, do := Resource(pattern), tenant.Writing
	if strings.HasPrefix(pattern, http.MethodGet+" ") || slices.Contains(reading, pattern) {
		do = tenant.Reading
	}
	if slices.Contains(unkeyed, resource) || resource == "members" && do == tenant.Writing {
		return ""
	}
	return resource + ":" + do
}

// inScope holds API keys to their scopes.
func inScope(pattern string, caller tenant.Tenant) error {
	if caller.Key.IsZero() {
		return nil
	}
	scope := Scope(pattern)
	if scope == "" {
		return problem.Forbidden("this is not for API keys")
	}
	if resource, do, _ := strings.Cut(scope, ":"); !caller.May(resource, do) {
		return problem.Forbidden("this API key lacks the scope " + scope)
	}
	return nil
}
