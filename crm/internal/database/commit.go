package database

import "context"

type announcement struct{ made bool }

type announcementKey struct{}

// Announce says, from within View or Update, that the work leaves something
// for others to take up: whoever OnCommit named is told once it is committed,
// and not if it is not.
func Announce(ctx context.Context) {
	if a, _ := ctx.Value(announcementKey{}).(*announcement); a != nil {
		a.made = true
	}
}

// OnCommit names who is told of announcements. It must return at once.
func (db *DB) OnCommit(told func()) { db.told.Store(&told) }

// announced runs fn with a place for announcements, and passes them on.
func (db *DB) announced(ctx context.Context, fn func(context.Context) error) error {
	var a announcement
	err := fn(context.WithValue(ctx, announcementKey{}, &a))
	if err != nil || !a.made {
		return err
	}
	if told := db.told.Load(); told != nil {
		(*told)()
	}
	return nil
}
