package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"apexai/crm/internal/openapi"
)

// contract is the API's own description, to which every answer that any test
// of this package sees is held.
type contract struct {
	compiler *jsonschema.Compiler
	paths    map[string]*regexp.Regexp

	mu      sync.Mutex
	schemas map[string]*jsonschema.Schema
}

var described = sync.OnceValue(func() *contract {
	c := &contract{compiler: jsonschema.NewCompiler(), paths: map[string]*regexp.Regexp{}, schemas: map[string]*jsonschema.Schema{}}
	document := plain(Description())
	for path := range document["paths"].(object) {
		c.paths[path] = regexp.MustCompile("^" + parameter.ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$")
	}
	if err := c.compiler.AddResource("api.json", document); err != nil {
		panic(err)
	}
	return c
})

var parameter = regexp.MustCompile(`\\\{\w+\\\}`)

// plain is a document as it is after it was written and read.
func plain(d openapi.Document) object {
	encoded, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		panic(err)
	}
	return v.(object)
}

// fault is how an answer differs from its description; "" if it does not.
func (c *contract) fault(method, path string, a answer) string {
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	if a.header.Get("Content-Encoding") != "" || kind != "application/json" && kind != "application/problem+json" {
		return ""
	}
	schema, err := c.schema(method, path, a.status, kind)
	if err != nil {
		return err.Error()
	}
	if schema == nil {
		return ""
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(a.raw))
	if err == nil {
		err = schema.Validate(v)
	}
	if err != nil {
		return fmt.Sprintf("%v\nin %.600s", err, a.raw)
	}
	return ""
}

// schema of one answer; nil where the description has nothing to say, as of
// paths that do not exist.
func (c *contract) schema(method, path string, status int, kind string) (*jsonschema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := "/components/schemas/Problem"
	if kind == "application/json" {
		pattern := c.pattern(path)
		if pattern == "" {
			return nil, nil
		}
		at = strings.Join([]string{
			"/paths", escaped.Replace(pattern), strings.ToLower(method), "responses", fmt.Sprint(status), "content", escaped.Replace(kind), "schema",
		}, "/")
	}
	s, ok := c.schemas[at]
	if !ok {
		var err error
		if s, err = c.compiler.Compile("api.json#" + (&url.URL{Path: at}).EscapedPath()); err != nil {
			return nil, err
		}
		c.schemas[at] = s
	}
	return s, nil
}

var escaped = strings.NewReplacer("~", "~0", "/", "~1")

// pattern is the path of the description that a request's path fits; the one
// with the fewest parameters, as the router takes it.
func (c *contract) pattern(path string) (found string) {
	path, _, _ = strings.Cut(path, "?")
	for pattern, form := range c.paths {
		if form.MatchString(path) && (found == "" || strings.Count(pattern, "{") < strings.Count(found, "{")) {
			found = pattern
		}
	}
	return found
}

// TestContractCanFail: what holds every other answer must notice a wrong one.
func TestContractCanFail(t *testing.T) {
	a := answer{status: 200, header: map[string][]string{"Content-Type": {"application/json"}}, raw: `{"items":[{"id":"x"}]}`}
	if described().fault("GET", "/api/v1/people", a) == "" {
		t.Error("a person without anything passed")
	}
	a.raw = `{"items":[]}`
	if got := described().fault("GET", "/api/v1/people?limit=1", a); got != "" {
		t.Error(got)
	}
}
