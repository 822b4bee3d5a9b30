package search

import (
	"slices"

	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
)

// A Ref names a record.
type Ref struct {
	Kind string
	ID   id.ID
}

// Among is the condition, behind workspace_id = ?, that a row of search_docs
// is one of some records, with its arguments. Ids are of one kind only, so two
// lists do; MariaDB would read the whole workspace for a list of pairs, and a
// statement that deletes would lock it.
func Among(refs []Ref) (string, []any) {
	var kinds, ids []any
	for _, r := range refs {
		if !slices.Contains(kinds, any(r.Kind)) {
			kinds = append(kinds, r.Kind)
		}
		ids = append(ids, r.ID)
	}
	return " AND kind IN (" + page.Marks(len(kinds)) + ") AND target_id IN (" + page.Marks(len(ids)) + ")", append(kinds, ids...)
}
