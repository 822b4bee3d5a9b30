package server

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What a day asks for is said with the reason.
func TestHome(t *testing.T) {
	c := signInAs(t, shared.crm.url, "home@example.com", "Homer Home")
	other := signInAs(t, shared.crm.url, "colleague@example.com", "Colin Colleague")
	me := c.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	c.do("GET", "/api/v1/pipelines", nil).want(200) // there is one from the beginning
	yesterday := time.Now().UTC().AddDate(0, 0, -1).Format("2006-01-02")
	deal := func(title string, more object) object {
		more["title"], more["ownerId"], more["currency"] = title, me, "EUR"
		return object{"kind": "deal", "id": c.do("POST", "/api/v1/deals", more).want(201).text("id")}
	}
	deal("Home late", object{"closeDate": yesterday, "amountMinor": 100_00})
	deal("Home bare", object{"amountMinor": 900_00})
	fine := deal("Home fine", object{})
	c.do("POST", "/api/v1/tasks", object{"title": "Next step", "target": fine}).want(201)
	mine := func() (all []string) {
		for _, d := range c.do("GET", "/api/v1/home/attention?zone=UTC", nil).want(200).items() {
			if strings.HasPrefix(d["title"].(string), "Home ") {
				all = append(all, fmt.Sprint(d["title"], d["reasons"]))
			}
		}
		return all
	}
	if got := strings.Join(mine(), ", "); got != "Home late[late no-step], Home bare[no-step]" {
		t.Errorf("attention: %s", got)
	}
	_, person := other.addRecord("people", "person", object{"firstName": "Homely"})
	for range 3 {
		other.do("POST", "/api/v1/activities", object{"type": "note", "body": "x", "links": []object{person}}).want(201)
	}
	changes := c.do("GET", "/api/v1/home/changes", nil).want(200)
	if first := changes.items()[0]; first["verb"] != "logged" || first["times"] != 3.0 || first["title"] != "Homely" || first["actorName"] != "Colin Colleague" || first["kind"] != "person" {
		t.Errorf("changes: %s", changes.raw)
	}
	numbers := c.do("GET", "/api/v1/home/numbers?zone=Pacific/Auckland", nil).want(200)
	if open := numbers.body["open"].([]any); len(open) == 0 || len(numbers.body["won"].([]any)) != 0 && numbers.body["won"] == nil {
		t.Errorf("numbers: %s", numbers.raw)
	}
	c.do("GET", "/api/v1/home/numbers?zone=Nowhere", nil).want(400)
}
