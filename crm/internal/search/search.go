// Package search finds records by the beginnings of words, over all kinds at
// once. It keeps an inverted index in MySQL, written in the transaction that
// writes the record, so that what is saved can be found.
package search

import (
	"context"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// A Doc is one record as search knows it.
type Doc struct {
	Kind  string // one of Kinds
	ID    id.ID
	Title string // what to show
	Sub   string // a second line
	Words string // text that finds it and is not shown: addresses, numbers
}

const (
	insertDocs  = `INSERT INTO search_docs (workspace_id, kind, target_id, title, sub) VALUES `
	insertWords = `INSERT IGNORE INTO search_words (workspace_id, kind, word, target_id, weight) VALUES `
	deleteDocs  = `DELETE FROM search_docs WHERE workspace_id = ?`
	batch       = 500 // rows of one insert
)

// Put makes documents findable in the transaction q, in place of what was
// known of the same records.
func Put(ctx context.Context, q database.Queryer, t tenant.Tenant, docs ...Doc) error {
	refs := make([]Ref, len(docs))
	for i, d := range docs {
		refs[i] = Ref{d.Kind, d.ID}
	}
	if err := drop(ctx, q, t, refs); err != nil {
		return err
	}
	return Add(ctx, q, t, docs...)
}

// Add makes documents of new records findable.
func Add(ctx context.Context, q database.Queryer, t tenant.Tenant, docs ...Doc) error {
	var heads, index rows
	for _, d := range docs {
		d.Title, d.Sub = short(d.Title), short(d.Sub)
		heads.add(t.Workspace, d.Kind, d.ID, d.Title, d.Sub)
		for _, w := range d.index() {
			index.add(t.Workspace, d.Kind, w.word, d.ID, w.weight)
		}
	}
	if err := heads.insert(ctx, q, insertDocs, 5); err != nil {
		return err
	}
	return index.insert(ctx, q, insertWords, 5)
}

// Drop makes records of one kind unfindable.
func Drop(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, which ...id.ID) error {
	refs := make([]Ref, len(which))
	for i, one := range which {
		refs[i] = Ref{kind, one}
	}
	return drop(ctx, q, t, refs)
}

func drop(ctx context.Context, q database.Queryer, t tenant.Tenant, refs []Ref) error {
	if len(refs) == 0 {
		return nil
	}
	among, args := Among(refs)
	_, err := database.Exec(ctx, q, deleteDocs+among, append([]any{t.Workspace}, args...)...)
	return err
}

// rows are the values of an insert, row behind row.
type rows []any

func (r *rows) add(values ...any) { *r = append(*r, values...) }

func (r rows) insert(ctx context.Context, q database.Queryer, query string, width int) error {
	for len(r) > 0 {
		part := r[:min(len(r), batch*width)]
		r = r[len(part):]
		if _, err := database.Exec(ctx, q, query+tuples(len(part)/width, width), part...); err != nil {
			return err
		}
	}
	return nil
}

// tuples is "(?, ?), (?, ?)".
func tuples(n, width int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?, ", width), ", ") + "), "
	return strings.TrimSuffix(strings.Repeat(one, n), ", ")
}

func short(s string) string {
	if r := []rune(s); len(r) > 300 {
		return string(r[:300])
	}
	return s
}
