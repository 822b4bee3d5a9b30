package server

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func (c client) deal(title, stage string, more object) answer {
	c.t.Helper()
	draft := object{"title": title, "stageId": stage}
	for k, v := range more {
		draft[k] = v
	}
	return c.do("POST", "/api/v1/deals", draft).want(201)
}

func (c client) moveDeal(deal answer, stage, after string) answer {
	c.t.Helper()
	body := object{"stageId": stage}
	if after != "" {
		body["afterId"] = after
	}
	return c.do("POST", "/api/v1/deals/"+deal.text("id")+"/move", body, "If-Match: "+deal.etag())
}

// lanes is a board's lanes as "Lead: a b c".
func (c client) lanes(pipeline string) []string {
	c.t.Helper()
	var all []string
	for _, l := range c.do("GET", "/api/v1/deals/board?pipelineId="+pipeline, nil).want(200).body["lanes"].([]any) {
		lane := l.(object)
		line := lane["stage"].(object)["name"].(string) + ":"
		for _, d := range lane["items"].([]any) {
			line += " " + d.(object)["title"].(string)
		}
		all = append(all, line)
	}
	return all
}

func (c client) wantLanes(pipeline string, want ...string) {
	c.t.Helper()
	if got := c.lanes(pipeline); strings.Join(got, "|") != strings.Join(want, "|") {
		c.t.Errorf("lanes:\n got %q\nwant %q", got, want)
	}
}

func TestDealLifecycle(t *testing.T) {
	c := owner(t)
	_, ids := c.pipeline("Deals live")
	company := c.do("POST", "/api/v1/companies", object{"name": "Deal Company"}).want(201).text("id")
	ada, bob := c.addPerson("Ada", "Buyer", company), c.addPerson("Bob", "Legal", company)
	me := c.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	made := c.do("POST", "/api/v1/deals", object{
		"title": " Ten  anvils ", "stageId": ids["Lead"], "amountMinor": 1250050, "currency": "eur", "closeDate": "2027-03-01", "ownerId": me, "companyId": company, "primaryPersonId": ada,
		"people": []object{{"personId": bob, "role": "Legal"}, {"personId": ada}},
	}).want(201)
	at := made.header.Get("Location")
	if made.text("title") != "Ten anvils" || made.text("currency") != "EUR" || made.body["amountMinor"] != 1250050.0 || made.text("status") != "open" || made.text("stageName") != "Lead" ||
		made.text("closeDate") != "2027-03-01" || made.text("companyName") != "Deal Company" || made.text("primaryPersonName") != "Ada Buyer" {
		t.Errorf("made: %s", made.raw)
	}
	if people := made.body["people"].([]any); len(people) != 2 || people[0].(object)["name"] != "Bob Legal" || people[0].(object)["role"] != "Legal" {
		t.Errorf("people: %v", people)
	}
	if read := c.do("GET", at, nil).want(200); read.raw != made.raw || read.etag() != made.etag() {
		t.Errorf("read %s\nmade %s", read.raw, made.raw)
	}
	changed := c.do("PATCH", at, object{"amountMinor": 99, "closeDate": nil, "people": []object{{"personId": ada, "role": "Decides"}}}, "If-Match: "+made.etag()).want(200)
	if changed.body["closeDate"] != nil || changed.body["amountMinor"] != 99.0 || len(changed.body["people"].([]any)) != 1 || changed.text("title") != "Ten anvils" {
		t.Errorf("changed: %s", changed.raw)
	}
	if stale := c.do("PATCH", at, object{"title": "Late"}, "If-Match: "+made.etag()).want(412); stale.body["current"].(object)["amountMinor"] != 99.0 {
		t.Errorf("stale: %s", stale.raw)
	}
	c.do("PATCH", at, object{"title": "Blind"}).want(428)
	c.do("PATCH", at, object{"stageId": ids["Won"]}, "If-Match: "+changed.etag()).want(422) // moving is a call of its own

	for path, want := range map[string]int{"companyId=" + company: 1, "personId=" + ada: 1, "personId=" + bob: 0, "ownerId=" + me.(string) + "&stageId=" + ids["Lead"]: 1, "q=anv&companyId=" + company: 1, "q=nvils&companyId=" + company: 0} {
		if got := c.do("GET", "/api/v1/deals?"+path, nil).want(200).items(); len(got) != want {
			t.Errorf("%s: %d deals, want %d", path, len(got), want)
		}
	}
	c.do("DELETE", at, nil, "If-Match: "+made.etag()).want(412)
	c.do("DELETE", at, nil, "If-Match: "+changed.etag()).want(204)
	if got := c.do("GET", "/api/v1/deals?companyId="+company, nil).want(200).items(); len(got) != 0 {
		t.Errorf("in the trash, and listed: %v", got)
	}
	c.do("POST", at+"/won", nil, `If-Match: "v3"`).want(404)
	if back := c.do("POST", at+"/restore", nil).want(200); back.text("deletedAt") != "" || back.text("stageName") != "Lead" {
		t.Errorf("restored: %s", back.raw)
	}
	if found := c.do("GET", "/api/v1/search?q=anvils", nil).want(200).raw; !strings.Contains(found, "Ten anvils") {
		t.Errorf("not found: %s", found)
	}
}

func TestDealMovesAndCloses(t *testing.T) {
	c := owner(t)
	pipeline, ids := c.pipeline("Moves")
	a, b, d := c.deal("a", ids["Lead"], nil), c.deal("b", ids["Lead"], nil), c.deal("c", ids["Lead"], nil)
	c.wantLanes(pipeline, "Lead: c b a", "Offer:", "Won:", "Lost:")
	d = c.moveDeal(d, ids["Lead"], a.text("id")).want(200)
	c.wantLanes(pipeline, "Lead: b a c", "Offer:", "Won:", "Lost:")
	a = c.moveDeal(a, ids["Offer"], "").want(200)
	c.moveDeal(b, ids["Offer"], a.text("id")).want(200)
	c.wantLanes(pipeline, "Lead: c", "Offer: a b", "Won:", "Lost:")
	// Behind a deal that is not in the lane means at the top.
	d = c.moveDeal(d, ids["Offer"], ids["Offer"]).want(200)
	c.wantLanes(pipeline, "Lead:", "Offer: c a b", "Won:", "Lost:")
	c.moveDeal(answer{t: t, body: d.body, header: a.header}, ids["Lead"], "").want(412)
	c.do("POST", "/api/v1/deals/"+d.text("id")+"/move", object{"stageId": d.text("id")}, "If-Match: "+d.etag()).want(422)
	c.do("POST", "/api/v1/deals/"+d.text("id")+"/move", object{"stageId": ids["Lead"]}).want(428)

	at := "/api/v1/deals/" + a.text("id")
	won := c.do("POST", at+"/won", nil, "If-Match: "+a.etag()).want(200)
	if won.text("status") != "won" || won.text("closedAt") == "" || won.body["probability"] != 100.0 {
		t.Errorf("won: %s", won.raw)
	}
	open := c.do("POST", at+"/reopen", nil, "If-Match: "+won.etag()).want(200)
	if open.text("status") != "open" || open.text("stageName") != "Offer" || open.body["closedAt"] != nil {
		t.Errorf("reopened: %s", open.raw)
	}
	c.do("POST", at+"/reopen", nil, "If-Match: "+open.etag()).want(409)
	c.do("POST", at+"/lost", object{}, "If-Match: "+open.etag()).want(422)
	lost := c.do("POST", at+"/lost", object{"reason": "Too dear"}, "If-Match: "+open.etag()).want(200)
	if lost.text("status") != "lost" || lost.text("lostReason") != "Too dear" {
		t.Errorf("lost: %s", lost.raw)
	}
	c.wantLanes(pipeline, "Lead:", "Offer: c b", "Won:", "Lost: a")
	history := c.do("GET", at+"/history", nil).want(200).items()
	var way []string
	for _, e := range history {
		way = append(way, e["toStageName"].(string))
	}
	if got := strings.Join(way, " "); got != "Lost Offer Won Offer Lead" {
		t.Errorf("history: %s", got)
	}
}

func TestBoardSumsAndPages(t *testing.T) {
	c := owner(t)
	pipeline, ids := c.pipeline("Sums")
	for i := range 53 {
		c.deal(fmt.Sprintf("d%02d", i), ids["Offer"], object{"amountMinor": 1001})
	}
	c.deal("yen", ids["Offer"], object{"amountMinor": 70000, "currency": "JPY"})
	c.deal("lead", ids["Lead"], object{"amountMinor": 99})
	lane := c.do("GET", "/api/v1/deals/board?pipelineId="+pipeline, nil).want(200).body["lanes"].([]any)[1].(object)
	if lane["count"] != 54.0 || len(lane["items"].([]any)) != 50 {
		t.Fatalf("count %v, %d cards", lane["count"], len(lane["items"].([]any)))
	}
	sums := map[string]object{}
	for _, s := range lane["sums"].([]any) {
		sums[s.(object)["currency"].(string)] = s.(object)
	}
	if e, j := sums["EUR"], sums["JPY"]; e["amountMinor"] != 53053.0 || e["weightedMinor"] != 26527.0 || e["count"] != 53.0 || j["amountMinor"] != 70000.0 || j["weightedMinor"] != 35000.0 {
		t.Errorf("sums: %v", sums)
	}
	// The rest of a lane is a page of the list, without a gap or a repetition.
	rest := c.do("GET", "/api/v1/deals?pipelineId="+pipeline+"&stageId="+ids["Offer"]+"&sort=rank&cursor="+url.QueryEscape(lane["nextCursor"].(string)), nil).want(200)
	seen := map[any]bool{}
	for _, d := range lane["items"].([]any) {
		seen[d.(object)["id"]] = true
	}
	for _, d := range rest.items() {
		seen[d["id"]] = true
	}
	if len(rest.items()) != 4 || len(seen) != 54 {
		t.Errorf("%d further cards, %d in all", len(rest.items()), len(seen))
	}
	narrow := c.do("GET", "/api/v1/deals/board?pipelineId="+pipeline+"&filter="+url.QueryEscape(`{"f":"currency","op":"=","v":"JPY"}`), nil).want(200).body["lanes"].([]any)
	if len(narrow) != 4 || narrow[1].(object)["count"] != 1.0 || narrow[0].(object)["count"] != 0.0 {
		t.Errorf("narrowed: %v", narrow)
	}
	c.do("GET", "/api/v1/deals/board", nil).want(400)
	c.do("GET", "/api/v1/deals/board?pipelineId="+ids["Won"], nil).want(404)
}

func TestDealRefusals(t *testing.T) {
	c := owner(t)
	other, _ := c.pipeline("Other")
	_, ids := c.pipeline("Refusals")
	const nobody = "01890a5d-ac96-774b-bcce-b302099a8057"
	for name, tt := range map[string]struct {
		body    object
		pointer string
	}{
		"no title":       {object{}, "/title"},
		"negative":       {object{"title": "x", "amountMinor": -1}, "/amountMinor"},
		"too much":       {object{"title": "x", "amountMinor": 1e15 + 2}, "/amountMinor"},
		"a part":         {object{"title": "x", "amountMinor": 1.5}, "/amountMinor"},
		"no currency":    {object{"title": "x", "currency": "XYZ"}, "/currency"},
		"no such day":    {object{"title": "x", "closeDate": "2027-02-29"}, "/closeDate"},
		"a time":         {object{"title": "x", "closeDate": "2027-02-28T12:00:00Z"}, "/closeDate"},
		"no such owner":  {object{"title": "x", "ownerId": nobody}, "/ownerId"},
		"no company":     {object{"title": "x", "companyId": nobody}, "/companyId"},
		"no person":      {object{"title": "x", "primaryPersonId": nobody}, "/primaryPersonId"},
		"nobody in it":   {object{"title": "x", "people": []object{{"personId": nobody}}}, "/people"},
		"no stage":       {object{"title": "x", "stageId": nobody}, "/stageId"},
		"no pipeline":    {object{"title": "x", "pipelineId": nobody}, "/pipelineId"},
		"other pipeline": {object{"title": "x", "stageId": ids["Lead"], "pipelineId": other}, "/stageId"},
		"unknown":        {object{"title": "x", "version": 3}, "/version"},
	} {
		a := c.do("POST", "/api/v1/deals", tt.body).want(422)
		if faults, _ := a.body["errors"].([]any); len(faults) == 0 || faults[0].(object)["pointer"] != tt.pointer {
			t.Errorf("%s: %s; want a fault at %s", name, a.raw, tt.pointer)
		}
	}
	for path, want := range map[string]int{"deals?status=maybe": 400, "deals?closeFrom=soon": 400, "deals?stageId=7": 400, "deals/7": 404, "deals/" + nobody: 404, `deals?filter={"f":"none","op":"=","v":1}`: 422} {
		c.do("GET", "/api/v1/"+strings.ReplaceAll(path, `"`, "%22"), nil).want(want)
	}
}

func TestDealPagesInEveryOrder(t *testing.T) {
	c := owner(t)
	pipeline, ids := c.pipeline("Orders")
	for _, d := range []struct {
		title  string
		amount int
		close  any
	}{{"b", 3, "2027-01-02"}, {"a", 3, nil}, {"d", 1, "2027-01-01"}, {"c", 2, "2027-01-02"}} {
		c.deal(d.title, ids["Lead"], object{"amountMinor": d.amount, "closeDate": d.close})
	}
	for sort, want := range map[string]string{
		"": "cdab", "createdAt": "badc", "rank": "cdab", "title": "abcd", "-title": "dcba", "amount": "dcba", "-amount": "abcd", "closeDate": "dbca", "-closeDate": "acbd", "updatedAt": "badc",
	} {
		for _, limit := range []int{1, 3, 50} {
			got, cursor := "", ""
			for range 6 {
				a := c.do("GET", fmt.Sprintf("/api/v1/deals?pipelineId=%s&sort=%s&limit=%d&cursor=%s", pipeline, sort, limit, url.QueryEscape(cursor)), nil).want(200)
				for _, d := range a.items() {
					got += d["title"].(string)
				}
				if cursor = a.text("nextCursor"); cursor == "" {
					break
				}
			}
			if got != want {
				t.Errorf("sort %q by %d: %s, want %s", sort, limit, got, want)
			}
		}
	}
}
