package merge

import (
	"bytes"
	"context"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
)

// Apart says whether two records that look the same are not.
type Apart struct {
	Kind  string `json:"kind"`
	A     id.ID  `json:"a"`
	B     id.ID  `json:"b"`
	Apart bool   `json:"apart"` // false takes back that they are not the same
}

const (
	insertApart = `INSERT IGNORE INTO told_apart (workspace_id, a_id, b_id, kind, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?)`
	deleteApart = `DELETE FROM told_apart WHERE workspace_id = ? AND a_id = ? AND b_id = ?`
	selectApart = `SELECT x.b_id FROM told_apart x WHERE x.workspace_id = ? AND x.a_id = ? UNION ALL SELECT y.a_id FROM told_apart y WHERE y.workspace_id = ? AND y.b_id = ?`
)

// Tell keeps what somebody says of two records; it is no change of either.
func (s Store) Tell(ctx context.Context, t tenant.Tenant, said Apart) (Apart, error) {
	kind, ok := s.Kinds.Find(said.Kind)
	if !ok || relations[kind.Name] == nil {
		return said, problem.Validation(problem.Fault{Pointer: "/kind", Code: "choice", Message: "one of person, company, deal"})
	}
	if said.A == said.B {
		return said, problem.Validation(problem.Fault{Pointer: "/b", Code: "choice", Message: "another record of the same kind"})
	}
	if bytes.Compare(said.A[:], said.B[:]) > 0 {
		said.A, said.B = said.B, said.A
	}
	return said, s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error { return s.tell(ctx, q, t, kind, said) })
}

func (s Store) tell(ctx context.Context, q database.Queryer, t tenant.Tenant, kind records.Kind, said Apart) error {
	some, err := kind.Some(ctx, q, t, []id.ID{said.A, said.B})
	if err != nil {
		return err
	}
	if len(some) < 2 {
		return problem.NotFound(kind.Name)
	}
	statement, args, verb := deleteApart, []any{t.Workspace, said.A, said.B}, "not-told-apart"
	if said.Apart {
		statement, args, verb = insertApart, append(args, kind.Name, s.now(), t.User), "told-apart"
	}
	if n, err := database.Exec(ctx, q, statement, args...); err != nil || n == 0 {
		return err
	}
	return change.Record(ctx, q, t, change.Change{Kind: kind.Name, ID: said.A, Version: some[said.A].Version, Verb: verb, Near: []change.Ref{{Kind: kind.Name, ID: said.B}}, Quiet: true})
}

// apartFrom are the records that one was told apart from.
func apartFrom(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) ([]id.ID, error) {
	return database.All(ctx, q, database.Scalar[id.ID], selectApart, t.Workspace, which, t.Workspace, which)
}
