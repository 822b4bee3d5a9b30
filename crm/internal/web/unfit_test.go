package web

import (
	"errors"
	"testing"
	"time"

	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
)

// What does not fit says where it is and what is wanted there.
func TestUnfitValuesAreNamed(t *testing.T) {
	var into struct {
		Name Field[string] `json:"name"`
		Size int           `json:"size"`
		At   *time.Time    `json:"at"`
		Who  Field[*id.ID] `json:"who"`
		List []struct {
			ID id.ID `json:"id"`
		} `json:"list"`
	}
	for body, want := range map[string]problem.Fault{
		`{"name":5}`:           {Pointer: "/name", Code: "type", Message: "this is a number where a text is wanted"},
		`{"size":"5"}`:         {Pointer: "/size", Code: "type", Message: "this is a text where a whole number is wanted"},
		`{"size":1.5}`:         {Pointer: "/size", Code: "type", Message: "this is number 1.5 where a whole number is wanted"},
		`{"list":{}}`:          {Pointer: "/list", Code: "type", Message: "this is an object where a list is wanted"},
		`[]`:                   {Pointer: "", Code: "type", Message: "this is a list where an object is wanted"},
		`{"list":[{"idd":1}]}`: {Pointer: "/list/0/idd", Code: "unknown", Message: "there is no such member"},
		`{"who":"me"}`:         {Pointer: "/who", Code: "id", Message: "this is not an id, which looks like 0190f5fe-7c00-7a00-8000-000000000000"},
		`{"list":[{"id":"0190f5fe-7c00-7a00-8000-000000000000"},{"id":"x"}]}`: {Pointer: "/list/1/id", Code: "id", Message: "this is not an id, which looks like 0190f5fe-7c00-7a00-8000-000000000000"},
		`{"at":"yesterday"}`: {Pointer: "/at", Code: "time", Message: "this is not a time, which looks like 2026-07-31T09:30:00Z"},
	} {
		p, ok := errors.AsType[*problem.Problem](Decode([]byte(body), &into))
		if !ok || p.Status != 422 || len(p.Errors) != 1 || p.Errors[0] != want {
			t.Errorf("%s: %+v; want %+v", body, p, want)
		}
	}
}

// A query that the route does not take is refused, rather than half of it lost.
func TestQueriesAreHeldToTheRoute(t *testing.T) {
	route := Route{Query: []Param{{Name: "limit", Kind: Integer}, {Name: "kind", Enum: []string{"person", "deal"}}, {Name: "former", Kind: Boolean}}}
	for raw, want := range map[string]string{
		"": "", "limit=5&kind=deal&former=true": "", "kind=&former=": "",
		"limt=5":          `there is no parameter "limt" here: it takes limit, kind, former`,
		"limit=5&limit=6": "limit is given twice",
		"kind=company":    "kind is not one of person, deal",
		"former=yes":      "former is not one of true, false",
		"kind=%zz":        `the query behind the ? cannot be read: invalid URL escape "%zz"`,
	} {
		p, _ := errors.AsType[*problem.Problem](route.CheckQuery(raw))
		if p == nil && want == "" {
			continue
		}
		if p == nil || p.Status != 400 || p.Detail != want {
			t.Errorf("%s: %v; want %q", raw, p, want)
		}
	}
	if p, _ := errors.AsType[*problem.Problem](Route{}.CheckQuery("a=b")); p == nil || p.Detail != `there is no parameter "a" here: it takes none` {
		t.Error(p)
	}
}

// A tag that a proxy weakened, or one among several, is the caller's still.
func TestTagsOfIfNoneMatch(t *testing.T) {
	for list, want := range map[string]bool{
		"": false, `"v1.a"`: true, `W/"v1.a"`: true, `"x", "v1.a"`: true, `"x",W/"v1.a"`: true, `"v1"`: false, "v1.a": false,
	} {
		if has(list, `"v1.a"`) != want {
			t.Errorf("%s: %v", list, !want)
		}
	}
}
