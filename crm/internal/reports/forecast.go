package reports

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/money"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/zone"
)

// A Forecast says what open deals may bring, by the month in which they are
// expected to close. It begins today, whatever the range.
type Forecast struct {
	Months  []Expected `json:"months"` // this one and the five that follow
	Overdue Expected   `json:"overdue"`
	Later   Expected   `json:"later"`
	Undated Expected   `json:"undated"`
}

// Expected is what deals of one month may bring: sums have the amounts, and
// the amounts weighted by the chance of getting them.
type Expected struct {
	Month  string      `json:"month"` // 2027-01
	Count  int         `json:"count"`
	Sums   []money.Sum `json:"sums"`
	Filter filter.Node `json:"filter"`
}

const (
	ahead      = 6 // months
	selectOpen = `SELECT CASE WHEN d.close_date IS NULL THEN 'undated' WHEN d.close_date < ? THEN 'overdue' WHEN d.close_date >= ? THEN 'later'
		ELSE DATE_FORMAT(d.close_date, '%Y-%m') END AS expected, d.currency, COUNT(*), SUM(d.amount_minor), ROUND(SUM(d.amount_minor * s.probability) / 100)
		FROM deals d JOIN stages s ON s.workspace_id = d.workspace_id AND s.id = d.stage_id
		WHERE d.workspace_id = ? AND d.status = 'open'`
	byExpectation = ` GROUP BY expected, d.currency ORDER BY d.currency`
)

type expectedRow struct {
	month string
	sum   money.Sum
}

func readForecast(ctx context.Context, q database.Queryer, t tenant.Tenant, a Ask) (f Forecast, err error) {
	today := zone.Today(a.now, a.zone)
	first := zone.Day(today.Year(), today.Month(), 1)
	day, end := today.Format(time.DateOnly), first.AddDate(0, ahead, 0).Format(time.DateOnly)
	where, args := a.deals()
	rows, err := database.All(ctx, q, func(row database.Row, r *expectedRow) error {
		return row.Scan(&r.month, &r.sum.Currency, &r.sum.Count, &r.sum.AmountMinor, &r.sum.WeightedMinor)
	}, selectOpen+where+byExpectation, append([]any{day, end, t.Workspace}, args...)...)
	if err != nil {
		return f, err
	}
	f = a.forecast(first, day, end)
	slots := map[string]*Expected{"overdue": &f.Overdue, "later": &f.Later, "undated": &f.Undated}
	for i := range f.Months {
		slots[f.Months[i].Month] = &f.Months[i]
	}
	for _, r := range rows {
		if e := slots[r.month]; e != nil {
			e.Count += r.sum.Count
			e.Sums = added(e.Sums, r.sum)
		}
	}
	return f, nil
}

// forecast is a Forecast without figures, from a day in the month that begins
// on first until before end.
func (a Ask) forecast(first time.Time, day, end string) Forecast {
	f := Forecast{
		Overdue: a.expected("", filter.Leaf("closeDate", filter.Less, day)),
		Later:   a.expected("", filter.Leaf("closeDate", filter.AtLeast, end)),
		Undated: a.expected("", filter.Leaf("closeDate", filter.IsEmpty, nil)),
		Months:  []Expected{},
	}
	for i := range ahead {
		from := first.AddDate(0, i, 0)
		f.Months = append(f.Months, a.expected(from.Format("2006-01"),
			filter.Leaf("closeDate", filter.AtLeast, max(from.Format(time.DateOnly), day)),
			filter.Leaf("closeDate", filter.Less, from.AddDate(0, 1, 0).Format(time.DateOnly))))
	}
	return f
}

func (a Ask) expected(month string, when ...filter.Node) Expected {
	nodes := append([]filter.Node{filter.Leaf("status", filter.Equal, pipelines.Open)}, when...)
	return Expected{month, 0, []money.Sum{}, a.narrowed(nodes...)}
}
