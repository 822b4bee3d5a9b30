package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/go-sql-driver/mysql"

	"apexai/crm/internal/problem"
)

// MySQL's error numbers that mean something to us.
const (
	errTooManyConnections = 1040
	errAccessDenied       = 1045
	errServerShutdown     = 1053
	errDuplicate          = 1062
	errLockWait           = 1205
	errDeadlock           = 1213
	errInterrupted        = 1317
	errNoReference        = 1452
	errKilled             = 1927 // MariaDB's: the connection was ended, as at a shutdown

	// A value has characters that its column cannot have: it is compared with
	// words of ours, as kinds and states are.
	errCollations  = 1267
	errCollations3 = 1270
	errCollationsN = 1271
	errCharacters  = 1366
)

func number(err error) uint16 {
	if m, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return m.Number
	}
	return 0
}

// IsDuplicate says that err is a unique key's refusal.
func IsDuplicate(err error) bool { return number(err) == errDuplicate }

// IsNoReference says that err is a foreign key's refusal.
func IsNoReference(err error) bool { return number(err) == errNoReference }

// An uncertain commit is one whose answer was lost: its work may be there, so
// it is not done again by itself.
type uncertain struct {
	cause error
	noted bool // with the request's Idempotency-Key, which therefore tells
}

// Error says why the answer was lost.
func (u *uncertain) Error() string { return "commit: " + u.cause.Error() }

// Unwrap gives the cause.
func (u *uncertain) Unwrap() error { return u.cause }

func (u *uncertain) told(err error) error {
	const broke = "the database broke off while it saved: "
	if u.noted {
		return problem.Unsettled(broke+"send this again under the same Idempotency-Key, and it is done once", err)
	}
	return problem.Uncertain(broke+"look whether it did before you send this again", err)
}

// passing says that the same work may well succeed at once: the transaction
// was rolled back as a whole, or the connection had died while idle.
func passing(err error) bool {
	if _, ok := errors.AsType[*uncertain](err); ok {
		return false
	}
	switch number(err) {
	case errDeadlock, errLockWait:
		return true
	}
	return errors.Is(err, driver.ErrBadConn)
}

// explain turns the absence of MySQL into an answer that asks to come back,
// and characters that cannot be where they were sent to into a refusal.
func explain(err error) error {
	if _, ok := errors.AsType[*problem.Problem](err); ok || err == nil {
		return err
	}
	switch number(err) {
	case errCollations, errCollations3, errCollationsN, errCharacters:
		p := problem.Syntax("a value has characters that it cannot have")
		p.Cause = err
		return p
	}
	if u, ok := errors.AsType[*uncertain](err); ok {
		return u.told(err)
	}
	if away(err) {
		return problem.Unavailable("the database does not answer", err)
	}
	return err
}

func away(err error) bool {
	switch number(err) {
	case errTooManyConnections, errServerShutdown, errLockWait, errDeadlock, errInterrupted, errKilled:
		return true
	case errAccessDenied: // the password is being rotated, or is wrong: neither is the request's fault
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded)
}
