package reports

import (
	"context"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/money"
	"apexai/crm/internal/page"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/tenant"
)

// WonLost says what was won and lost in each month of the range.
type WonLost struct {
	Months  []Month  `json:"months"`
	Won     Outcome  `json:"won"`
	Lost    Outcome  `json:"lost"`
	Reasons []Reason `json:"reasons"` // why deals were lost, the commonest first
}

// A Month is what was won and lost in one month.
type Month struct {
	Month string  `json:"month"` // 2027-01
	Won   Outcome `json:"won"`
	Lost  Outcome `json:"lost"`
}

// An Outcome is how many deals, and what they come to.
type Outcome struct {
	Count  int         `json:"count"`
	Sums   []money.Sum `json:"sums"`
	Filter filter.Node `json:"filter"`
}

// A Reason is why deals were lost, with how many.
type Reason struct {
	Reason string      `json:"reason"` // empty: none was given
	Count  int         `json:"count"`
	Filter filter.Node `json:"filter"`
}

const (
	// INTERVAL tells between which two of the moments a time is.
	selectClosed = `SELECT INTERVAL(UNIX_TIMESTAMP(d.closed_at), `
	fromClosed   = `) AS slot, d.status, d.currency, COUNT(*), SUM(d.amount_minor) FROM deals d
		WHERE d.workspace_id = ? AND d.status IN ('won', 'lost') AND d.closed_at >= ? AND d.closed_at < ?`
	bySlot        = ` GROUP BY slot, d.status, d.currency ORDER BY d.currency`
	selectReasons = `SELECT d.lost_reason, COUNT(*) FROM deals d
		WHERE d.workspace_id = ? AND d.status = 'lost' AND d.closed_at >= ? AND d.closed_at < ?`
	byReason = ` GROUP BY d.lost_reason ORDER BY COUNT(*) DESC, d.lost_reason LIMIT 12`
)

type closedRow struct {
	slot   int
	status string
	sum    money.Sum
}

func readWonLost(ctx context.Context, q database.Queryer, t tenant.Tenant, a Ask) (w WonLost, err error) {
	months := a.months()
	var args []any
	for _, m := range months {
		args = append(args, m.from.Unix())
	}
	where, more := a.deals()
	inRange := append([]any{t.Workspace, a.From.UTC(), a.To.UTC()}, more...)
	rows, err := database.All(ctx, q, func(row database.Row, r *closedRow) error {
		return row.Scan(&r.slot, &r.status, &r.sum.Currency, &r.sum.Count, &r.sum.AmountMinor)
	}, selectClosed+page.Marks(len(months))+fromClosed+where+bySlot, append(args, inRange...)...)
	if err != nil {
		return w, err
	}
	whole := month{"", a.From, a.To}
	w = WonLost{Months: []Month{}, Won: a.outcome(pipelines.Won, whole), Lost: a.outcome(pipelines.Lost, whole)}
	for _, m := range months {
		w.Months = append(w.Months, Month{m.name, a.outcome(pipelines.Won, m), a.outcome(pipelines.Lost, m)})
	}
	for _, r := range rows {
		if r.slot >= 1 && r.slot <= len(w.Months) {
			w.add(r)
		}
	}
	w.Reasons, err = a.reasons(ctx, q, where, inRange)
	return w, err
}

func (w *WonLost) add(r closedRow) {
	m := &w.Months[r.slot-1]
	if r.status == pipelines.Lost {
		w.Lost.add(r.sum)
		m.Lost.add(r.sum)
		return
	}
	r.sum.WeightedMinor = r.sum.AmountMinor
	w.Won.add(r.sum)
	m.Won.add(r.sum)
}

func (a Ask) outcome(status string, m month) Outcome {
	nodes := append([]filter.Node{filter.Leaf("status", filter.Equal, status)}, within("closedAt", m.from, m.to)...)
	return Outcome{Sums: []money.Sum{}, Filter: a.narrowed(nodes...)}
}

func (o *Outcome) add(sum money.Sum) {
	o.Count += sum.Count
	o.Sums = added(o.Sums, sum)
}

func (a Ask) reasons(ctx context.Context, q database.Queryer, where string, args []any) ([]Reason, error) {
	reasons, err := database.All(ctx, q, func(row database.Row, r *Reason) error { return row.Scan(&r.Reason, &r.Count) }, selectReasons+where+byReason, args...)
	lost := a.outcome(pipelines.Lost, month{"", a.From, a.To}).Filter
	for i := range reasons {
		r := &reasons[i]
		is := filter.Leaf("lostReason", filter.Equal, r.Reason)
		if strings.TrimSpace(r.Reason) == "" {
			is = filter.Leaf("lostReason", filter.IsEmpty, nil)
		}
		r.Filter = filter.Node{And: append(lost.And[:len(lost.And):len(lost.And)], is)}
	}
	return append([]Reason{}, reasons...), err
}
