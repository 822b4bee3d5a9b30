package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"apexai/crm/internal/problem"
)

func TestUnsound(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: "", `[]`: "", `null`: "", `"a"`: "", `{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}`: "",
		`{"a":1,"a":1}`:                   "twice /a",
		`{"a":1,"A":1}`:                   "twice /A",
		`{"a":1,"\u0061":1}`:              "twice /a",
		`{"x":{"y":[0,{"z/":1,"z/":2}]}}`: "twice /x/y/1/z~1",
		`{"k":1,"\u212a":2}`:              "twice /\u212a", // encoding/json takes the Kelvin sign for a k
		`{"a":1e999,"b":-1e-999}`:         "",
		strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth):     "",
		strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1): "too-deep " + strings.Repeat("/0", maxDepth),
		`"\ud83d\ude80"`: "", `"\\ud83d"`: "", `"\u00e9\n\\"`: "", `"🚀"`: "", `"\\\ud83d\ude80"`: "",
		`"\ud83d"`: "syntax", `"\ude80\ud83d"`: "syntax", `"\ud83dx"`: "syntax", `"\ud83d\u0041"`: "syntax", `"\\\ud83d"`: "syntax", `{"\udfff":1}`: "syntax",
	} {
		err := unsound([]byte(text))
		got := ""
		if p, ok := errors.AsType[*problem.Problem](err); ok && len(p.Errors) > 0 {
			got = p.Errors[0].Code + " " + p.Errors[0].Pointer
		} else if ok {
			got = "syntax"
		}
		if got != want {
			t.Errorf("%.80s: %q, want %q", text, got, want)
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
		"deep, and whole":     {`{"Any":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + "}", 422, "too-deep"},
		"too deep":            {`{"Any":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}", 400, "depth"},
		"twice":               {`{"Name":"a","Name":"b"}`, 422, "/Name"},
		"twice, deep":         {`{"Any":` + strings.Repeat(`{"a":`, 9) + `{"b":1,"b":2}` + strings.Repeat("}", 9) + "}", 422, "/Any/a/a"},
		"half a character":    {`{"Any":"\ud800"}`, 400, "half a character"},
		"not UTF-8":           {"{\"Name\":\"\xff\xfe\"}", 400, "UTF-8"},
		"a huge whole number": {`{"Size":` + strings.Repeat("9", 10_000) + "}", 422, "/Size"},
		"a huge fraction":     {`{"Size":1e999999999}`, 422, "/Size"},
		"a wrong type":        {`{"Name":{"a":1}}`, 422, "/Name"},
		"a list":              {`[{"Name":"a"}]`, 422, "a list"},
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

// FuzzUnsound: what is sound means the same when it is written anew, and
// nothing makes the walk go on for ever.
func FuzzUnsound(f *testing.F) {
	for _, s := range []string{`{"a":1,"a":2}`, `[{"a":[]}]`, `{"a":{"b":1,"B":2}}`, `{`, `{"a"`, `[1,`, `[}`, `[1,]x`, "\xff", `"\ud83d\ude80"`, `"\ud83d"`, `"\\ud83d"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := unsound([]byte(text))
		var v any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if d.Decode(&v) != nil || d.More() || !utf8.ValidString(text) {
			return
		}
		again, _ := json.Marshal(v) // it was read
		if err == nil && strings.Count(string(again), "\uFFFD") != strings.Count(strings.ToLower(text), "\uFFFD")+strings.Count(strings.ToLower(text), `\ufffd`) {
			t.Errorf("%q lost a character: %q", text, again)
		}
		if unsound(again) != nil && err == nil {
			t.Errorf("%q is sound, and %q is not", text, again)
		}
	})
}
