package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
)

// Kinds are what can be searched, in the order in which results come.
var Kinds = []string{"person", "company", "deal", "task"}

const (
	perKind    = 8
	candidates = 200 // words of one kind that are looked at: those nearest to what was typed
)

// A Store finds records.
type Store struct{ DB *database.DB }

// A Hit is one record that was found.
type Hit struct {
	Kind  string `json:"kind"`
	ID    id.ID  `json:"id"`
	Title string `json:"title"`
	Sub   string `json:"sub"`
}

// match is a word of a record that fits what was typed.
type match struct {
	kind   string
	id     id.ID
	word   string
	weight int
}

const (
	selectWords = `SELECT w.kind, w.target_id, w.word, w.weight FROM search_words w WHERE w.workspace_id = ? AND w.kind = ? AND w.word LIKE ?`
	alsoHas     = ` AND EXISTS (SELECT 1 FROM search_words x
		WHERE x.workspace_id = w.workspace_id AND x.kind = w.kind AND x.target_id = w.target_id AND x.word LIKE ?)`
	nearest    = ` ORDER BY w.word LIMIT ?`
	selectDocs = `SELECT d.kind, d.target_id, d.title, d.sub FROM search_docs d WHERE d.workspace_id = ?`
)

// Find returns at most 8 records of each kind, the best first. It takes two
// queries: one for the words, one for what to show.
func (s Store) Find(ctx context.Context, t tenant.Tenant, text string, kinds ...string) ([]Hit, error) {
	asked := question(text)
	if len(asked) == 0 {
		return []Hit{}, nil
	}
	if len(kinds) == 0 {
		kinds = Kinds
	}
	query, args := ask(t, asked, kinds)
	hits := []Hit{}
	err := s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		found, err := database.All(ctx, q, func(row database.Row, m *match) error { return row.Scan(&m.kind, &m.id, &m.word, &m.weight) }, query, args...)
		if err != nil {
			return err
		}
		hits, err = show(ctx, q, t, best(found, asked[0]))
		return err
	})
	return hits, err
}

func ask(t tenant.Tenant, asked, kinds []string) (string, []any) {
	one := "(" + selectWords + strings.Repeat(alsoHas, len(asked)-1) + nearest + ")"
	var args []any
	for _, kind := range kinds {
		args = append(args, t.Workspace, kind)
		for _, word := range asked {
			args = append(args, page.Prefix(word))
		}
		args = append(args, candidates)
	}
	return strings.TrimSuffix(strings.Repeat(one+" UNION ALL ", len(kinds)), " UNION ALL "), args
}

// best ranks records by their best word: one typed in full before one begun,
// a name's beginning before its middle, the shorter before the longer.
func best(found []match, typed string) []match {
	typedLength := utf8.RuneCountInString(typed)
	rank := func(m match) int {
		beyond := min(utf8.RuneCountInString(m.word)-typedLength, 60)
		if beyond == 0 {
			return m.weight
		}
		return 100*(m.weight+1) + beyond
	}
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(rank(a), rank(b)) })
	taken, seen := map[string]int{}, map[id.ID]bool{}
	var all []match
	for _, m := range found {
		if seen[m.id] || taken[m.kind] == perKind {
			continue
		}
		seen[m.id] = true
		taken[m.kind]++
		all = append(all, m)
	}
	return all
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
