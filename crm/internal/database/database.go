// Package database holds the server's few MySQL connections and hands them
// out one operation at a time.
//
// A small class of MySQL serves few connections and ten tasks share them, so
// waiting for one is bounded: after a second the caller is told to come back
// rather than queued. SQL is written by hand, to the subset that MySQL 8.0
// and MariaDB 10.11 share.
package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"apexai/crm/internal/awssecret"
	"apexai/crm/internal/config"
	"apexai/crm/internal/problem"
)

const (
	obtainWithin = time.Second     // a free connection
	finishWithin = 3 * time.Second // one operation on it
	batchWithin  = 30 * time.Second
	// Longest is how long a transaction may last, with some to spare.
	Longest     = batchWithin + 5*time.Second
	wedgedAfter = 15 * time.Second
	attempts    = 3 // at what may well succeed at once
)

// A DB is a bounded pool of connections.
type DB struct {
	pool     *sql.DB
	finished atomic.Int64 // unix nanoseconds of the last operation's end
	told     atomic.Pointer[func()]
}

// Open makes a pool of at most maxOpen connections; it does not connect yet.
func Open(c config.Database, maxOpen int) (*DB, error) {
	connector, err := connectorOf(c, driverConfig(c))
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", c.Address, err)
	}
	pool := sql.OpenDB(isolated{connector})
	pool.SetMaxOpenConns(maxOpen)
	pool.SetMaxIdleConns(maxOpen)
	pool.SetConnMaxLifetime(5 * time.Minute)
	pool.SetConnMaxIdleTime(90 * time.Second)
	return &DB{pool: pool}, nil
}

func connectorOf(c config.Database, d *mysql.Config) (driver.Connector, error) {
	if c.Login.ARN == "" {
		return mysql.NewConnector(d)
	}
	source, err := awssecret.New(c.Login)
	if err != nil {
		return nil, err
	}
	return newRenewing(d, source)
}

// driverConfig: rejectReadOnly makes the pool leave a primary that a failover
// turned into a replica; interpolation saves a round trip per query.
func driverConfig(c config.Database) *mysql.Config {
	d := mysql.NewConfig()
	d.User, d.Passwd, d.Net, d.Addr, d.DBName = c.User, string(c.Password), "tcp", c.Address, c.Name
	d.TLSConfig = c.TLS
	d.ParseTime, d.Loc, d.InterpolateParams, d.RejectReadOnly, d.ClientFoundRows = true, time.UTC, true, true, true
	d.Collation = "utf8mb4_unicode_520_ci"
	d.Timeout, d.ReadTimeout, d.WriteTimeout = 3*time.Second, 10*time.Second, 10*time.Second
	d.Params = map[string]string{
		"time_zone": "'+00:00'",
		"sql_mode":  "'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
	}
	d.DialFunc = dial
	d.Logger = quiet{} // broken connections come back as errors, which are logged once
	return d
}

type quiet struct{}

func (quiet) Print(...any) {}

// Close ends all connections.
func (db *DB) Close() error { return db.pool.Close() }

// Ping asks MySQL for a sign of life.
func (db *DB) Ping(ctx context.Context) error { return db.pool.PingContext(ctx) }

// Pool is what the figures of the connections are read from.
func (db *DB) Pool() *sql.DB { return db.pool }

// Wedged says that every connection is taken and none came back for long:
// only a fault of this process looks like that, as queries have time limits.
func (db *DB) Wedged(now time.Time) bool {
	s := db.pool.Stats()
	last := db.finished.Load()
	return s.InUse > 0 && s.InUse >= s.MaxOpenConnections && last > 0 && now.Sub(time.Unix(0, last)) > wedgedAfter
}

// View runs fn on one connection without a transaction. A connection that
// MySQL had closed meanwhile is replaced once.
func (db *DB) View(ctx context.Context, fn func(ctx context.Context, q Queryer) error) error {
	return db.attempt(ctx, finishWithin, func(ctx context.Context, s *session) error { return fn(ctx, s) })
}

// Update runs fn in a transaction, and again if it was chosen as a deadlock's
// victim. Each query sees what others have committed by then, so that a row
// that was locked late is not read as it was when the transaction began. fn has
// no effects outside the transaction.
func (db *DB) Update(ctx context.Context, fn func(ctx context.Context, q Queryer) error) error {
	return db.attempt(ctx, finishWithin, transaction(fn))
}

// Batch is Update for the work of a job on many rows: it may take longer.
func (db *DB) Batch(ctx context.Context, fn func(ctx context.Context, q Queryer) error) error {
	return db.attempt(ctx, batchWithin, transaction(fn))
}

func transaction(fn func(ctx context.Context, q Queryer) error) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error { return s.transaction(ctx, fn) }
}

func (db *DB) attempt(ctx context.Context, within time.Duration, fn func(context.Context, *session) error) error {
	once := func(ctx context.Context) error { return db.once(ctx, within, fn) }
	err := db.announced(ctx, once)
	for again := 0; again < attempts-1 && passing(err) && ctx.Err() == nil; again++ {
		time.Sleep(rand.N(10 * time.Millisecond)) // victims of each other must not meet again
		err = db.announced(ctx, once)
	}
	return explain(err)
}

func (db *DB) once(ctx context.Context, within time.Duration, fn func(context.Context, *session) error) error {
	conn, err := db.obtain(ctx)
	if err != nil {
		return err
	}
	defer func() {
		conn.Close() // back to the pool
		db.finished.Store(time.Now().UnixNano())
	}()
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return with(ctx, conn, fn)
}

func (db *DB) obtain(ctx context.Context) (*sql.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, obtainWithin)
	defer cancel()
	conn, err := db.pool.Conn(limited)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, problem.Unavailable("all database connections are busy", err)
	}
	return conn, err
}
