package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
)

// execute changes the database behind the server's back.
func execute(t *testing.T, statement string, args ...any) {
	t.Helper()
	c, err := config.Load(func(name string) string { return settings(nil)[name] })
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(c.Database, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.View(context.Background(), func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, statement, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// figure holds a number of a report to the list that it links to.
func (c client) figure(what string, count, link any) {
	c.t.Helper()
	text, err := json.Marshal(link)
	if err != nil {
		c.t.Fatal(err)
	}
	listed := c.do("GET", "/api/v1/deals?limit=200&filter="+url.QueryEscape(string(text)), nil).want(200).items()
	if float64(len(listed)) != count {
		c.t.Errorf("%s: the report says %v, its list has %d: %s", what, count, len(listed), text)
	}
}

func objects(list any) []object {
	var all []object
	for _, v := range list.([]any) {
		all = append(all, v.(object))
	}
	return all
}

func TestReports(t *testing.T) {
	c := owner(t)
	pipeline, ids := c.pipeline("Reported", "Lead:10", "Offer:50", "Terms:80")
	now := time.Now().UTC()
	soon, passed := now.AddDate(0, 0, 1).Format(time.DateOnly), now.AddDate(0, 0, -1).Format(time.DateOnly)
	me := c.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	c.deal("lead", ids["Lead"], object{"amountMinor": 1000, "closeDate": soon})
	old := c.deal("old", ids["Lead"], object{"amountMinor": 3000, "closeDate": passed})
	offer := c.deal("offer", ids["Lead"], object{"amountMinor": 2000})
	c.moveDeal(offer, ids["Offer"], "").want(200)
	jump := c.deal("jump", ids["Lead"], object{"amountMinor": 500, "currency": "JPY", "ownerId": me})
	c.do("POST", "/api/v1/deals/"+jump.text("id")+"/won", nil, "If-Match: "+jump.etag()).want(200)
	dear := c.deal("dear", ids["Terms"], object{"amountMinor": 700})
	c.do("POST", "/api/v1/deals/"+dear.text("id")+"/lost", object{"reason": "Too dear"}, "If-Match: "+dear.etag()).want(200)
	execute(t, "UPDATE deals SET stage_entered_at = DATE_SUB(UTC_TIMESTAMP(), INTERVAL 30 DAY) WHERE workspace_id > 0 AND title = 'old' AND lane_rank = ?", old.text("rank"))
	about := "?pipelineId=" + pipeline

	report := c.do("GET", "/api/v1/reports/pipeline"+about, nil).want(200)
	if got := report.header.Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("Cache-Control: %s", got)
	}
	var line []string
	for _, s := range objects(report.body["stages"]) {
		line = append(line, fmt.Sprint(s["name"], s["count"], s["stale"], s["left"]))
		c.figure("stage", s["count"], s["filter"])
		c.figure("stale", s["stale"], s["staleFilter"])
	}
	if got := strings.Join(line, " "); got != "Lead2 1 2 Offer1 0 0 Terms0 0 1" {
		t.Errorf("pipeline: %s", got)
	}
	sums := objects(report.body["sums"])
	if len(sums) != 1 || sums[0]["amountMinor"] != 6000.0 || sums[0]["weightedMinor"] != 1400.0 {
		t.Errorf("pipeline's sums: %v", sums)
	}
	c.figure("pipeline", report.body["count"], report.body["filter"])

	closed := c.do("GET", "/api/v1/reports/won-lost"+about, nil).want(200)
	months := objects(closed.body["months"])
	if len(months) != 12 || months[11]["month"] != now.Format("2006-01") {
		t.Fatalf("months: %v", months)
	}
	last := months[11]
	if last["won"].(object)["count"] != 1.0 || last["lost"].(object)["count"] != 1.0 || objects(last["won"].(object)["sums"])[0]["currency"] != "JPY" {
		t.Errorf("this month: %v", last)
	}
	for _, m := range months {
		c.figure("won", m["won"].(object)["count"], m["won"].(object)["filter"])
		c.figure("lost", m["lost"].(object)["count"], m["lost"].(object)["filter"])
	}
	if reasons := objects(closed.body["reasons"]); len(reasons) != 1 || reasons[0]["reason"] != "Too dear" {
		t.Errorf("reasons: %v", reasons)
	} else {
		c.figure("reason", reasons[0]["count"], reasons[0]["filter"])
	}

	forecast := c.do("GET", "/api/v1/reports/forecast"+about, nil).want(200)
	dated := 0.0
	for _, m := range objects(forecast.body["months"]) {
		c.figure("expected", m["count"], m["filter"])
		dated += m["count"].(float64)
	}
	for name, want := range map[string]float64{"overdue": 1, "undated": 1, "later": 0} {
		part := forecast.body[name].(object)
		c.figure(name, part["count"], part["filter"])
		if part["count"] != want {
			t.Errorf("%s: %v, want %v", name, part["count"], want)
		}
	}
	if dated != 1 {
		t.Errorf("%v deals in the months to come", dated)
	}

	line = nil
	for _, s := range objects(c.do("GET", "/api/v1/reports/funnel"+about, nil).want(200).body["steps"]) {
		line = append(line, fmt.Sprintf("%v%v %.2f", s["name"], s["count"], s["rate"]))
		c.figure("step", s["count"], s["filter"])
	}
	if got := strings.Join(line, " "); got != "Lead5 0.00 Offer3 0.60 Terms2 0.67 Won1 0.50" {
		t.Errorf("funnel: %s", got)
	}

	c.do("POST", "/api/v1/activities", object{"type": "call", "subject": "Asked", "links": []object{{"kind": "company", "id": c.do("POST", "/api/v1/companies", object{"name": "Reported"}).want(201).text("id")}}}).want(201)
	doings := objects(c.do("GET", "/api/v1/reports/activity?ownerId="+me.(string), nil).want(200).body["members"])
	if len(doings) != 1 || doings[0]["calls"].(float64) < 1 || doings[0]["moves"].(float64) < 3 || doings[0]["won"].(float64) < 1 {
		t.Errorf("activity: %v", doings)
	} else {
		c.figure("won of member", doings[0]["won"], doings[0]["wonFilter"])
	}

	for path, want := range map[string]int{
		"pipeline": 400, "funnel": 400, "won-lost?zone=Mars": 400, "won-lost?zone=Local": 400, "won-lost?from=2027-02-30": 400, "won-lost?from=2027-02-01&to=2027-01-01": 400,
		"won-lost?from=1971-01-01": 400, "won-lost?ownerId=7": 400, "pipeline?pipelineId=" + ids["Lead"]: 404, "none": 404,
	} {
		c.do("GET", "/api/v1/reports/"+path, nil).want(want)
	}
}

// A month begins where the asker is; a day of the calendar is the same everywhere.
func TestReportsKnowTimeZones(t *testing.T) {
	c := owner(t)
	pipeline, ids := c.pipeline("Zones")
	d := c.deal("zoned", ids["Lead"], object{"closeDate": "2026-10-31"})
	d = c.do("POST", "/api/v1/deals/"+d.text("id")+"/won", nil, "If-Match: "+d.etag()).want(200)
	execute(t, "UPDATE deals SET closed_at = '2026-10-31 23:30:00' WHERE workspace_id > 0 AND title = 'zoned' AND lane_rank = ?", d.text("rank"))
	for zone, want := range map[string]string{"UTC": "2026-10", "Europe/Berlin": "2026-11", "America/New_York": "2026-10", "Pacific/Kiritimati": "2026-11"} {
		report := c.do("GET", "/api/v1/reports/won-lost?from=2026-10-01&to=2026-11-30&pipelineId="+pipeline+"&zone="+url.QueryEscape(zone), nil).want(200)
		for _, m := range objects(report.body["months"]) {
			won := m["won"].(object)
			if (won["count"] == 1.0) != (m["month"] == want) {
				t.Errorf("%s: %v deals won in %v, want them in %s", zone, won["count"], m["month"], want)
			}
			c.figure(zone, won["count"], won["filter"])
		}
	}
	if got := c.do("GET", "/api/v1/deals/"+d.text("id"), nil).want(200).text("closeDate"); got != "2026-10-31" {
		t.Errorf("the close date became %s", got)
	}
}
