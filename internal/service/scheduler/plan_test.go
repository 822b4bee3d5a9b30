package scheduler

import (
	"testing"
	"time"

	"apex/internal/api"
	"apex/internal/api/schedulerapi"
)

func TestPlan(t *testing.T) {
	made := time.Date(2026, 3, 1, 12, 0, 30, 0, time.UTC)
	at := func(d time.Duration) *time.Time { when := made.Add(d); return &when }
	for name, tt := range map[string]struct {
		spec      ScheduleSpec
		looked    time.Duration // after it was made; 0 for never
		now       time.Duration
		due, next string // as time after it was made; empty for none
		finished  bool
	}{
		"a rate is due at once":       {ScheduleSpec{Expression: "rate(5 minutes)"}, 0, time.Second, "0s", "5m0s", false},
		"a rate, later":               {ScheduleSpec{Expression: "rate(5 minutes)"}, time.Minute, 2 * time.Minute, "", "5m0s", false},
		"a rate with a start":         {ScheduleSpec{Expression: "rate(5 minutes)", Start: at(7 * time.Minute)}, 0, 6 * time.Minute, "", "7m0s", false},
		"missed while down, once":     {ScheduleSpec{Expression: "rate(5 minutes)"}, time.Minute, 23 * time.Minute, "20m0s", "25m0s", false},
		"a cron waits":                {ScheduleSpec{Expression: "cron(5 12 * * ? *)"}, 0, time.Second, "", "4m30s", false},
		"a cron is due":               {ScheduleSpec{Expression: "cron(5 12 * * ? *)"}, 0, 5 * time.Minute, "4m30s", "24h4m30s", false},
		"once, still to come":         {ScheduleSpec{Expression: "at(2026-03-01T12:01:00)"}, 0, time.Second, "", "30s", false},
		"once":                        {ScheduleSpec{Expression: "at(2026-03-01T12:01:00)"}, 0, time.Minute, "30s", "", true},
		"once, done":                  {ScheduleSpec{Expression: "at(2026-03-01T12:01:00)"}, time.Minute, 2 * time.Minute, "", "", true},
		"once, in another zone":       {ScheduleSpec{Expression: "at(2026-03-01T13:01:00)", Timezone: "Europe/Berlin"}, 0, time.Minute, "30s", "", true},
		"the end is near":             {ScheduleSpec{Expression: "rate(5 minutes)", End: at(12 * time.Minute)}, 6 * time.Minute, 11 * time.Minute, "10m0s", "", true},
		"disabled":                    {ScheduleSpec{Expression: "rate(5 minutes)", State: "DISABLED"}, 0, time.Hour, "", "", false},
		"enabled again after a while": {ScheduleSpec{Expression: "cron(5 12 * * ? *)", Modified: made.Add(time.Hour)}, 0, 2 * time.Hour, "", "24h4m30s", false},
	} {
		t.Run(name, func(t *testing.T) {
			own := Schedule{Key: "k", Spec: tt.spec}
			own.Spec.Created = made
			if own.Spec.Modified.IsZero() {
				own.Spec.Modified = made
			}
			if own.Spec.Timezone == "" {
				own.Spec.Timezone = "UTC"
			}
			if tt.looked > 0 {
				own.Status.Looked = made.Add(tt.looked)
			}
			shown := func(at time.Time) string {
				if at.IsZero() {
					return ""
				}
				return at.Sub(made).String()
			}
			p := planFor(own, made.Add(tt.now))
			if shown(p.due) != tt.due || shown(p.next) != tt.next || p.finished != tt.finished {
				t.Errorf("due %q, next %q, finished %v; want %q, %q, %v", shown(p.due), shown(p.next), p.finished, tt.due, tt.next, tt.finished)
			}
		})
	}
}

func TestAFlexibleWindowHoldsTheInvocation(t *testing.T) {
	due := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	seen := map[time.Duration]bool{}
	for _, key := range []string{"a", "b", "c", "d", "e", "f"} {
		own := Schedule{Key: key, Spec: ScheduleSpec{Window: &schedulerapi.FlexibleTimeWindow{Mode: api.Ptr("FLEXIBLE"), MaximumWindowInMinutes: api.Ptr(int64(15))}}}
		by := shift(own, due)
		if by < 0 || by > 15*time.Minute || by != shift(own, due) {
			t.Errorf("%s is put off by %s", key, by)
		}
		seen[by] = true
	}
	if len(seen) < 3 {
		t.Errorf("all at once: %v", seen)
	}
}
