package server

import (
	"fmt"
	"strings"
	"testing"
)

// owner is a browser of the owner of a workspace of the test's own.
func owner(t *testing.T) client {
	t.Helper()
	signedIn(t) // waits for the server
	return member(t, strings.ToLower(t.Name()), "owner")
}

// stage is a stage of a new pipeline as a test writes it: "Lead:10" or "Won=won".
func stage(text string) object {
	if name, kind, ok := strings.Cut(text, "="); ok {
		return object{"name": name, "kind": kind}
	}
	name, chance, _ := strings.Cut(text, ":")
	probability := 0
	fmt.Sscan(chance, &probability)
	return object{"name": name, "probability": probability, "staleDays": 7}
}

// pipeline makes a pipeline of the test's own and returns its id and the ids
// of its stages by name.
func (c client) pipeline(name string, stages ...string) (string, map[string]string) {
	c.t.Helper()
	if len(stages) == 0 {
		stages = []string{"Lead:10", "Offer:50"}
	}
	var list []object
	for _, s := range append(stages, "Won=won", "Lost=lost") {
		list = append(list, stage(s))
	}
	made := c.do("POST", "/api/v1/pipelines", object{"name": name, "currency": "EUR", "stages": list}).want(201)
	return made.text("id"), stageIDs(made)
}

func stageIDs(pipeline answer) map[string]string {
	ids := map[string]string{}
	for _, s := range pipeline.body["stages"].([]any) {
		ids[s.(object)["name"].(string)] = s.(object)["id"].(string)
	}
	return ids
}

func TestPipelineLifecycle(t *testing.T) {
	c := owner(t)
	if first := c.do("GET", "/api/v1/pipelines", nil).want(200).items(); len(first) == 0 || len(first[0]["stages"].([]any)) < 3 {
		t.Fatalf("a workspace begins with %v", first)
	}
	if presets := c.do("GET", "/api/v1/pipelines/presets", nil).want(200).items(); len(presets) != 3 {
		t.Errorf("presets: %v", presets)
	}
	ready := c.do("POST", "/api/v1/pipelines", object{"preset": "agency", "currency": "chf"}).want(201)
	if ready.text("name") != "Projects" || ready.text("currency") != "CHF" || len(ready.body["stages"].([]any)) != 5 {
		t.Errorf("from a preset: %s", ready.raw)
	}
	c.do("DELETE", ready.header.Get("Location"), nil, "If-Match: "+ready.etag()).want(204)
	c.do("GET", ready.header.Get("Location"), nil).want(404)

	which, ids := c.pipeline("Life")
	at := "/api/v1/pipelines/" + which
	made := c.do("GET", at, nil).want(200)
	c.do("PATCH", at, object{"name": "Blind"}).want(428)
	// Put in another order, with one renamed, one new and one left out.
	changed := c.do("PATCH", at, object{"stages": []object{
		{"id": ids["Lost"], "name": "Lost", "kind": "lost"}, {"name": "Talks", "probability": 30}, {"id": ids["Lead"], "name": "First contact", "probability": 5}, {"id": ids["Won"], "name": "Won", "kind": "won", "probability": 3},
	}}, "If-Match: "+made.etag()).want(200)
	var names []string
	for _, s := range changed.body["stages"].([]any) {
		names = append(names, fmt.Sprint(s.(object)["name"], s.(object)["probability"]))
	}
	if got := strings.Join(names, " "); got != "Talks30 First contact5 Won100 Lost0" {
		t.Errorf("stages: %s", got)
	}
	c.do("PATCH", at, object{"name": "Late"}, "If-Match: "+made.etag()).want(412)

	// A stage with deals stays, and so does its pipeline.
	deal := c.do("POST", "/api/v1/deals", object{"title": "Holds the stage", "stageId": ids["Lead"]}).want(201)
	without := []object{{"name": "Other"}, {"id": ids["Won"], "name": "Won", "kind": "won"}, {"id": ids["Lost"], "name": "Lost", "kind": "lost"}}
	c.do("PATCH", at, object{"stages": without}, "If-Match: "+changed.etag()).want(409)
	c.do("DELETE", at, nil, "If-Match: "+changed.etag()).want(409)
	c.do("DELETE", deal.header.Get("Location"), nil, "If-Match: "+deal.etag()).want(204)
	changed = c.do("PATCH", at, object{"stages": without}, "If-Match: "+changed.etag()).want(200)
	// The deal comes back out of the trash, though its stage is gone.
	if back := c.do("POST", deal.header.Get("Location")+"/restore", nil).want(200); back.text("stageName") != "Other" || back.text("deletedAt") != "" {
		t.Errorf("restored: %s", back.raw)
	}

	order := []string{which}
	if all := c.do("POST", "/api/v1/pipelines/order", object{"ids": order}).want(200).items(); all[0]["id"] != which {
		t.Errorf("ordered: %v", all)
	}
	no := member(t, "pipelines-member", "member")
	no.do("POST", "/api/v1/pipelines", object{"preset": "agency"}).want(403)
	no.do("PATCH", at, object{"name": "Mine"}, "If-Match: "+changed.etag()).want(403)
}

func TestPipelineRefusals(t *testing.T) {
	c := owner(t)
	won, lost := stage("Won=won"), stage("Lost=lost")
	for name, tt := range map[string]struct {
		body    object
		pointer string
	}{
		"nameless":     {object{"stages": []object{stage("A:1"), won, lost}}, "/name"},
		"no stages":    {object{"name": "X"}, "/stages"},
		"no open one":  {object{"name": "X", "stages": []object{won, lost}}, "/stages"},
		"two won":      {object{"name": "X", "stages": []object{stage("A:1"), won, stage("B=won"), lost}}, "/stages"},
		"twice a name": {object{"name": "X", "stages": []object{stage("A:1"), stage("a:2"), won, lost}}, "/stages/1/name"},
		"too likely":   {object{"name": "X", "stages": []object{stage("A:101"), won, lost}}, "/stages/0/probability"},
		"kind":         {object{"name": "X", "stages": []object{stage("A=maybe"), won, lost}}, "/stages/0/kind"},
		"currency":     {object{"name": "X", "currency": "EURO", "stages": []object{stage("A:1"), won, lost}}, "/currency"},
		"preset":       {object{"preset": "none"}, "/preset"},
		"foreign id":   {object{"name": "X", "stages": "all"}, "/stages"},
	} {
		a := c.do("POST", "/api/v1/pipelines", tt.body).want(422)
		if faults, _ := a.body["errors"].([]any); len(faults) == 0 || faults[0].(object)["pointer"] != tt.pointer {
			t.Errorf("%s: %s; want a fault at %s", name, a.raw, tt.pointer)
		}
	}
}
