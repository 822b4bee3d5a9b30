// Package openapi describes the API in OpenAPI 3.1, from the routes and the
// types of their operations, so that the description cannot fall behind.
package openapi

import (
	"cmp"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// object is a JSON object; its members come out in the order of their names.
type object = map[string]any

// A Document is a whole description, ready to be encoded as JSON.
type Document object

// New describes routes below base.
func New(base string, groups ...[]web.Route) Document {
	d := describer{schemas: object{}, names: map[string]string{}, inward: map[reflect.Type]bool{}}
	routes := slices.Concat(groups...)
	for _, route := range routes {
		d.look(route)
	}
	d.problem = d.ref(problem.Problem{})
	paths, tags := object{}, map[string]bool{}
	for _, route := range routes {
		method, path, _ := strings.Cut(route.Pattern, " ")
		path = wildcard.ReplaceAllString(path, "{$1}")
		item, ok := paths[base+path].(object)
		if !ok {
			item = object{}
			paths[base+path] = item
		}
		tag := subject(path)
		tags[tag] = true
		item[strings.ToLower(method)] = d.operation(method, path, tag, route)
	}
	return Document{
		"openapi": "3.1.0",
		"info": object{
			"title": "ApexAI CRM", "version": "1", "description": about,
			"license": object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
		},
		"servers":    []object{{"url": "/", "description": "this installation"}},
		"tags":       tagList(tags),
		"paths":      paths,
		"components": object{"schemas": d.schemas, "securitySchemes": schemes, "parameters": parameters},
	}
}

const about = `Records of a workspace: people, companies, deals, and what was done and is to be done with them.

Times are UTC (RFC 3339), dates without a time are YYYY-MM-DD, ids are UUIDv7, money is in minor units with a currency.
Errors are application/problem+json (RFC 9457). A record's ETag carries its version: what changes one needs it in If-Match.
Lists are cut by key: pass nextCursor as cursor. A POST with an Idempotency-Key can be sent again.`

var wildcard = regexp.MustCompile(`\{(\w+)\.\.\.\}`)

var schemes = object{
	"session": object{"type": "apiKey", "in": "cookie", "name": "__Host-apex_sid", "description": "what POST /auth/session sets"},
	"key":     object{"type": "http", "scheme": "bearer", "description": "an API key, apx_live_…"},
}

var parameters = object{
	"IfMatch": object{
		"name": "If-Match", "in": "header", "required": true, "schema": object{"type": "string"}, "example": `"v7"`,
		"description": "the ETag of the version that this changes",
	},
	"IdempotencyKey": object{
		"name": "Idempotency-Key", "in": "header", "schema": object{"type": "string", "maxLength": 200},
		"description": "makes it safe to send this again: the first answer comes back",
	},
}

func subject(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

func tagList(tags map[string]bool) (all []object) {
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		all = append(all, object{"name": name})
	}
	return all
}

type describer struct {
	schemas object            // components.schemas
	names   map[string]string // a Go type's full name to its schema's
	problem object
	inward  map[reflect.Type]bool // types that requests carry
}

// look notes what is to be known of all routes before any is described.
func (d describer) look(route web.Route) {
	if route.Operation.In != nil {
		d.carry(route.Operation.In)
	}
}

func (d describer) operation(method, path, tag string, route web.Route) object {
	o := object{
		"operationId": operationID(method, path), "tags": []string{tag},
		"summary": cmp.Or(route.Summary, operationID(method, path)), "description": needs(route.Needs),
		"responses": d.responses(path, route),
	}
	if p := d.parameters(method, path, route); len(p) > 0 {
		o["parameters"] = p
	}
	if route.Needs == tenant.Nobody {
		o["security"] = []object{}
	} else {
		o["security"] = []object{{"session": []string{}}, {"key": []string{}}}
	}
	if body := d.body(method, route.Operation); body != nil {
		o["requestBody"] = body
	}
	return o
}

func needs(role tenant.Role) string {
	if role == tenant.Nobody {
		return "Needs no session."
	}
	return "Needs the role " + role.String() + "."
}

func (d describer) parameters(method, path string, route web.Route) (all []object) {
	for _, m := range pathParam.FindAllStringSubmatch(path, -1) {
		schema := object{"type": "string"}
		if m[1] == "id" || strings.HasSuffix(m[1], "Id") {
			schema["format"] = "uuid"
		}
		all = append(all, object{"name": m[1], "in": "path", "required": true, "schema": schema})
	}
	for _, q := range route.Query {
		all = append(all, object{"name": q.Name, "in": "query", "description": q.Doc, "schema": querySchema(q)})
	}
	if route.Operation.OfVersion {
		all = append(all, object{"$ref": "#/components/parameters/IfMatch"})
	}
	if method == http.MethodPost && route.Needs > tenant.Nobody && !route.Operation.Streamed() {
		all = append(all, object{"$ref": "#/components/parameters/IdempotencyKey"})
	}
	return all
}

var pathParam = regexp.MustCompile(`\{(\w+)\}`)

func querySchema(q web.Param) object {
	s := object{"type": "string"}
	switch q.Kind {
	case web.Integer, web.Boolean:
		s["type"] = string(q.Kind)
	case web.ID:
		s["format"] = "uuid"
	case web.Date:
		s["format"] = "date"
	case web.JSON:
		s["contentMediaType"] = "application/json"
	}
	if len(q.Enum) > 0 {
		s["enum"] = q.Enum
	}
	return s
}

func (d describer) body(method string, o web.Operation) object {
	switch o.Takes {
	case "":
		return nil
	case web.TypeForm:
		file := object{"type": "object", "required": []string{"file"}, "properties": object{"file": object{"type": "string", "contentMediaType": "application/octet-stream"}}}
		return object{"required": true, "content": object{o.Takes: object{"schema": file}}}
	}
	takes := o.Takes
	if method == http.MethodPatch {
		takes = "application/merge-patch+json"
	}
	return object{"required": true, "content": object{takes: object{"schema": d.schema(o.In)}}}
}

func (d describer) responses(path string, route web.Route) object {
	o := route.Operation
	success := object{"description": http.StatusText(o.Status)}
	switch {
	case o.Out != nil:
		success["content"] = object{o.Gives: object{"schema": d.schema(o.Out)}}
	case o.Gives != "":
		success["content"] = object{o.Gives: object{"schema": object{"type": "string"}}}
	}
	all := object{strconv.Itoa(o.Status): success}
	for _, status := range d.faults(path, route) {
		all[strconv.Itoa(status)] = object{
			"description": http.StatusText(status), "content": object{"application/problem+json": object{"schema": d.problem}},
		}
	}
	return all
}

// faults are the problems that a caller should be ready for, besides a 500.
func (d describer) faults(path string, route web.Route) []int {
	all := []int{http.StatusBadRequest, http.StatusServiceUnavailable}
	if route.Needs > tenant.Nobody {
		all = append(all, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests)
	}
	if strings.Contains(path, "{") {
		all = append(all, http.StatusNotFound)
	}
	if route.Operation.Takes != "" {
		all = append(all, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if route.Operation.OfVersion {
		all = append(all, http.StatusPreconditionFailed, http.StatusPreconditionRequired)
	}
	return all
}

// operationID is "listPeople", "getPeopleById", "postDealsByIdMove": made of
// the path alone, so that it is nobody's to choose twice.
func operationID(method, path string) string {
	var b strings.Builder
	b.WriteString(strings.ToLower(method))
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("/-.", r) }) {
		if m := pathParam.FindStringSubmatch(part); m != nil {
			part = "by" + strings.ToUpper(m[1][:1]) + m[1][1:]
		}
		part = pathParam.ReplaceAllString(part, "$1")
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}
