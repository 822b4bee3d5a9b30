package search

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
)

// Entry is the kind of what people wrote into timelines: notes, calls,
// meetings and e-mails.
const Entry = "activity"

const (
	drivers   = 3    // words of a question of which each is tried as the one that an entry has
	looked    = 400  // entries that have it are looked at for the others
	carried   = 4000 // characters of a text that are read to show its sentence; more if it is not among them
	havingOne = `SELECT w.kind, w.target_id, w.word, w.weight, w.word = ? FROM (
		SELECT o.workspace_id, o.kind, o.target_id, o.word, o.weight FROM search_words o WHERE o.workspace_id = ? AND o.kind = ?`
	latest    = ` AND o.word = ? ORDER BY o.target_id DESC LIMIT ?) w WHERE 1 = 1`
	begun     = ` AND o.word LIKE ? ORDER BY o.word LIMIT ?) w WHERE 1 = 1`
	ofRecords = `EXISTS (SELECT 1 FROM activity_links l JOIN search_words y ON y.workspace_id = l.workspace_id AND y.kind = l.kind AND y.target_id = l.target_id
		WHERE l.workspace_id = w.workspace_id AND l.activity_id = w.target_id AND y.word LIKE ?)`
	selectEntries = `SELECT a.id, a.type, a.occurred_at, a.subject, LEFT(a.body, 4000), a.body_length FROM activities a
		WHERE a.workspace_id = ? AND a.deleted_at IS NULL AND a.id IN (`
	selectWhole   = `SELECT a.id, a.body FROM activities a WHERE a.workspace_id = ? AND a.id IN (`
	selectTargets = `SELECT l.activity_id, l.kind, l.target_id, d.title FROM activity_links l
		JOIN search_docs d ON d.workspace_id = l.workspace_id AND d.kind = l.kind AND d.target_id = l.target_id
		WHERE l.workspace_id = ? AND l.activity_id IN (`
)

// askEntries looks for entries that have one of the words, while each other
// stands in the entry or in the name of a record that it is about. The latest
// that have a word as it was typed come before those that have it begun. Of a
// word that more entries have, the others are looked for in a part of them:
// to try all would take seconds, and a rarer word finds them too.
func askEntries(t tenant.Tenant, asked []string, add func(string, []any)) {
	for i, word := range asked[:min(len(asked), drivers)] {
		also, names := "", []any(nil)
		for j, other := range asked {
			if j != i {
				also += " AND (" + hasWord + " OR " + ofRecords + ")"
				names = append(names, page.Prefix(other), page.Prefix(other))
			}
		}
		add(havingOne+latest+also, append([]any{word, t.Workspace, Entry, word, looked}, names...))
		if len(word) > 1 { // all that begins with one letter would be much, and says little
			add(havingOne+begun+also, append([]any{word, t.Workspace, Entry, page.Prefix(word), looked}, names...))
		}
	}
}

// newest puts those with a word as it was typed first, and the later ones
// before the earlier. Ids are in the order of their making.
func newest(entries []match) []match {
	slices.SortStableFunc(entries, func(a, b match) int {
		if a.whole != b.whole {
			return cmp.Compare(unlike(a), unlike(b))
		}
		return bytes.Compare(b.id[:], a.id[:])
	})
	return entries[:min(len(entries), 2*perKind)] // some may be about nothing but what is in the trash
}

func unlike(m match) int {
	if m.whole {
		return 0
	}
	return 1
}

// said is an entry of a timeline as it is read.
type said struct {
	id      id.ID
	kind    string
	at      time.Time
	subject string
	body    string
	length  int
}

// told reads the entries that were found, each with a record in whose timeline
// it stands; one that stands in none that is not in the trash is left out.
func told(ctx context.Context, q database.Queryer, t tenant.Tenant, matches []match) ([]Hit, error) {
	if len(matches) == 0 {
		return nil, nil
	}
	args := []any{t.Workspace}
	for _, m := range matches {
		args = append(args, m.id)
	}
	marks := page.Marks(len(matches)) + ")"
	rows, err := database.All(ctx, q, func(row database.Row, s *said) error {
		return row.Scan(&s.id, &s.kind, &s.at, &s.subject, &s.body, &s.length)
	}, selectEntries+marks, args...)
	if err != nil {
		return nil, err
	}
	targets, err := about(ctx, q, selectTargets+marks, args)
	if err != nil {
		return nil, err
	}
	entries := map[id.ID]*said{}
	for i := range rows {
		entries[rows[i].id] = &rows[i]
	}
	matches = slices.DeleteFunc(matches, func(m match) bool { return entries[m.id] == nil || targets[m.id] == nil })
	matches = matches[:min(len(matches), perKind)]
	if err := wholly(ctx, q, t, matches, entries); err != nil {
		return nil, err
	}
	var hits []Hit
	for _, m := range matches {
		e := entries[m.id]
		hits = append(hits, Hit{Entry, m.id, e.sentence(m.word), targets[m.id].Title, e.kind, &e.at, targets[m.id]})
	}
	return hits, nil
}

// about are the records of entries: of each the person, else the deal.
func about(ctx context.Context, q database.Queryer, query string, args []any) (map[id.ID]*Target, error) {
	found := map[id.ID]*Target{}
	_, err := database.All(ctx, q, func(row database.Row, target *Target) error {
		var entry id.ID
		if err := row.Scan(&entry, &target.Kind, &target.ID, &target.Title); err != nil {
			return err
		}
		if found[entry] == nil {
			one := *target
			found[entry] = &one
		}
		return nil
	}, query+" ORDER BY l.activity_id, l.kind DESC, l.target_id", args...)
	return found, err
}

// wholly reads the whole of those texts whose beginning has not the word.
func wholly(ctx context.Context, q database.Queryer, t tenant.Tenant, matches []match, entries map[id.ID]*said) error {
	args := []any{t.Workspace}
	for _, m := range matches {
		if e := entries[m.id]; e.length > carried && where(e.subject+"\n"+e.body, m.word) < 0 {
			args = append(args, m.id)
		}
	}
	if len(args) == 1 {
		return nil
	}
	_, err := database.All(ctx, q, func(row database.Row, s *said) error {
		if err := row.Scan(&s.id, &s.body); err != nil {
			return err
		}
		entries[s.id].body = s.body
		return nil
	}, selectWhole+page.Marks(len(args)-1)+")", args...)
	return err
}
