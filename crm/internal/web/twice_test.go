package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"apexai/crm/internal/problem"
)

func TestTwice(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: "", `[]`: "", `null`: "", `"a"`: "", `{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}`: "",
		`{"a":1,"a":1}`:                   "/a",
		`{"a":1,"A":1}`:                   "/A",
		`{"a":1,"\u0061":1}`:              "/a",
		`{"x":{"y":[0,{"z/":1,"z/":2}]}}`: "/x/y/1/z~1",
		`{"k":1,"\u212a":2}`:              "/\u212a", // encoding/json takes the Kelvin sign for a k
		`{"a":1e999,"b":-1e-999}`:         "",
		`{"a":1,`:                         "",
		`{"a":1,"a"`:                      "/a",
	} {
		if got := twice([]byte(text)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// What a body may not be, whatever it is for.
func TestHostileBodies(t *testing.T) {
	for name, tt := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"deep":                {strings.Repeat("[", 100_000), 400, "not JSON"},
		"deep, and whole":     {`{"Any":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + "}", 0, ""},
		"too deep":            {`{"Any":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}", 400, "depth"},
		"twice":               {`{"Name":"a","Name":"b"}`, 422, "/Name"},
		"twice, deep":         {`{"Any":` + strings.Repeat(`{"a":`, 5000) + `{"b":1,"b":2}` + strings.Repeat("}", 5000) + "}", 422, "/Any/a/a"},
		"not UTF-8":           {"{\"Name\":\"\xff\xfe\"}", 400, "UTF-8"},
		"a huge whole number": {`{"Size":` + strings.Repeat("9", 10_000) + "}", 422, "/Size"},
		"a huge fraction":     {`{"Size":1e999999999}`, 422, "/Size"},
		"a wrong type":        {`{"Name":{"a":1}}`, 422, "/Name"},
		"a list":              {`[{"Name":"a"}]`, 422, "array"},
		"two values":          {`{"Name":"a"}{"Name":"b"}`, 400, "more than one"},
		"many members":        {`{"Any":{` + members(50_000) + `}}`, 0, ""},
		"nothing":             {"", 400, "not JSON"},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(tt.body))
		r.Header.Set("Content-Type", "application/json")
		var into struct {
			Name string
			Size int
			Any  json.RawMessage
		}
		err := decode(r, &into)
		p, _ := errors.AsType[*problem.Problem](err)
		switch {
		case tt.status == 0 && err != nil:
			t.Errorf("%s: %v", name, err)
		case tt.status == 0:
		case p == nil || p.Status != tt.status || !strings.Contains(spoken(p), tt.says):
			t.Errorf("%s: %v; want %d with %q", name, err, tt.status, tt.says)
		}
	}
}

func spoken(p *problem.Problem) string {
	text, _ := json.Marshal(p) // plain data
	return string(text)
}

func members(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"m%d":0`, i)
	}
	return b.String()
}

// FuzzTwice: a text without repetition, as encoding/json writes it, has none,
// and nothing makes it go on for ever.
func FuzzTwice(f *testing.F) {
	for _, s := range []string{`{"a":1,"a":2}`, `[{"a":[]}]`, `{"a":{"b":1,"B":2}}`, `{`, `{"a"`, `[1,`, "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at := twice([]byte(text))
		if at != "" && !strings.HasPrefix(at, "/") {
			t.Errorf("%q: %q is no pointer", text, at)
		}
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			return
		}
		if _, flat := v.(map[string]any); flat || at == "" {
			return
		}
		if _, ok := v.([]any); !ok {
			t.Errorf("%q has no members, and one twice at %q", text, at)
		}
	})
}
