package records

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const maxSums = 10

// Totals are what stands at the foot of a list.
type Totals struct {
	Count   int                 `json:"count"`
	Sums    map[string]*float64 `json:"sums"`    // of numbers, by field; null if no record has one
	Amounts map[string][]Amount `json:"amounts"` // of money, by field: one for each currency
}

// An Amount is what a field of money comes to in one currency.
type Amount struct {
	Currency    string `json:"currency"`
	AmountMinor int64  `json:"amountMinor"`
}

// totals counts a selection and adds up fields of numbers and of money.
func (k Kind) totals(ctx context.Context, q database.Queryer, t tenant.Tenant, s Selection, names []string) (Totals, error) {
	out := Totals{Sums: map[string]*float64{}, Amounts: map[string][]Amount{}}
	where, args, known, err := k.Where(ctx, q, t, s)
	if err != nil {
		return out, err
	}
	if len(names) > maxSums {
		return out, problem.Syntax("at most " + strconv.Itoa(maxSums) + " sums")
	}
	var numbers []filter.Field
	for _, name := range names {
		field, ok := known.Find(name)
		switch {
		case ok && field.Type == filter.Number:
			numbers = append(numbers, field)
		case ok && field.Type == filter.Money:
			if out.Amounts[name], err = amounts(ctx, q, field, where, args); err != nil {
				return out, err
			}
		default:
			return out, problem.Syntax(strconv.Quote(name) + " is not a field of numbers or money")
		}
	}
	return out, out.add(ctx, q, numbers, where, args)
}

// single is the value of a field that a record has once, and what its marks
// stand for.
func single(f filter.Field) (string, []any) {
	if f.Many == "" {
		return f.Column, nil
	}
	return "(" + strings.Replace(f.Many, "SELECT 1", "SELECT "+f.Column, 1) + ")", f.Args
}

func (out *Totals) add(ctx context.Context, q database.Queryer, numbers []filter.Field, where string, args []any) error {
	columns, into, first := []string{"COUNT(*)"}, make([]sql.NullFloat64, len(numbers)), []any(nil)
	for _, f := range numbers {
		value, marks := single(f)
		columns, first = append(columns, "SUM("+value+")"), append(first, marks...)
	}
	_, _, err := database.One(ctx, q, func(row database.Row, n *int) error {
		targets := []any{n}
		for i := range into {
			targets = append(targets, &into[i])
		}
		err := row.Scan(targets...)
		out.Count = *n
		return err
	}, "SELECT "+strings.Join(columns, ", ")+where, append(first, args...)...)
	for i, f := range numbers {
		out.Sums[f.Name] = nil
		if into[i].Valid {
			out.Sums[f.Name] = &into[i].Float64
		}
	}
	return err
}

// amounts adds up a field of money for each currency by itself: a rate would
// be wrong the next day.
func amounts(ctx context.Context, q database.Queryer, f filter.Field, where string, args []any) ([]Amount, error) {
	type sum struct {
		currency *string
		minor    *int64
	}
	value, marks := single(f)
	found, err := database.All(ctx, q, func(row database.Row, s *sum) error { return row.Scan(&s.currency, &s.minor) },
		"SELECT "+f.Currency+", CAST(SUM("+value+") AS SIGNED)"+where+" GROUP BY 1 ORDER BY 2 DESC, 1", append(marks[:len(marks):len(marks)], args...)...)
	all := []Amount{}
	for _, s := range found {
		if s.currency != nil && s.minor != nil {
			all = append(all, Amount{*s.currency, *s.minor})
		}
	}
	return all, err
}
