package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
)

// Kinds are what can be searched, in the order in which results come.
var Kinds = []string{"person", "company", "deal", "task", Entry}

const (
	perKind    = 8
	candidates = 200 // words of one kind that are looked at: those nearest to what was typed
)

// A Store finds records.
type Store struct{ DB *database.DB }

// A Hit is one record that was found, or one entry of a timeline; such a one's
// title is the sentence in which the word stands.
type Hit struct {
	Kind   string     `json:"kind"`
	ID     id.ID      `json:"id"`
	Title  string     `json:"title"`
	Sub    string     `json:"sub"`
	Type   string     `json:"type,omitempty"`   // of an entry: note, call, meeting or email
	At     *time.Time `json:"at,omitempty"`     // when that was
	Record *Target    `json:"record,omitempty"` // in whose timeline it stands
}

// A Target is the record that an entry is about.
type Target struct {
	Kind  string `json:"kind"`
	ID    id.ID  `json:"id"`
	Title string `json:"title"`
}

// match is a word of a record that fits what was typed.
type match struct {
	kind   string
	id     id.ID
	word   string
	weight int
	whole  bool // the word is what was typed, not only its beginning
}

const (
	selectWords = `SELECT w.kind, w.target_id, w.word, w.weight, w.word = ? FROM search_words w WHERE w.workspace_id = ? AND w.kind = ? AND w.word LIKE ?`
	hasWord     = `EXISTS (SELECT 1 FROM search_words x
		WHERE x.workspace_id = w.workspace_id AND x.kind = w.kind AND x.target_id = w.target_id AND x.word LIKE ?)`
	nearest    = ` ORDER BY w.word LIMIT ?`
	selectDocs = `SELECT d.kind, d.target_id, d.title, d.sub FROM search_docs d WHERE d.workspace_id = ?`
)

// Find returns at most 8 records of each kind, the best first. It takes two
// queries, one for the words, one for what to show, and two more for entries.
func (s Store) Find(ctx context.Context, t tenant.Tenant, text string, kinds ...string) ([]Hit, error) {
	asked := question(text)
	if len(asked) == 0 {
		return []Hit{}, nil
	}
	if len(kinds) == 0 {
		kinds = Kinds
	}
	query, args := ask(t, asked, dialled(text), kinds)
	hits := []Hit{}
	err := s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		found, err := database.All(ctx, q, func(row database.Row, m *match) error {
			return row.Scan(&m.kind, &m.id, &m.word, &m.weight, &m.whole)
		}, query, args...)
		if err != nil {
			return err
		}
		records, entries := best(found, asked[0])
		if hits, err = show(ctx, q, t, records); err != nil {
			return err
		}
		said, err := told(ctx, q, t, entries)
		hits = append(hits, said...)
		return err
	})
	return hits, err
}

// ask makes one query of a part for each kind. People are also asked for by
// what was typed as a telephone number.
func ask(t tenant.Tenant, asked, number, kinds []string) (string, []any) {
	var parts []string
	var args []any
	add := func(part string, more []any) { parts, args = append(parts, "("+part+")"), append(args, more...) }
	for _, kind := range kinds {
		if kind == Entry {
			askEntries(t, asked, add)
			continue
		}
		askWords(t, kind, asked, add)
		if kind == "person" && number != nil {
			askWords(t, kind, number, add)
		}
	}
	return strings.Join(parts, " UNION ALL "), args
}

func askWords(t tenant.Tenant, kind string, asked []string, add func(string, []any)) {
	args := []any{asked[0], t.Workspace, kind}
	for _, word := range asked {
		args = append(args, page.Prefix(word))
	}
	add(selectWords+strings.Repeat(" AND "+hasWord, len(asked)-1)+nearest, append(args, candidates))
}

// best ranks records by their best word: one typed in full before one begun,
// a name's beginning before its middle, the shorter before the longer. Entries
// are ranked by when they were written.
func best(found []match, typed string) (records, entries []match) {
	typedLength := utf8.RuneCountInString(typed)
	rank := func(m match) int {
		if m.whole {
			return m.weight
		}
		return 100*(m.weight+1) + max(0, min(utf8.RuneCountInString(m.word)-typedLength, 60))
	}
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(rank(a), rank(b)) })
	taken, seen := map[string]int{}, map[id.ID]bool{}
	for _, m := range found {
		switch {
		case seen[m.id]:
		case m.kind == Entry:
			entries = append(entries, m)
		case taken[m.kind] < perKind:
			taken[m.kind]++
			records = append(records, m)
		}
		seen[m.id] = true
	}
	return records, newest(entries)
}

// show reads what to show of the matches and keeps their order, kind by kind.
func show(ctx context.Context, q database.Queryer, t tenant.Tenant, matches []match) ([]Hit, error) {
	if len(matches) == 0 {
		return []Hit{}, nil
	}
	order := map[id.ID]int{}
	var refs []Ref
	for i, m := range matches {
		order[m.id] = i
		refs = append(refs, Ref{m.kind, m.id})
	}
	among, args := Among(refs)
	hits, err := database.All(ctx, q, func(row database.Row, h *Hit) error { return row.Scan(&h.Kind, &h.ID, &h.Title, &h.Sub) },
		selectDocs+among, append([]any{t.Workspace}, args...)...)
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(slices.Index(Kinds, a.Kind), slices.Index(Kinds, b.Kind)), cmp.Compare(order[a.ID], order[b.ID]))
	})
	return hits, err
}
