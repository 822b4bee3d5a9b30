package database

import (
	"context"
	"slices"
	"time"

	"apexai/crm/internal/trace"
)

// firstRows is up to where the room for rows grows fourfold.
const firstRows = 64

// All returns every row of a query.
func All[T any](ctx context.Context, q Queryer, scan func(Row, *T) error, query string, args ...any) ([]T, error) {
	defer trace.From(ctx).Query(time.Now())
	var all []T
	err := q.rows(ctx, query, args, func(row Row) error {
		var v T
		if err := scan(row, &v); err != nil {
			return err
		}
		if len(all) == cap(all) && len(all) < firstRows {
			all = slices.Grow(all, 3*len(all)+1) // rows are large, and growing copies them
		}
		all = append(all, v)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// One returns the first row of a query, and whether there is one.
func One[T any](ctx context.Context, q Queryer, scan func(Row, *T) error, query string, args ...any) (T, bool, error) {
	all, err := All(ctx, q, scan, query, args...)
	if err != nil || len(all) == 0 {
		var none T
		return none, false, err
	}
	return all[0], true, nil
}

// Scalar scans a row of one column.
func Scalar[T any](row Row, v *T) error { return row.Scan(v) }

// Exec runs a statement and returns how many rows it matched.
func Exec(ctx context.Context, q Queryer, query string, args ...any) (int64, error) {
	defer trace.From(ctx).Query(time.Now())
	result, err := q.exec(ctx, query, args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// InsertID runs an insert and returns the number that MySQL gave the row.
func InsertID(ctx context.Context, q Queryer, query string, args ...any) (int64, error) {
	defer trace.From(ctx).Query(time.Now())
	result, err := q.exec(ctx, query, args)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}
