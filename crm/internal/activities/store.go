package activities

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/notifications"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/timeline"
)

// A Store keeps activities in MySQL.
type Store struct {
	DB  *database.DB
	Now func() time.Time
}

const (
	selectOne   = `SELECT ` + columns + ` FROM activities a` + author + ` WHERE a.workspace_id = ? AND a.id = ?`
	selectBody  = `SELECT body FROM activities WHERE workspace_id = ? AND id = ?`
	lockOne     = `SELECT 1 FROM activities WHERE workspace_id = ? AND id = ? FOR UPDATE`
	deleteLinks = `DELETE FROM activity_links WHERE workspace_id = ? AND activity_id = ?`
	updateOne   = `UPDATE activities SET version = version + 1, subject = ?, body = ?, body_length = ?, occurred_at = ?, meta = ?, pinned = ?, updated_at = ?, updated_by = ?
		WHERE workspace_id = ? AND id = ?`
	updateTrash = `UPDATE activities SET version = version + 1, deleted_at = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
)

// Get returns an activity with all of its text, also a deleted one.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID) (a Activity, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		a, err = read(ctx, q, t, which)
		return err
	})
	return a, err
}

func read(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (Activity, error) {
	a, ok, err := database.One(ctx, q, scan, selectOne, t.Workspace, which)
	if err != nil {
		return a, err
	}
	if !ok {
		return a, problem.NotFound("activity")
	}
	if a.BodyLength > excerpt {
		if a.Body, _, err = database.One(ctx, q, database.Scalar[string], selectBody, t.Workspace, which); err != nil {
			return a, err
		}
	}
	one := []Activity{a}
	err = readLinks(ctx, q, t, one)
	return one[0], err
}

// Create adds what somebody wrote.
func (s Store) Create(ctx context.Context, t tenant.Tenant, d Draft) (a Activity, err error) {
	if err := d.check(s.now()); err != nil {
		return a, err
	}
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if err := allExist(ctx, q, t, d.Links, nil); err != nil {
			return err
		}
		which, err := Log(ctx, q, t, d.entry())
		if err != nil {
			return err
		}
		if a, err = read(ctx, q, t, which); err != nil {
			return err
		}
		return mention(ctx, q, t, "", a)
	})
	return a, err
}

// mention tells the members whom an activity's text names.
func mention(ctx context.Context, q database.Queryer, t tenant.Tenant, before string, a Activity) error {
	text := a.Subject + "\n" + a.Body
	n := notifications.Note{Title: strings.TrimSpace(text)}
	if len(a.Links) > 0 {
		n.Target = &notifications.Target{Kind: a.Links[0].Kind, ID: a.Links[0].ID}
	}
	n.Title, _, _ = strings.Cut(n.Title, "\n")
	return notifications.Mentioned(ctx, q, t, before, text, n)
}

func (d Draft) entry() Entry {
	e := Entry{Type: d.Type, Subject: d.Subject, Body: d.Body, OccurredAt: timeline.Moment(*d.OccurredAt), Pinned: d.Pinned, Links: d.Links}
	if d.Outcome != "" || d.Minutes > 0 {
		e.Meta = meta{d.Outcome, d.Minutes}
	}
	return e
}

// Update changes the version that the caller read.
func (s Store) Update(ctx context.Context, t tenant.Tenant, which id.ID, version int, patch Patch) (Activity, error) {
	return s.change(ctx, t, which, "updated", func(ctx context.Context, q database.Queryer, a Activity) error {
		if err := current(a, version); err != nil {
			return err
		}
		if patch.onlyPins() {
			return s.write(ctx, q, t, a, patch.over(a.draft()), a.Meta)
		}
		if err := mine(t, a); err != nil {
			return err
		}
		d := patch.over(a.draft())
		if err := d.check(s.now()); err != nil {
			return err
		}
		if err := allExist(ctx, q, t, d.Links, a.Links); err != nil {
			return err
		}
		var extra json.RawMessage
		if m := d.entry().Meta; m != nil {
			extra, _ = json.Marshal(m) // a string and a number
		}
		if err := s.write(ctx, q, t, a, d, extra); err != nil {
			return err
		}
		before := a.Subject + "\n" + a.Body
		a.Subject, a.Body = d.Subject, d.Body
		return mention(ctx, q, t, before, a)
	})
}

// write stores a draft over an activity. Links are written anew where they,
// or what they carry of the activity, differ.
func (s Store) write(ctx context.Context, q database.Queryer, t tenant.Tenant, a Activity, d Draft, extra json.RawMessage) error {
	e := d.entry()
	var encoded any
	if extra != nil {
		encoded = string(extra)
	}
	_, err := database.Exec(ctx, q, updateOne, e.Subject, e.Body, utf8.RuneCountInString(e.Body), e.OccurredAt, encoded, e.Pinned, s.now(), t.User, t.Workspace, a.ID)
	if err != nil {
		return err
	}
	if e.Subject != a.Subject || e.Body != a.Body {
		if err := search.Put(ctx, q, t, timeline.Doc(a.ID, e.Subject, e.Body)); err != nil {
			return err
		}
	}
	if slices.Equal(d.Links, a.Links) && e.OccurredAt.Equal(a.OccurredAt) && e.Pinned == a.Pinned {
		return nil
	}
	if _, err := database.Exec(ctx, q, deleteLinks, t.Workspace, a.ID); err != nil {
		return err
	}
	if err := timeline.Place(ctx, q, t, a.ID, e); err != nil {
		return err
	}
	return timeline.Touch(ctx, q, t, a.Type, slices.Concat(a.Links, d.Links))
}

// Delete takes an activity out of all timelines, until it is restored.
func (s Store) Delete(ctx context.Context, t tenant.Tenant, which id.ID, version int) error {
	_, err := s.change(ctx, t, which, "deleted", func(ctx context.Context, q database.Queryer, a Activity) error {
		if err := current(a, version); err != nil {
			return err
		}
		if err := mine(t, a); err != nil {
			return err
		}
		now := s.now()
		return s.trash(ctx, q, t, a, &now)
	})
	return err
}

// Restore puts a deleted activity back; one that is not deleted stays.
func (s Store) Restore(ctx context.Context, t tenant.Tenant, which id.ID) (Activity, error) {
	return s.change(ctx, t, which, "restored", func(ctx context.Context, q database.Queryer, a Activity) error {
		if a.DeletedAt == nil {
			return nil
		}
		if err := mine(t, a); err != nil {
			return err
		}
		return s.trash(ctx, q, t, a, nil)
	})
}

func (s Store) trash(ctx context.Context, q database.Queryer, t tenant.Tenant, a Activity, deleted *time.Time) error {
	if _, err := database.Exec(ctx, q, updateTrash, deleted, s.now(), t.User, t.Workspace, a.ID); err != nil {
		return err
	}
	if err := found(ctx, q, t, a, deleted != nil); err != nil {
		return err
	}
	return timeline.Touch(ctx, q, t, a.Type, a.Links)
}

// found lets an activity be searched for while it is not deleted.
func found(ctx context.Context, q database.Queryer, t tenant.Tenant, a Activity, deleted bool) error {
	if deleted {
		return search.Drop(ctx, q, t, search.Entry, a.ID)
	}
	return search.Put(ctx, q, t, timeline.Doc(a.ID, a.Subject, a.Body))
}

// change holds the row while fn works on it, records what that changed, and
// returns it as it is then.
func (s Store) change(ctx context.Context, t tenant.Tenant, which id.ID, verb string, fn func(context.Context, database.Queryer, Activity) error) (a Activity, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, _, err := database.One(ctx, q, database.Scalar[int], lockOne, t.Workspace, which); err != nil {
			return err
		}
		was, err := read(ctx, q, t, which)
		if err != nil {
			return err
		}
		if err := fn(ctx, q, was); err != nil {
			return err
		}
		if a, err = read(ctx, q, t, which); err != nil || a.Version == was.Version {
			return err
		}
		return change.Record(ctx, q, t, noted(verb, brief(was), a))
	})
	return a, err
}

func current(a Activity, version int) error {
	if a.DeletedAt != nil {
		return problem.NotFound("activity")
	}
	if a.Version != version {
		return problem.Stale(a)
	}
	return nil
}

// mine refuses changes to what the CRM noted itself, and to what somebody
// else wrote unless an admin makes them.
func mine(t tenant.Tenant, a Activity) error {
	if !timeline.Written(a.Type) {
		return problem.Forbidden("entries of the type " + a.Type + " stay as they are")
	}
	if t.Role < tenant.Admin && (a.AuthorID == nil || *a.AuthorID != t.User) {
		return problem.Forbidden("only its author or an admin may change this")
	}
	return nil
}

// allExist refuses links, new since was, to what is not in the workspace.
func allExist(ctx context.Context, q database.Queryer, t tenant.Tenant, links, was []Link) error {
	for i, l := range links {
		if slices.ContainsFunc(was, func(w Link) bool { return w.Kind == l.Kind && w.ID == l.ID }) {
			continue
		}
		ok, err := exists(ctx, q, t, l.Kind, l.ID)
		if err != nil {
			return err
		}
		if !ok {
			return problem.Validation(problem.Fault{Pointer: "/links/" + strconv.Itoa(i), Code: "not-found", Message: "this is not in the workspace"})
		}
	}
	return nil
}

func known(kind string) bool { return slices.Contains(timeline.Types, kind) }

func (s Store) now() time.Time { return timeline.Moment(s.Now()) }
