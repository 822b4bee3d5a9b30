package database

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-sql-driver/mysql"
)

const (
	// A login that MySQL refuses is tried again for so long: its user may be
	// just being made, its password just being changed.
	signInWithin = time.Minute
	refusedEvery = 2 * time.Second // trying a wrong password oftener may have the user locked
)

// refusals are MySQL's and MariaDB's reasons to let nobody in, which waiting
// alone does not cure, and what whoever sets the server up can do.
var refusals = map[uint16]string{
	1044:            "this user may not use this database: grant it, or look at DATABASE_URL or DB_NAME",
	errAccessDenied: "user or password is wrong: look at DATABASE_URL, or DB_USER and DB_PASSWORD",
	1049:            "there is no database of this name: make it, or look at DATABASE_URL or DB_NAME",
	1130:            "it lets nobody in from this host",
	1251:            "this user signs in in a way that is not known here",
	1698:            "this user does not sign in with a password: look at DATABASE_URL, or DB_USER",
	1820:            "the password has to be changed first",
	1862:            "the password has expired",
	3118:            "this user is locked",
	4151:            "this user is locked",
}

// refusal is what is to be told of an error that means that MySQL is there and
// lets nobody in; empty, if it means something else.
func refusal(err error) string {
	if why := refusals[number(err)]; why != "" {
		return why
	}
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); untrusted {
		return "its certificate is not trusted: look at tls in DATABASE_URL, or DB_TLS"
	}
	if errors.Is(err, mysql.ErrNoTLS) {
		return "it speaks no TLS: look at tls in DATABASE_URL, or DB_TLS"
	}
	for _, way := range []error{mysql.ErrUnknownPlugin, mysql.ErrCleartextPassword, mysql.ErrNativePassword, mysql.ErrOldPassword} {
		if errors.Is(err, way) {
			return refusals[1251]
		}
	}
	return ""
}

// A waiting is one for a database, and what was told of it.
type waiting struct {
	log           *slog.Logger
	patience      time.Duration // with refusals
	next          time.Duration // until the next try
	why           string
	told, refused time.Time // when it was told, and since when it is so
}

// until waits until MySQL answers. Its absence is waited for as long as ctx
// lasts; its refusal for patience: then whoever started the server shall see
// that it ends.
func (w *waiting) until(ctx context.Context, pool *sql.DB) (*sql.Conn, error) {
	for {
		conn, err := tryConnect(ctx, pool)
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		if err := w.judge(ctx, err); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(w.next):
		}
	}
}

// judge tells of a failure, the first of its sort at once, and says how long to
// wait; it gives up on what was refused for too long.
func (w *waiting) judge(ctx context.Context, err error) error {
	why := refusal(err)
	if why != w.why || time.Since(w.told) > tellEvery {
		w.tell(ctx, why, err)
	}
	if why == "" {
		w.refused, w.next = time.Time{}, min(max(w.next, retryEvery)*5/4, retryAtMost)
		return nil
	}
	w.next = min(refusedEvery, w.patience)
	if w.refused.IsZero() {
		w.refused = time.Now()
	}
	if since := time.Since(w.refused); since >= w.patience {
		return fmt.Errorf("it has refused this server for %s: %s: %w", since.Round(time.Second), why, err)
	}
	return nil
}

func (w *waiting) tell(ctx context.Context, why string, err error) {
	w.why, w.told = why, time.Now()
	if why == "" {
		w.log.WarnContext(ctx, "waiting for the database", "fault", err)
		return
	}
	w.log.ErrorContext(ctx, "the database refuses this server", "why", why, "fault", err, "gives_up_after", w.patience.String())
}
