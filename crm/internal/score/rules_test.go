package score

import (
	"testing"
	"time"
)

func TestRules(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	at := func(days int) *time.Time { v := now.AddDate(0, 0, -days); return &v }
	for name, c := range map[string]struct {
		facts facts
		want  int
	}{
		"nobody":          {facts{}, 0},
		"reachable":       {facts{hasEmail: true, hasPhone: true, hasCompany: true}, 20},
		"warm":            {facts{hasEmail: true, title: "Head of Sales", lastContact: at(3), recent: 9, open: 1}, 90},
		"full":            {facts{hasEmail: true, hasPhone: true, hasCompany: true, title: "CEO", lastContact: at(0), recent: 9, open: 2, won: 1}, 100},
		"cold":            {facts{hasEmail: true, lastContact: at(200), lost: 1}, 0},
		"lost yet open":   {facts{hasEmail: true, lastContact: at(40), lost: 1, open: 1}, 40},
		"heading no head": {facts{hasEmail: true, title: "Headhunter"}, 10},
		"founders decide": {facts{hasEmail: true, title: "Co-founder & CTO"}, 25},
	} {
		reasons := c.facts.person(now)
		if got := total(reasons); got != c.want {
			t.Errorf("%s: %d, want %d: %v", name, got, c.want, reasons)
		}
		for _, r := range reasons {
			if r.Text == "" || r.Rule == "" {
				t.Errorf("%s: points without a reason: %v", name, r)
			}
		}
	}
	if got := total(facts{domain: true, industry: true, sized: true, people: 4, lastContact: at(10), open: 1}.company(now)); got != 70 {
		t.Errorf("company: %d", got)
	}
}
