package filter

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
)

// fields are one of each type; the zone is one with daylight saving.
func fields(t testing.TB) Fields {
	t.Helper()
	return Fields{
		List: []Field{
			{Name: "text", Type: Text, Column: "x.t"},
			{Name: "number", Type: Number, Column: "x.n"},
			{Name: "money", Type: Money, Column: "x.m"},
			{Name: "date", Type: Date, Column: "x.d"},
			{Name: "time", Type: Time, Column: "x.at"},
			{Name: "choice", Type: Choice, Column: "x.c", Options: []string{"a", "b"}},
			{Name: "bool", Type: Bool, Column: "x.b"},
			{Name: "ref", Type: Ref, Column: "x.r"},
			{Name: "member", Type: Member, Column: "x.o"},
			{Name: "tag", Type: Ref, Column: "g.tag", Many: "SELECT 1 FROM g WHERE g.of = ?", Args: []any{7}},
		},
		User: id.ID{9}, Zone: "America/New_York", Now: time.Date(2026, 3, 9, 3, 30, 0, 0, time.UTC), // 8 March, 23:30 in New York
	}
}

func TestSQL(t *testing.T) {
	for text, want := range map[string]string{
		``:                                          ` []`,
		`{}`:                                        ` []`,
		`{"f":"text","op":"=","v":"a'b"}`:           `(x.t = ?) [a'b]`,
		`{"f":"text","op":"!=","v":"a"}`:            `(x.t IS NULL OR NOT (x.t = ?)) [a]`,
		`{"f":"text","op":"contains","v":"5%"}`:     `(x.t LIKE ?) [%5\%%]`,
		`{"f":"text","op":"startsWith","v":"_"}`:    `(x.t LIKE ?) [\_%]`,
		`{"f":"text","op":"in","v":["a","b"]}`:      `(x.t IN (?, ?)) [a b]`,
		`{"f":"text","op":"empty"}`:                 `NOT COALESCE(x.t <> '', 0) []`,
		`{"f":"number","op":"notEmpty"}`:            `(x.n IS NOT NULL) []`,
		`{"f":"number","op":">","v":1.5}`:           `(x.n > ?) [1.5]`,
		`{"f":"money","op":">=","v":10000}`:         `(x.m >= ?) [10000]`,
		`{"f":"choice","op":"notIn","v":["a"]}`:     `(x.c IS NULL OR NOT (x.c IN (?))) [a]`,
		`{"f":"bool","op":"=","v":true}`:            `(x.b = ?) [true]`,
		`{"f":"date","op":"=","v":"today"}`:         `(x.d >= ? AND x.d < ?) [2026-03-08 2026-03-09]`,
		`{"f":"date","op":">","v":"today"}`:         `(x.d >= ?) [2026-03-09]`,
		`{"f":"date","op":"<=","v":"thisMonth"}`:    `(x.d < ?) [2026-04-01]`,
		`{"f":"time","op":"=","v":"today"}`:         `(x.at >= ? AND x.at < ?) [2026-03-08 05:00:00 +0000 UTC 2026-03-09 04:00:00 +0000 UTC]`, // 23 hours
		`{"f":"time","op":"<","v":"-30d"}`:          `(x.at < ?) [2026-02-06 05:00:00 +0000 UTC]`,
		`{"f":"tag","op":"in","v":["` + one + `"]}`: `EXISTS (SELECT 1 FROM g WHERE g.of = ? AND (g.tag IN (?))) [7 ` + one + `]`,
		`{"f":"tag","op":"!=","v":"` + one + `"}`:   `NOT EXISTS (SELECT 1 FROM g WHERE g.of = ? AND (g.tag = ?)) [7 ` + one + `]`,
		`{"f":"tag","op":"empty"}`:                  `NOT EXISTS (SELECT 1 FROM g WHERE g.of = ? AND (g.tag IS NOT NULL)) [7]`,
		`{"f":"member","op":"=","v":"me"}`:          `(x.o = ?) [` + id.ID{9}.String() + `]`,
		`{"not":{"f":"bool","op":"=","v":true}}`:    `NOT COALESCE((x.b = ?), 0) [true]`,
		`{"or":[{"f":"number","op":"<","v":1},{"and":[{"f":"bool","op":"empty"},{"f":"number","op":"=","v":-2}]}]}`: `((x.n < ?) OR (NOT (x.b IS NOT NULL) AND (x.n = ?))) [1 -2]`,
	} {
		n, err := Parse([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		where, args, err := n.SQL(fields(t))
		if got := where + " " + fmt.Sprint(args); err != nil || got != want {
			t.Errorf("%s:\n got %s (%v)\nwant %s", text, got, err, want)
		}
	}
}

const one = "01890a5d-ac96-774b-bcce-b302099a8057"

func TestRefused(t *testing.T) {
	leaf := `{"f":"text","op":"=","v":"x"}`
	for text, pointer := range map[string]string{
		`[`: "400", `{"f":"text"} {}`: "400", `{"g":1}`: "400", `[]`: "400", `"x"`: "400", `{"and":7}`: "400",
		`{"f":"none","op":"=","v":1}`: "/f", `{"f":"text","op":"~","v":1}`: "/op", `{"f":"text","op":">","v":"a"}`: "/op", `{"f":"text","op":"=","v":1}`: "/v",
		`{"f":"text","op":"="}`: "/v", `{"f":"text","op":"=","v":null}`: "/v", `{"f":"text","op":"=","v":{"$ne":1}}`: "/v", `{"f":"text","op":"empty","v":1}`: "/v",
		`{"f":"number","op":"=","v":"1"}`: "/v", `{"f":"number","op":"=","v":1e99}`: "/v", `{"f":"money","op":"=","v":1.5}`: "/v",
		`{"f":"date","op":"=","v":"soon"}`: "/v", `{"f":"date","op":"=","v":"2026-02-30"}`: "/v", `{"f":"time","op":"=","v":"0001-01-01"}`: "/v", `{"f":"date","op":">","v":"+9999y"}`: "/v",
		`{"f":"choice","op":"=","v":"z"}`: "/v", `{"f":"choice","op":"in","v":["a","z"]}`: "/v/1", `{"f":"choice","op":"in","v":[]}`: "/v", `{"f":"choice","op":"in","v":"a"}`: "/v",
		`{"f":"ref","op":"=","v":"7"}`: "/v", `{"f":"ref","op":"=","v":"me"}`: "/v", `{"f":"bool","op":"=","v":0}`: "/v",
		`{"f":"text","op":"=","v":"` + strings.Repeat("x", 201) + `"}`: "/v",
		`{"and":[` + leaf + `,{"or":[{"f":"zz","op":"=","v":1}]}]}`:    "/and/1/or/0/f",
		`{"and":[{}]}`: "/and/0", `{"and":[],"or":[]}`: "ok", `{"f":"text","op":"=","v":"x","and":[` + leaf + `]}`: "", `{"op":"="}`: "",
		`{"and":[{"and":[{"and":[{"and":[` + leaf + `]}]}]}]}`:          "/and/0/and/0/and/0/and/0",
		`{"and":[` + strings.Repeat(leaf+",", 20) + leaf + `]}`:         "",
		`{"f":"text","op":"=","v":"` + strings.Repeat("x", 9000) + `"}`: "",
	} {
		n, err := Parse([]byte(text))
		if err == nil {
			_, _, err = n.SQL(fields(t))
		}
		got := "ok"
		if p, is := errors.AsType[*problem.Problem](err); is {
			if got = fmt.Sprint(p.Status); p.Status == 422 {
				got = p.Errors[0].Pointer
			}
		}
		if got != pointer {
			t.Errorf("%.80s: %q, want %q (%v)", text, got, pointer, err)
		}
	}
}

func TestDates(t *testing.T) {
	now := time.Date(2028, 3, 31, 12, 0, 0, 0, time.UTC) // a Friday in a leap year
	for text, want := range map[string]string{
		"today": "2028-03-31 2028-04-01", "yesterday": "2028-03-30 2028-03-31", "-1m": "2028-02-29 2028-03-01", "+1m": "2028-04-30 2028-05-01", "-13m": "2027-02-28 2027-03-01",
		"-1y": "2027-03-31 2027-04-01", "+2w": "2028-04-14 2028-04-15", "thisWeek": "2028-03-27 2028-04-03", "lastWeek": "2028-03-20 2028-03-27", "thisMonth": "2028-03-01 2028-04-01",
		"lastQuarter": "2027-10-01 2028-01-01", "nextQuarter": "2028-04-01 2028-07-01", "thisYear": "2028-01-01 2029-01-01", "2026-11-26": "2026-11-26 2026-11-27",
	} {
		s, err := parseSpan(text, now)
		if got := s.from.day.Format(dayFormat) + " " + s.to.day.Format(dayFormat); err != nil || got != want {
			t.Errorf("%s: %s (%v), want %s", text, got, err, want)
		}
	}
}

// Days are those of the zone's calendar, which its clocks begin, also where
// they are changed at midnight.
func TestDaysOfZones(t *testing.T) {
	for _, tt := range []struct{ zone, now, text, from, to string }{
		{"Europe/Lisbon", "2026-03-29T12:00:00Z", "today", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"},
		{"Europe/Lisbon", "2026-10-25T00:30:00Z", "today", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z"},
		{"Pacific/Chatham", "2026-04-04T20:00:00Z", "today", "2026-04-04T10:15:00Z", "2026-04-05T11:15:00Z"},
		{"Pacific/Chatham", "2026-09-26T12:00:00Z", "today", "2026-09-26T11:15:00Z", "2026-09-27T10:15:00Z"},
		{"Pacific/Chatham", "2026-09-30T12:00:00Z", "lastMonth", "2026-08-31T11:15:00Z", "2026-09-30T10:15:00Z"},
		{"Australia/Lord_Howe", "2026-10-03T20:00:00Z", "today", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-20T00:00:00Z", "-15d", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"},
		{"America/Santiago", "2026-09-06T12:00:00Z", "today", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"}, // there is no midnight
		{"America/Santiago", "2026-09-07T12:00:00Z", "yesterday", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"},
		{"America/Santiago", "2026-09-05T12:00:00Z", "today", "2026-09-05T04:00:00Z", "2026-09-06T04:00:00Z"},
		{"America/Asuncion", "2023-10-01T12:00:00Z", "thisMonth", "2023-10-01T04:00:00Z", "2023-11-01T03:00:00Z"}, // of a month neither
		{"America/Asuncion", "2023-09-15T12:00:00Z", "thisMonth", "2023-09-01T04:00:00Z", "2023-10-01T04:00:00Z"},
		{"America/Havana", "2026-11-01T12:00:00Z", "today", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"}, // it comes twice
		{"America/New_York", "2026-11-26T04:59:00Z", "thisWeek", "2026-11-23T05:00:00Z", "2026-11-30T05:00:00Z"},
		{"America/New_York", "2026-01-01T04:59:00Z", "thisYear", "2025-01-01T05:00:00Z", "2026-01-01T05:00:00Z"},
		{"Asia/Kathmandu", "2026-03-31T18:15:00Z", "thisQuarter", "2026-03-31T18:15:00Z", "2026-06-30T18:15:00Z"},
		{"Pacific/Kiritimati", "2026-11-26T09:59:00Z", "2026-11-26", "2026-11-25T10:00:00Z", "2026-11-26T10:00:00Z"},
	} {
		in, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		s, err := parseSpan(tt.text, now.In(in))
		if from, to := s.from.at.Format(time.RFC3339), s.to.at.Format(time.RFC3339); err != nil || from != tt.from || to != tt.to {
			t.Errorf("%s in %s at %s: %s to %s (%v), want %s to %s", tt.text, tt.zone, tt.now, from, to, err, tt.from, tt.to)
		}
	}
}

// Whatever is sent, each mark has an argument, no value is in the SQL, and
// the text of a filter is stable.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`{"and":[{"f":"owner","op":"=","v":"me"},{"f":"text","op":"contains","v":"%' OR 1=1 --"}]}`, `{"not":{"f":"tag","op":"notIn","v":["` + one + `"]}}`,
		`{"f":"time","op":">","v":"-30d"}`, `{"f":"number","op":"in","v":[1,2.5]}`, `{"or":[{"f":"bool","op":"=","v":true}]}`, `{"f":"date","op":"!=","v":"9999-12-31"}`, `{`, `null`,
	} {
		f.Add(seed)
	}
	all := fields(f)
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Parse([]byte(text))
		if err != nil {
			return
		}
		where, args, err := n.SQL(all)
		if err != nil {
			return
		}
		if strings.Count(where, "?") != len(args) {
			t.Errorf("%s: %d marks, %d arguments: %s", text, strings.Count(where, "?"), len(args), where)
		}
		if strings.ContainsAny(where, "\"\\%;-\x00") {
			t.Errorf("%s: %s", text, where)
		}
		again, err := Parse([]byte(n.String()))
		if err != nil || again.String() != n.String() {
			t.Errorf("%s became %s (%v)", n, again, err)
		}
	})
}
