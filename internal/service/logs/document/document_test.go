package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFind(t *testing.T) {
	doc, ok := Whole([]byte(` {"a":{"b\"c":[1, {"d":"x\u00e9\n"}, -2.5e3]},"e":null,"f":true,"g":[],"h":{}, "i":"\\"} `))
	if !ok {
		t.Fatal("no value")
	}
	name := func(s string) Step { return Step{Name: s} }
	item := func(n int) Step { return Step{Index: n} }
	for want, steps := range map[string][]Step{
		"1":          {name("a"), name(`b"c`), item(0)},
		"xé\n":       {name("a"), name(`b"c`), item(1), name("d")},
		"xé\n again": {name("a"), name(`b"c`), item(AnyItem), name("d")},
		"-2.5e3":     {name("a"), name(`b"c`), item(2)},
		"null":       {name("e")},
		"true":       {name("f")},
		"[]":         {name("g")},
		"{}":         {name("h")},
		`\`:          {name("i")},
		"":           {name("none")},
		"no item":    {name("a"), name(`b"c`), item(3)},
		"no object":  {name("e"), name("x")},
		"no array":   {name("h"), item(0)},
	} {
		got := ""
		doc.Find(steps, func(v Value) bool {
			got = v.Text()
			return true
		})
		want := strings.TrimSuffix(want, " again")
		if strings.HasPrefix(want, "no ") {
			want = ""
		}
		if got != want {
			t.Errorf("%v: %q, want %q", steps, got, want)
		}
	}
}

func TestLeaves(t *testing.T) {
	doc, _ := Whole([]byte(`{"a":{"b":[1,{"c":"d"}]},"e":null,"empty":[]}`))
	var got []string
	doc.Leaves(func(path string, leaf Value) bool {
		got = append(got, path+"="+leaf.Text())
		return true
	})
	if diff := cmp.Diff([]string{"a.b.0=1", "a.b.1.c=d", "e=null"}, got); diff != "" {
		t.Errorf("leaves (-want +got):\n%s", diff)
	}
}

// Whatever encoding/json writes, its leaves are found by their paths.
func TestEveryLeafIsFound(t *testing.T) {
	value := rapid.Deferred(func() *rapid.Generator[any] { return anything(3) })
	rapid.Check(t, func(r *rapid.T) {
		in := value.Draw(r, "value")
		text, err := json.Marshal(in)
		if err != nil {
			r.Fatal(err)
		}
		var indented bytes.Buffer
		json.Indent(&indented, text, "", "\t")
		for _, b := range [][]byte{text, indented.Bytes()} {
			doc, ok := Whole(b)
			if !ok {
				r.Fatalf("%s: no value", b)
			}
			check(r, doc, nil, in)
		}
	})
}

func anything(depth int) *rapid.Generator[any] {
	leaf := rapid.OneOf(rapid.String().AsAny(), rapid.Float64Range(-1e9, 1e9).AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil))
	if depth == 0 {
		return leaf
	}
	return rapid.OneOf(leaf,
		rapid.MapOfN(rapid.StringN(1, 5, 20), anything(depth-1), 0, 4).AsAny(),
		rapid.SliceOfN(anything(depth-1), 0, 4).AsAny())
}

func check(r *rapid.T, doc Value, steps []Step, want any) {
	switch want := want.(type) {
	case map[string]any:
		for name, member := range want {
			check(r, doc, append(steps[:len(steps):len(steps)], Step{Name: name}), member)
		}
	case []any:
		for i, member := range want {
			check(r, doc, append(steps[:len(steps):len(steps)], Step{Index: i}), member)
		}
	default:
		found := doc.Find(steps, func(v Value) bool {
			var got any
			return json.Unmarshal(v.Raw, &got) == nil && (got == want || fmt.Sprint(got) == fmt.Sprint(want))
		})
		if !found {
			r.Fatalf("%s: %v is not %v", doc.Raw, steps, want)
		}
	}
}

func FuzzWhole(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2,{"b":"c\"d"}]}`, `{"a":`, `[[[`, `"\`, `{"a" 1}`, `-`, `nul`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, ok := Whole(text)
		if !ok {
			if json.Valid(text) {
				t.Fatalf("%q is JSON", text)
			}
			return
		}
		doc.Leaves(func(string, Value) bool { return true })
		doc.Find([]Step{{Name: "a"}, {Index: AnyItem}, {Name: "b"}}, func(v Value) bool { _ = v.Text(); return false })
	})
}
