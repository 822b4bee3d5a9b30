package people

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const (
	selectNorms = `SELECT value_norm FROM person_emails WHERE workspace_id = ? AND person_id = ? ORDER BY position`
	selectTaken = `SELECT p.first_name, p.last_name, e.value, e.value_norm FROM person_emails e JOIN people p ON p.workspace_id = e.workspace_id AND p.id = e.person_id
	WHERE e.workspace_id = ? AND e.active = 1 AND e.person_id <> ? AND e.value_norm IN (`
)

type holder struct{ name, value, norm string }

// taken says who has one of the addresses that a unique key refused to who.
func taken(ctx context.Context, q database.Queryer, t tenant.Tenant, who id.ID, norms []string, err error) error {
	if !database.IsDuplicate(err) || len(norms) == 0 {
		return err
	}
	args := []any{t.Workspace, who}
	for _, norm := range norms {
		args = append(args, norm)
	}
	has, ok, fault := database.One(ctx, q, func(row database.Row, h *holder) error {
		var first, last string
		err := row.Scan(&first, &last, &h.value, &h.norm)
		h.name = cmp.Or(strings.TrimSpace(first+" "+last), h.value)
		return err
	}, selectTaken+page.Marks(len(norms))+") LIMIT 1", args...)
	if fault != nil {
		return fault
	}
	text, at := "somebody else has this e-mail address", 0
	if ok { // else it was given up since
		text = has.name + " has the e-mail address " + has.value
		at = max(0, slices.Index(norms, has.norm))
	}
	return problem.Conflict(text, problem.Fault{Pointer: fmt.Sprintf("/emails/%d/value", at), Code: "duplicate", Message: text})
}

// norms are the addresses as they are compared.
func norms(list []Contact) (all []string) {
	for _, c := range list {
		all = append(all, c.norm)
	}
	return all
}
