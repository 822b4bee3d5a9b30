package account

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// insertUnbound makes a user whom a later sign-in with the same verified
// address takes over.
const insertUnbound = `INSERT INTO users (id, email, name, created_at) VALUES (?, ?, ?, ?)`

// Demo finds or makes the demo workspace and an owner of it, for seeding it
// with records before anybody has signed in.
func (s Store) Demo(ctx context.Context, email, name string, now time.Time) (i Identity, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		workspace, err := demo(ctx, q, now)
		if err != nil {
			return err
		}
		user, ok, err := database.One(ctx, q, func(row database.Row, v *id.ID) error { return row.Scan(v, new(bool)) }, lockByEmail, email)
		if err == nil && !ok {
			user = id.New()
			_, err = database.Exec(ctx, q, insertUnbound, user, email, name, now)
		}
		if err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, insertMember, workspace, user, tenant.Owner.String(), now); err != nil {
			return err
		}
		i, ok, err = database.One(ctx, q, scanIdentity, selectIdentity, workspace, user)
		if err == nil && !ok {
			err = problem.NotFound("member")
		}
		return err
	})
	return i, err
}
