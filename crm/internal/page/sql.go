package page

import (
	"context"
	"strconv"
	"strings"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
)

const timeFormat = "2006-01-02 15:04:05.000"

// Text is a sort column of text.
func Text(name string) Column {
	return Column{Name: name, Parse: func(s string) (any, error) { return s, nil }}
}

// ID is a sort column of ids.
func ID(name string) Column {
	return Column{Name: name, Parse: func(s string) (any, error) { return id.Parse(s) }}
}

// Time is a sort column of times.
func Time(name string) Column {
	return Column{Name: name, Parse: func(s string) (any, error) { return time.Parse(timeFormat, s) }}
}

// NullTime is a sort column of times that may be missing.
func NullTime(name string) Column {
	c := Time(name)
	c.Null = true
	return c
}

// FormatNullTime is such a time as NullTime's cursor values have it.
func FormatNullTime(t *time.Time) string {
	if t == nil {
		return ""
	}
	return FormatTime(*t)
}

// Both are the sort by columns and its reverse.
func Both(name string, columns ...Column) []Order {
	return []Order{{Name: name, Columns: columns}, {Name: "-" + name, Columns: columns, Desc: true}}
}

// FormatTime is a time as Time's cursor values have it.
func FormatTime(t time.Time) string { return t.UTC().Format(timeFormat) }

// Words are what a person typed into a search box: at most five.
func Words(q string) []string {
	words := strings.Fields(q)
	return words[:min(len(words), 5)]
}

// Prefix is a LIKE pattern for values that begin with word.
func Prefix(word string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word) + "%"
}

// Marks is "?, ?, ?" for an IN list.
func Marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// Count finishes a query "SELECT COUNT(*) FROM (SELECT 1 … " and counts up to
// CountAtMost.
func Count(ctx context.Context, db database.Queryer, query string, args []any) (string, error) {
	n, _, err := database.One(ctx, db, database.Scalar[int], query+" LIMIT ?) counted", append(args[:len(args):len(args)], CountAtMost+1)...)
	if n > CountAtMost {
		return strconv.Itoa(CountAtMost) + "+", err
	}
	return strconv.Itoa(n), err
}
