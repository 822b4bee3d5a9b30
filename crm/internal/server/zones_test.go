package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/zone"
)

// A user's day begins and ends by the clocks of their zone, on the days too on
// which these change: by an hour, by half of one, or at midnight.
func TestMyDayInZones(t *testing.T) {
	signedIn(t) // the schema is there
	cfg := must(config.Load(func(name string) string { return settings(nil)[name] }))
	db := must(database.Open(cfg.Database, 1))
	defer db.Close()
	store := tasks.Store{DB: db, Now: time.Now}
	for _, tt := range []struct{ zone, day, begins, ends string }{
		{"UTC", "2031-03-30", "2031-03-30T00:00:00Z", "2031-03-31T00:00:00Z"},
		{"Europe/Lisbon", "2031-03-30", "2031-03-30T00:00:00Z", "2031-03-30T23:00:00Z"},
		{"Europe/Lisbon", "2031-10-26", "2031-10-25T23:00:00Z", "2031-10-27T00:00:00Z"},
		{"Pacific/Chatham", "2031-04-06", "2031-04-05T10:15:00Z", "2031-04-06T11:15:00Z"},
		{"Pacific/Chatham", "2031-09-28", "2031-09-27T11:15:00Z", "2031-09-28T10:15:00Z"},
		{"Australia/Lord_Howe", "2031-04-06", "2031-04-05T13:00:00Z", "2031-04-06T13:30:00Z"},
		{"Australia/Lord_Howe", "2031-10-05", "2031-10-04T13:30:00Z", "2031-10-05T13:00:00Z"},
		{"America/Santiago", "2031-09-07", "2031-09-07T04:00:00Z", "2031-09-08T03:00:00Z"},
	} {
		c := newcomer(t, shared.crm.url, strings.ToLower(strings.NewReplacer("/", ".", "_", "").Replace(tt.zone+tt.day))+"@zones.example", object{})
		me := c.me()
		who := tenant.Tenant{Workspace: uint32(me.body["workspace"].(object)["id"].(float64)), User: must(id.Parse(userOf(me)))}
		for _, more := range []object{{}, {"dueTime": "01:30"}, {"dueTime": "23:45"}} {
			more["title"], more["dueDate"], more["zone"], more["assigneeId"] = "Due", tt.day, tt.zone, userOf(me)
			c.do("POST", "/api/v1/tasks", more).want(201)
		}
		begins, ends := must(time.Parse(time.RFC3339, tt.begins)), must(time.Parse(time.RFC3339, tt.ends))
		day := must(time.Parse(time.DateOnly, tt.day))
		early, late := zone.At(day, 1, 30, must(zone.Load(tt.zone))), zone.At(day, 23, 45, must(zone.Load(tt.zone)))
		for _, step := range []struct {
			now            time.Time
			overdue, today int
		}{
			{begins.Add(-time.Second), 0, 0}, {begins, 0, 3}, {early, 0, 3}, {early.Add(time.Second), 1, 2}, {late, 1, 2}, {late.Add(time.Second), 2, 1}, {ends.Add(-time.Second), 2, 1}, {ends, 3, 0},
		} {
			counts, err := store.Counts(t.Context(), who, tasks.Day{Now: step.now, In: must(zone.Load(tt.zone))})
			if err != nil || counts.Overdue != step.overdue || counts.Today != step.today {
				t.Errorf("%s in %s at %s: %+v (%v), want %d overdue and %d today", tt.day, tt.zone, step.now.Format(time.RFC3339), counts, err, step.overdue, step.today)
			}
		}
	}
}

// What was won stands in the month that the asker's calendar showed.
func TestReportsByMonthInZones(t *testing.T) {
	c := newcomer(t, shared.crm.url, "months@zones.example", object{})
	pipeline, ids := c.pipeline("Zoned", "Open")
	for i, closed := range []string{
		"2026-08-31 11:14:59", "2026-08-31 11:15:00", // September begins in Chatham
		"2026-09-30 10:14:59", "2026-09-30 10:15:00", // October does, an hour earlier
		"2026-09-30 13:29:59", "2026-09-30 13:30:00", // on Lord Howe
		"2026-09-30 23:59:59", "2026-10-01 00:00:00",
		"2026-10-31 23:59:59", "2026-11-01 00:00:00",
	} {
		title := fmt.Sprintf("zoned %d", i)
		deal := c.deal(title, ids["Open"], object{"amountMinor": 100})
		c.do("POST", "/api/v1/deals/"+deal.text("id")+"/won", nil, "If-Match: "+deal.etag()).want(200)
		execute(t, "UPDATE deals SET closed_at = ? WHERE workspace_id > 0 AND title = ?", closed, title)
	}
	for zone, want := range map[string]string{
		"UTC":                 "2026-08 2, 2026-09 5, 2026-10 2, 2026-11 1",
		"Pacific/Chatham":     "2026-08 1, 2026-09 2, 2026-10 5, 2026-11 2",
		"Australia/Lord_Howe": "2026-08 2, 2026-09 3, 2026-10 3, 2026-11 2",
		"Europe/Lisbon":       "2026-08 2, 2026-09 4, 2026-10 3, 2026-11 1",
		"America/New_York":    "2026-08 2, 2026-09 6, 2026-10 2, 2026-11 0",
	} {
		report := c.do("GET", "/api/v1/reports/won-lost?from=2026-08-01&to=2026-11-30&zone="+zone+"&pipelineId="+pipeline, nil).want(200)
		var got []string
		for _, m := range objects(report.body["months"]) {
			won := m["won"].(object)
			got = append(got, fmt.Sprint(m["month"], " ", won["count"]))
			c.figure(zone+" "+fmt.Sprint(m["month"]), won["count"], won["filter"])
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("in %s: %s, want %s", zone, strings.Join(got, ", "), want)
		}
	}
}

// The audit log's days are those of whoever asks, also those that are longer
// or shorter than others.
func TestAuditByDaysInZones(t *testing.T) {
	c := newcomer(t, shared.crm.url, "audit@zones.example", object{})
	at := map[string]string{}
	for _, moment := range []string{
		"2031-03-29 23:59:59", "2031-03-30 00:00:00", "2031-03-30 22:59:59", "2031-03-30 23:00:00", "2031-03-30 23:59:59", "2031-03-31 00:00:00",
	} {
		tag := c.do("POST", "/api/v1/tags", object{"name": moment, "kind": "person"}).want(201).text("id")
		execute(t, "UPDATE audit_log SET at = ? WHERE workspace_id > 0 AND target_id = ?", moment, must(id.Parse(tag)))
		at[tag] = moment[8:]
	}
	for query, want := range map[string]string{
		"from=2031-03-30&to=2031-03-30":                       "30 23:59:59, 30 23:00:00, 30 22:59:59, 30 00:00:00",
		"from=2031-03-30&to=2031-03-30&zone=Europe/Lisbon":    "30 22:59:59, 30 00:00:00", // of 23 hours
		"from=2031-03-31&to=2031-03-31&zone=Europe/Lisbon":    "31 00:00:00, 30 23:59:59, 30 23:00:00",
		"from=2031-03-30&to=2031-03-30&zone=America/New_York": "31 00:00:00, 30 23:59:59, 30 23:00:00, 30 22:59:59",
		"from=2031-03-30&to=2031-03-31&zone=Asia/Tokyo":       "31 00:00:00, 30 23:59:59, 30 23:00:00, 30 22:59:59, 30 00:00:00, 29 23:59:59",
		"to=2031-03-29&zone=Pacific/Honolulu&from=2031-03-29": "30 00:00:00, 29 23:59:59",
	} {
		var got []string
		for _, entry := range c.do("GET", "/api/v1/audit?"+query, nil).want(200).items() {
			got = append(got, at[entry["id"].(string)])
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %s, want %s", query, strings.Join(got, ", "), want)
		}
		if file := c.do("GET", "/api/v1/audit/file?"+query, nil).want(200); strings.Count(file.raw, "\n") != len(got)+1 {
			t.Errorf("%s: the file has other changes: %s", query, file.raw)
		}
	}
	for _, bad := range []string{"from=yesterday", "to=2031-02-30", "from=2031-03-30&zone=Mars/Olympus", "zone=Local", "from=0000-01-01", "to=9999-12-31"} {
		c.do("GET", "/api/v1/audit?"+bad, nil).want(400)
	}
}
