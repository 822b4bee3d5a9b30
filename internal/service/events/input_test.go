package events

import (
	"testing"
	"time"

	"apex/internal/api"
	"apex/internal/api/eventsapi"
)

const sample = `{"version":"0","id":"1","detail-type":"Order","source":"shop","time":"2026-03-01T12:00:00Z","resources":["r1","r2"],"detail":{"id":7,"name":"a \"b\"","items":[{"sku":"x"}]}}`

func TestInput(t *testing.T) {
	rule := Rule{Key: "000000000000/us-east-1/default/orders", Spec: RuleSpec{Name: "orders"}}
	transformed := func(template string) eventsapi.Target {
		return eventsapi.Target{InputTransformer: &eventsapi.InputTransformer{
			InputPathsMap: map[string]string{"id": "$.detail.id", "name": "$.detail.name", "sku": "$.detail.items[0].sku", "detail": "$.detail.items", "none": "$.detail.none"},
			InputTemplate: &template,
		}}
	}
	for name, tt := range map[string]struct {
		target eventsapi.Target
		want   string
	}{
		"all of it":        {eventsapi.Target{}, sample},
		"a text":           {eventsapi.Target{Input: api.Ptr(`{"a":1}`)}, `{"a":1}`},
		"a part":           {eventsapi.Target{InputPath: api.Ptr("$.detail.items[0]")}, `{"sku":"x"}`},
		"a part not there": {eventsapi.Target{InputPath: api.Ptr("$.none.x")}, `{}`},
		"a task":           {eventsapi.Target{EcsParameters: &eventsapi.EcsParameters{}}, ""},
		"values":           {transformed(`{"order": <id>, "who": <name>, "what": <detail>, "no": <none>}`), `{"order": 7, "who": "a \"b\"", "what": [{"sku":"x"}], "no": null}`},
		"in a text":        {transformed(`"order <id> of <name>: <sku><none>, 1 < 2 <other>"`), `"order 7 of a \"b\": x, 1 < 2 <other>"`},
		"of the rule":      {transformed(`"<aws.events.rule-name> <aws.events.rule-arn>"`), `"orders arn:aws:events:us-east-1:000000000000:rule/orders"`},
	} {
		if got := inputFor(tt.target, rule, sample, time.Time{}); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add(`{"a": <x>, "b": "<x> \" <y"}`, "$.detail.items[0]['sku']")
	f.Add(`<x`, "$..[")
	f.Fuzz(func(t *testing.T, template, path string) {
		v, ok := at(sample, path)
		if ok && !isPath(path) {
			t.Errorf("%q is read and no path", path)
		}
		fill(template, map[string]any{"x": v, "y": nil})
	})
}
