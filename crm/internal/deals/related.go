package deals

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const (
	// The foreign keys would take what is in the trash.
	selectCompany = `SELECT 1 FROM companies WHERE workspace_id = ? AND id = ? AND deleted_at IS NULL`
	selectPerson  = `SELECT 1 FROM people WHERE workspace_id = ? AND id = ? AND deleted_at IS NULL`
	selectOwner   = `SELECT 1 FROM members WHERE workspace_id = ? AND user_id = ? AND role <> 'nobody'`
	countPeople   = `SELECT COUNT(*) FROM people p WHERE p.workspace_id = ? AND p.deleted_at IS NULL AND p.id IN (`
)

// related refuses links, new since was, to what is not in the workspace.
func related(ctx context.Context, q database.Queryer, t tenant.Tenant, d, was Draft) error {
	for _, link := range []struct {
		pointer, query string
		id, was        *id.ID
	}{
		{"/companyId", selectCompany, d.CompanyID, was.CompanyID},
		{"/ownerId", selectOwner, d.OwnerID, was.OwnerID},
		{"/primaryPersonId", selectPerson, d.PrimaryPersonID, was.PrimaryPersonID},
	} {
		if link.id == nil || link.was != nil && *link.id == *link.was {
			continue
		}
		_, ok, err := database.One(ctx, q, database.Scalar[int], link.query, t.Workspace, *link.id)
		if err != nil {
			return err
		}
		if !ok {
			return problem.Validation(problem.Fault{Pointer: link.pointer, Code: "not-found", Message: "this is not in the workspace"})
		}
	}
	return partners(ctx, q, t, d.People, was.People)
}

func partners(ctx context.Context, q database.Queryer, t tenant.Tenant, people, was []Partner) error {
	known := map[id.ID]bool{}
	for _, p := range was {
		known[p.PersonID] = true
	}
	args := []any{t.Workspace}
	for _, p := range people {
		if !known[p.PersonID] {
			args = append(args, p.PersonID)
		}
	}
	if len(args) == 1 {
		return nil
	}
	n, _, err := database.One(ctx, q, database.Scalar[int], countPeople+page.Marks(len(args)-1)+")", args...)
	if err == nil && n != len(args)-1 {
		return problem.Validation(problem.Fault{Pointer: "/people", Code: "not-found", Message: "somebody here is not in the workspace"})
	}
	return err
}
