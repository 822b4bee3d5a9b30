// Package merge finds records that may be the same and makes one of two,
// with all that belongs to both. What it did can be undone exactly.
package merge

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
)

// A Store merges records.
type Store struct {
	DB    *database.DB
	Kinds records.Kinds
	Now   func() time.Time
}

// An Order says which record goes up in the one that the path names, and
// whose value to keep of fields in which both have one: mine, the path's, by
// default.
type Order struct {
	With   id.ID             `json:"with"`
	Choose map[string]string `json:"choose"` // {"title": "theirs", "custom.budget": "mine"}
}

// A Merge is two records that became one.
type Merge struct {
	ID        id.ID      `json:"id"`
	Kind      string     `json:"kind"`
	WinnerID  id.ID      `json:"winnerId"`
	LoserID   id.ID      `json:"loserId"`
	Record    any        `json:"record"` // the winner
	Moved     int        `json:"moved"`  // deals, activities, tasks and the like that it got
	CreatedAt time.Time  `json:"createdAt"`
	UndoneAt  *time.Time `json:"undoneAt"`
}

const (
	insertMerge = `INSERT INTO merges (workspace_id, id, kind, winner_id, loser_id, winner_version, loser_version, winner_before, moved, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	selectMerge = `SELECT kind, winner_id, loser_id, winner_version, loser_version, winner_before, moved, created_at, undone_at FROM merges WHERE workspace_id = ? AND id = ? FOR UPDATE`
	updateMerge = `UPDATE merges SET undone_at = ? WHERE workspace_id = ? AND id = ?`
)

// before is what the winner was, as far as the merge changed it.
type before struct {
	Patch json.RawMessage `json:"patch"`
	Last  *time.Time      `json:"last"`
}

// Merge makes one of two records.
func (s Store) Merge(ctx context.Context, t tenant.Tenant, kind records.Kind, winner id.ID, version int, o Order) (m Merge, err error) {
	if winner == o.With || o.With.IsZero() {
		return m, problem.Validation(problem.Fault{Pointer: "/with", Code: "choice", Message: "another record of the same kind"})
	}
	err = s.DB.Batch(ctx, func(ctx context.Context, q database.Queryer) error {
		m, err = s.merge(ctx, q, t, kind, winner, version, o)
		return err
	})
	return m, err
}

func (s Store) merge(ctx context.Context, q database.Queryer, t tenant.Tenant, kind records.Kind, winner id.ID, version int, o Order) (Merge, error) {
	mine, theirs, err := s.pair(ctx, q, t, kind, winner, version, o.With)
	if err != nil {
		return Merge{}, err
	}
	a, b, err := both(mine.Value, theirs.Value)
	if err != nil {
		return Merge{}, err
	}
	patch, err := decide(kind.Name, a, b, o.Choose)
	if err != nil {
		return Merge{}, err
	}
	was := before{Patch: opposite(a, patch)}
	seen, err := last(ctx, q, t, kind.Name, o.With)
	if err == nil {
		was.Last, err = last(ctx, q, t, kind.Name, winner)
	}
	if err != nil {
		return Merge{}, err
	}
	if err := kind.Discard(ctx, q, t, o.With, theirs.Version); err != nil { // first, as it frees its addresses
		return Merge{}, err
	}
	belongings, err := give(ctx, q, t, kind.Name, o.With, winner)
	if err != nil {
		return Merge{}, err
	}
	if err := found(ctx, q, t, kind.Name, winner, belongings); err != nil {
		return Merge{}, err
	}
	if seen != nil && (was.Last == nil || seen.After(*was.Last)) {
		if err := setLast(ctx, q, t, kind.Name, winner, seen); err != nil {
			return Merge{}, err
		}
	}
	merged, err := s.alter(ctx, q, t, kind, winner, mine.Version, patch)
	if err != nil {
		return Merge{}, err
	}
	m := Merge{ID: id.New(), Kind: kind.Name, WinnerID: winner, LoserID: o.With, Record: merged.Value, CreatedAt: s.now()}
	for _, rows := range belongings {
		m.Moved += len(rows)
	}
	if err := s.keep(ctx, q, t, m, merged.Version, theirs.Version+1, was, belongings); err != nil {
		return Merge{}, err
	}
	return m, note(ctx, q, t, m, "merged", merged.Version)
}

// alter changes the winner as it was read, also where nothing but its
// belongings changed.
func (s Store) alter(ctx context.Context, q database.Queryer, t tenant.Tenant, kind records.Kind, winner id.ID, version int, patch object) (records.Record, error) {
	text, err := json.Marshal(patch)
	if err != nil {
		return records.Record{}, err
	}
	return kind.Alter(ctx, q, t, winner, version, text)
}

func (s Store) pair(ctx context.Context, q database.Queryer, t tenant.Tenant, kind records.Kind, winner id.ID, version int, loser id.ID) (mine, theirs records.Record, err error) {
	if mine, err = kind.Read(ctx, q, t, winner); err != nil {
		return mine, theirs, err
	}
	if mine.Deleted != nil {
		return mine, theirs, problem.NotFound(kind.Name)
	}
	if mine.Version != version {
		return mine, theirs, problem.Stale(mine.Value)
	}
	theirs, err = kind.Read(ctx, q, t, loser)
	if err != nil || theirs.Deleted != nil {
		return mine, theirs, problem.Validation(problem.Fault{Pointer: "/with", Code: "not-found", Message: "there is no such record, or it is in the trash"})
	}
	return mine, theirs, nil
}

func both(mine, theirs any) (a, b object, err error) {
	for _, pair := range []struct {
		from any
		into *object
	}{{mine, &a}, {theirs, &b}} {
		text, err := json.Marshal(pair.from)
		if err != nil {
			return nil, nil, err
		}
		if err := json.Unmarshal(text, pair.into); err != nil {
			return nil, nil, err
		}
	}
	return a, b, nil
}

// opposite is the patch that takes the winner back.
func opposite(was, patch object) json.RawMessage {
	back := object{}
	for name := range patch {
		if name != "custom" {
			back[name] = was[name]
			continue
		}
		changed, had, inner := object{}, object{}, object{}
		if json.Unmarshal(patch[name], &changed) != nil || json.Unmarshal(was[name], &had) != nil {
			continue // both were made of JSON a moment ago
		}
		for key := range changed {
			if inner[key] = had[key]; had[key] == nil {
				inner[key] = json.RawMessage("null")
			}
		}
		back[name], _ = json.Marshal(inner)
	}
	text, _ := json.Marshal(back) // of what was JSON
	return text
}

func (s Store) keep(ctx context.Context, q database.Queryer, t tenant.Tenant, m Merge, winner, loser int, was before, all moved) error {
	previous, err := json.Marshal(was)
	if err != nil {
		return err
	}
	rows, err := json.Marshal(all)
	if err != nil {
		return err
	}
	_, err = database.Exec(ctx, q, insertMerge, t.Workspace, m.ID, m.Kind, m.WinnerID, m.LoserID, winner, loser, previous, rows, m.CreatedAt, t.User)
	return err
}

func note(ctx context.Context, q database.Queryer, t tenant.Tenant, m Merge, verb string, version int) error {
	return change.Record(ctx, q, t, change.Change{Kind: m.Kind, ID: m.WinnerID, Version: version, Verb: verb, Near: []change.Ref{{Kind: m.Kind, ID: m.LoserID}}, Quiet: true})
}

type kept struct {
	Merge
	winner, loser int
	was           before
	moved         moved
}

// Undo makes two records of one again, if neither was changed since.
func (s Store) Undo(ctx context.Context, t tenant.Tenant, which id.ID) (m Merge, err error) {
	err = s.DB.Batch(ctx, func(ctx context.Context, q database.Queryer) error {
		m, err = s.undo(ctx, q, t, which)
		return err
	})
	return m, err
}

func (s Store) undo(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (Merge, error) {
	k, ok, err := database.One(ctx, q, func(row database.Row, k *kept) error {
		var previous, rows []byte
		if err := row.Scan(&k.Kind, &k.WinnerID, &k.LoserID, &k.winner, &k.loser, &previous, &rows, &k.CreatedAt, &k.UndoneAt); err != nil {
			return err
		}
		if err := json.Unmarshal(previous, &k.was); err != nil {
			return err
		}
		return json.Unmarshal(rows, &k.moved)
	}, selectMerge, t.Workspace, which)
	kind, known := s.Kinds.Find(k.Kind)
	switch {
	case err != nil:
		return k.Merge, err
	case !ok || !known:
		return k.Merge, problem.NotFound("merge")
	case k.UndoneAt != nil:
		return k.Merge, problem.Conflict("this was undone already")
	}
	for record, version := range map[id.ID]int{k.WinnerID: k.winner, k.LoserID: k.loser} {
		now, err := kind.Read(ctx, q, t, record)
		if err != nil {
			return k.Merge, err
		}
		if now.Version != version {
			return k.Merge, problem.Conflict("one of the two was changed since; undoing would lose that")
		}
	}
	return s.part(ctx, q, t, kind, k, which)
}

// part takes the winner back first, as that frees the loser's addresses.
func (s Store) part(ctx context.Context, q database.Queryer, t tenant.Tenant, kind records.Kind, k kept, which id.ID) (Merge, error) {
	var back object
	if err := json.NewDecoder(bytes.NewReader(k.was.Patch)).Decode(&back); err != nil {
		return k.Merge, err
	}
	winner, err := s.alter(ctx, q, t, kind, k.WinnerID, k.winner, back)
	if err != nil {
		return k.Merge, err
	}
	if err := setLast(ctx, q, t, kind.Name, k.WinnerID, k.was.Last); err != nil {
		return k.Merge, err
	}
	if err := takeBack(ctx, q, t, kind.Name, k.moved, k.WinnerID, k.LoserID); err != nil {
		return k.Merge, err
	}
	if _, err := kind.Revive(ctx, q, t, k.LoserID); err != nil {
		return k.Merge, err
	}
	now := s.now()
	if _, err := database.Exec(ctx, q, updateMerge, now, t.Workspace, which); err != nil {
		return k.Merge, err
	}
	k.Merge.ID, k.UndoneAt, k.Record = which, &now, winner.Value
	for _, rows := range k.moved {
		k.Moved += len(rows)
	}
	return k.Merge, note(ctx, q, t, k.Merge, "unmerged", winner.Version)
}

// now is cut to what MySQL keeps, so that an answer equals a later read.
func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
