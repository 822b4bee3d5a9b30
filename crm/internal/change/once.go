package change

import (
	"context"
	"errors"
	"fmt"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/trace"
)

const (
	insertDone = `INSERT INTO done_requests (workspace_id, user_id, key_sum, request, audit_id) VALUES (?, ?, ?, ?, ?)`
	selectDone = `SELECT d.request, a.target_kind, a.target_id FROM done_requests d
		JOIN audit_log a ON a.workspace_id = d.workspace_id AND a.id = d.audit_id WHERE d.workspace_id = ? AND d.user_id = ? AND d.key_sum = ?`
	deleteDone = `DELETE FROM done_requests WHERE workspace_id > 0 AND created_at < ? LIMIT 5000`

	// A key is good for a day, as the answers that Redis keeps.
	doneFor = 24 * time.Hour
)

// makes are where records of a kind are made, and read below.
var makes = map[string]string{
	"person": "/api/v1/people", "company": "/api/v1/companies", "deal": "/api/v1/deals", "activity": "/api/v1/activities", "task": "/api/v1/tasks",
}

type done struct {
	request [16]byte
	kind    string
	target  id.ID
}

// once notes, in the transaction that makes changes, that the request of an
// Idempotency-Key made them. If an earlier request of that key has, whose answer
// was lost on the way, it is told where that led, and changes nothing.
func once(ctx context.Context, q database.Queryer, t tenant.Tenant, audit int64) error {
	r := trace.From(ctx).Repeat(q)
	if r == nil {
		return nil
	}
	_, err := database.Exec(ctx, q, insertDone, t.Workspace, t.User, r.Key[:], r.Request[:], audit)
	if !database.IsDuplicate(err) {
		return err
	}
	first, ok, err := earlier(ctx, q, t, r)
	switch {
	case err != nil:
		return err
	case !ok:
		return errors.New("what the first request did is not in the audit log")
	case first.request == r.Request:
		return nil // another transaction of this request
	}
	return first.told(r)
}

// Earlier says that an earlier request of the Idempotency-Key of ctx's has done
// what this one was refused, and where that led; nil if there was none. What is
// there already is a reason for refusals.
func Earlier(ctx context.Context, db *database.DB, t tenant.Tenant) error {
	r := trace.From(ctx).Key()
	if r == nil {
		return nil
	}
	return db.View(ctx, func(ctx context.Context, q database.Queryer) error {
		first, ok, err := earlier(ctx, q, t, r)
		if err != nil || !ok || first.request == r.Request {
			return err
		}
		return first.told(r)
	})
}

func earlier(ctx context.Context, q database.Queryer, t tenant.Tenant, r *trace.Repeat) (done, bool, error) {
	first, ok, err := database.One(ctx, q, func(row database.Row, d *done) error {
		var request []byte
		err := row.Scan(&request, &d.kind, &d.target)
		copy(d.request[:], request)
		return err
	}, selectDone, t.Workspace, t.User, r.Key[:])
	if err != nil {
		return first, ok, fmt.Errorf("what the first request did: %w", err)
	}
	return first, ok, nil
}

// told is what a repetition is told.
func (d done) told(r *trace.Repeat) error {
	if makes[d.kind] == r.Path {
		return problem.Done(r.Path + "/" + d.target.String())
	}
	return problem.Conflict("the first request with this Idempotency-Key has done this")
}

// CleanDone forgets keys whose time is up.
func CleanDone(ctx context.Context, db *database.DB) error {
	return db.View(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, deleteDone, time.Now().UTC().Add(-doneFor))
		return err
	})
}
