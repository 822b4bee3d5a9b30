package openapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

type thing struct {
	ID    id.ID      `json:"id"`
	Name  string     `json:"name"`
	Since *time.Time `json:"since"`
	Note  string     `json:"note,omitempty"`
	Kids  []thing    `json:"kids"`
	inner int
}

func (t thing) RecordVersion() int { return t.inner }

type draft struct {
	Name string `json:"name"`
	Size struct {
		Width int `json:"width"`
	} `json:"size"`
}

type patch struct {
	Name web.Field[*string] `json:"name"`
}

func described(t *testing.T) map[string]any {
	t.Helper()
	get := func(context.Context, *web.Call) (thing, error) { return thing{}, nil }
	encoded, err := json.Marshal(New("/api/v1", []web.Route{
		{Pattern: "GET /things", Needs: tenant.Viewer, Operation: web.Read(func(context.Context, *web.Call) (page.Page[thing], error) { return page.Page[thing]{}, nil }), Query: []web.Param{{Name: "limit", Kind: web.Integer, Doc: "how many"}}},
		{Pattern: "POST /things", Needs: tenant.Member, Operation: web.Create(func(context.Context, *web.Call, draft) (thing, error) { return thing{}, nil })},
		{Pattern: "GET /things/{id}", Needs: tenant.Viewer, Operation: web.Read(get)},
		{Pattern: "PATCH /things/{id}", Needs: tenant.Member, Operation: web.Change(func(context.Context, *web.Call, patch) (thing, error) { return thing{}, nil }).NeedsVersion()},
		{Pattern: "DELETE /things/{id}", Needs: tenant.Member, Operation: web.Remove(func(context.Context, *web.Call) error { return nil }).NeedsVersion()},
		{Pattern: "GET /files/{name...}", Operation: web.Download("text/csv", func(context.Context, *web.Call) (web.File, error) { return web.File{}, nil })},
	}))
	if err != nil {
		t.Fatal(err)
	}
	var d map[string]any
	if err := json.Unmarshal(encoded, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// at follows a path of member names.
func at(v any, path ...string) any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func TestSchemas(t *testing.T) {
	schemas := at(described(t), "components", "schemas")
	want := map[string]any{
		"type": "object", "required": []any{"id", "kids", "name", "since"},
		"properties": map[string]any{
			"id": map[string]any{"type": "string", "format": "uuid"}, "name": map[string]any{"type": "string"}, "note": map[string]any{"type": "string"},
			"since": map[string]any{"type": []any{"string", "null"}, "format": "date-time"},
			"kids":  map[string]any{"type": "array", "items": map[string]any{"$ref": "#/components/schemas/thing"}},
		},
	}
	if diff := cmp.Diff(want, at(schemas, "thing")); diff != "" {
		t.Errorf("thing (-want +got):\n%s", diff)
	}
	if at(schemas, "draft", "required") != nil || at(schemas, "draft", "properties", "size", "properties", "width", "type") != "integer" {
		t.Errorf("draft: %v", at(schemas, "draft"))
	}
	if diff := cmp.Diff([]any{"string", "null"}, at(schemas, "patch", "properties", "name", "type")); diff != "" {
		t.Error(diff)
	}
	if at(schemas, "thingPage") == nil {
		t.Errorf("a page of things has no schema of its own: %v", schemas)
	}
}

func TestOperations(t *testing.T) {
	paths := at(described(t), "paths")
	versioned := []any{map[string]any{"name": "id", "in": "path", "required": true, "schema": map[string]any{"type": "string", "format": "uuid"}}, map[string]any{"$ref": "#/components/parameters/IfMatch"}}
	for _, method := range []string{"patch", "delete"} {
		if diff := cmp.Diff(versioned, at(paths, "/api/v1/things/{id}", method, "parameters")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", method, diff)
		}
	}
	if at(paths, "/api/v1/things/{id}", "patch", "requestBody", "content", "application/merge-patch+json") == nil {
		t.Error("PATCH takes no merge patch")
	}
	if at(paths, "/api/v1/files/{name}", "get", "responses", "200", "content", "text/csv") == nil {
		t.Error("the file's type is missing")
	}
	if got := at(paths, "/api/v1/things", "post", "operationId"); got != "postThings" {
		t.Errorf("operationId %v", got)
	}
}

func TestDocsPage(t *testing.T) {
	handler, err := Handler(New("/api/v1"))
	if err != nil {
		t.Fatal(err)
	}
	for path, kind := range map[string]string{"/api/docs": "text/html", "/api/docs/docs.js": "text/javascript", "/api/docs/docs.css": "text/css", "/api/openapi.json": "application/json"} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		again := httptest.NewRequest("GET", path, nil)
		again.Header.Set("If-None-Match", w.Header().Get("ETag"))
		w = httptest.NewRecorder()
		handler.ServeHTTP(w, again)
		if w.Code != http.StatusNotModified {
			t.Errorf("%s again: %d", path, w.Code)
		}
	}
}
