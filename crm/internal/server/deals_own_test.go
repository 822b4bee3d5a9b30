package server

import "testing"

// A deal has the workspace's own fields, tags and a next task, and is found by them.
func TestDealFieldsTagsAndNextTask(t *testing.T) {
	c := owner(t)
	pipeline, ids := c.pipeline("Own")
	c.do("POST", "/api/v1/fields", object{"kind": "deal", "label": "Seats", "type": "number"}).want(201)
	plain := c.deal("plain", ids["Lead"], nil)
	d := c.deal("own", ids["Lead"], object{"custom": object{"seats": 40}, "tags": []object{{"name": "Renewal"}}})
	if d.body["custom"].(object)["seats"] != 40.0 || objects(d.body["tags"])[0]["name"] != "Renewal" || d.body["nextTask"] != nil {
		t.Errorf("made: %s", d.raw)
	}
	c.do("PATCH", "/api/v1/deals/"+d.text("id"), object{"custom": object{"seats": "many"}}, "If-Match: "+d.etag()).want(422)
	d = c.do("PATCH", "/api/v1/deals/"+d.text("id"), object{"custom": object{"seats": 50}}, "If-Match: "+d.etag()).want(200)
	for _, task := range []object{{"title": "Later", "dueDate": "2099-01-01"}, {"title": "Sooner", "dueDate": "2020-01-01"}} {
		task["target"] = object{"kind": "deal", "id": d.text("id")}
		c.do("POST", "/api/v1/tasks", task).want(201)
	}
	lane := objects(c.do("GET", "/api/v1/deals/board?pipelineId="+pipeline+`&filter={"f":"cf.seats","op":">","v":45}`, nil).want(200).body["lanes"])[0]
	items := objects(lane["items"])
	if lane["count"] != 1.0 || len(items) != 1 {
		t.Fatalf("narrowed by a field of its own: %v", lane)
	}
	if next := items[0]["nextTask"].(object); next["title"] != "Sooner" || next["dueDate"] != "2020-01-01" || next["late"] != true {
		t.Errorf("next task: %v", next)
	}
	sorted := c.do("GET", "/api/v1/deals?sort=-cf.seats&pipelineId="+pipeline, nil).want(200).items()
	if len(sorted) != 2 || sorted[0]["title"] != "own" || sorted[1]["id"] != plain.text("id") {
		t.Errorf("sorted by it: %v", sorted)
	}
}
