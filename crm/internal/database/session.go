package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/trace"
)

// A Queryer is a connection, in a transaction or not, for one operation.
//
// It asks the driver itself: database/sql starts a goroutine for each query and
// wakes another of the driver's, to look whether the caller has gone. Here that
// is looked after once for the whole operation, by cutting the connection.
type Queryer interface {
	// rows gives each row of a query to a function.
	rows(ctx context.Context, query string, args []any, each func(Row) error) error
	exec(ctx context.Context, query string, args []any) (driver.Result, error)
}

// A session is a connection that an operation has for itself: each try of it has
// another.
type session struct{ conn *connection }

// with runs fn on a connection. If ctx ends first, the connection is cut and
// is not used again.
func with(ctx context.Context, conn *sql.Conn, fn func(context.Context, *session) error) (err error) {
	broken := conn.Raw(func(raw any) error {
		c, ok := raw.(*connection)
		if !ok {
			return fmt.Errorf("database: a %T is not what is expected", raw)
		}
		cancel := context.AfterFunc(ctx, func() { c.wire.Close() })
		err = fn(ctx, &session{c})
		if !cancel() {
			if err != nil {
				err = late(ctx, err)
			}
			return driver.ErrBadConn
		}
		return err
	})
	if err == nil && !errors.Is(broken, driver.ErrBadConn) {
		return broken
	}
	return err
}

// late is what went wrong on a connection that was cut: the time was up, unless
// something is said on purpose.
func late(ctx context.Context, err error) error {
	_, told := errors.AsType[*problem.Problem](err)
	_, open := errors.AsType[*uncertain](err)
	if told || open {
		return err
	}
	return ctx.Err()
}

// transaction runs fn in a transaction.
func (s *session) transaction(ctx context.Context, fn func(ctx context.Context, q Queryer) error) error {
	tx, err := s.conn.BeginTx(context.Background(), driver.TxOptions{})
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after Commit
	if err := fn(ctx, s); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return &uncertain{err, trace.From(ctx).Noted(s)}
	}
	return nil
}

func (s *session) rows(ctx context.Context, query string, args []any, each func(Row) error) (err error) {
	query, named, err := s.prepare(ctx, query, args)
	if err != nil {
		return err
	}
	rows, err := s.conn.QueryContext(context.Background(), query, named)
	if err != nil {
		return err
	}
	defer func() {
		if fault := rows.Close(); err == nil {
			err = fault
		}
	}()
	row := values(make([]driver.Value, len(rows.Columns())))
	for {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
}

func (s *session) exec(ctx context.Context, query string, args []any) (driver.Result, error) {
	query, named, err := s.prepare(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return s.conn.ExecContext(context.Background(), query, named)
}

// prepare gives a query and its arguments as the driver takes them.
func (s *session) prepare(ctx context.Context, query string, args []any) (string, []driver.NamedValue, error) {
	if err := ctx.Err(); err != nil {
		return "", nil, err
	}
	query, args = inline(query, args)
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
		if _, ok := a.(string); ok {
			continue
		}
		if err := s.conn.CheckNamedValue(&named[i]); err != nil {
			return "", nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
	}
	return query, named, nil
}
