package merge

import (
	"context"
	"slices"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
)

const maxPairs = 50

// A Pair is two records that may be the same, and why; a is the older.
type Pair struct {
	A    any      `json:"a"`
	B    any      `json:"b"`
	Why  []string `json:"why"`
	Sure bool     `json:"sure"` // something is the same; else the names are only similar

	a, b id.ID
}

// Pairs are those of a workspace, some at a time.
type Pairs struct {
	Items []Pair `json:"items"`
	More  bool   `json:"more"` // those that are merged or told apart make room for more
}

// Each query first finds, from an index alone where it can, what several
// records have, and then their pairs, which nobody has told apart.
const (
	pairsByName = `SELECT a.id, b.id, 'name' FROM (SELECT p.last_name, p.first_name FROM people p WHERE p.workspace_id = ? AND p.last_name <> '' AND p.first_name <> '' GROUP BY p.last_name, p.first_name HAVING COUNT(*) > 1) g
		JOIN people a ON a.last_name = g.last_name AND a.first_name = g.first_name
		JOIN people b ON b.workspace_id = a.workspace_id AND b.last_name = a.last_name AND b.first_name = a.first_name AND b.id > a.id
		WHERE a.workspace_id = ?` + bothThere + notApart
	pairsByPhone = `SELECT a.id, b.id, 'phone' FROM (SELECT n.value_norm FROM person_phones n WHERE n.workspace_id = ? GROUP BY n.value_norm HAVING COUNT(*) > 1) g
		JOIN person_phones m ON m.value_norm = g.value_norm
		JOIN person_phones n ON n.workspace_id = m.workspace_id AND n.value_norm = m.value_norm AND n.person_id > m.person_id
		JOIN people a ON a.workspace_id = m.workspace_id AND a.id = m.person_id JOIN people b ON b.workspace_id = n.workspace_id AND b.id = n.person_id
		WHERE m.workspace_id = ?` + bothThere + notApart
	pairsByAddress = `SELECT a.id, b.id, 'e-mail' FROM person_emails m
		JOIN person_emails n ON n.workspace_id = m.workspace_id AND n.active = 1 AND n.person_id <> m.person_id
			AND n.value_norm = CONCAT(SUBSTRING_INDEX(SUBSTRING_INDEX(m.value_norm, '@', 1), '+', 1), '@', SUBSTRING_INDEX(m.value_norm, '@', -1))
		JOIN people a ON a.workspace_id = m.workspace_id AND a.id = LEAST(m.person_id, n.person_id) JOIN people b ON b.workspace_id = m.workspace_id AND b.id = GREATEST(m.person_id, n.person_id)
		WHERE m.workspace_id = ? AND m.active = 1 AND m.value_norm LIKE '%+%@%'` + bothThere + notApart
	pairsByCompany = `SELECT a.id, b.id, 'name' FROM (SELECT c.name FROM companies c WHERE c.workspace_id = ? GROUP BY c.name HAVING COUNT(*) > 1) g
		JOIN companies a ON a.name = g.name JOIN companies b ON b.workspace_id = a.workspace_id AND b.name = a.name AND b.id > a.id
		WHERE a.workspace_id = ?` + bothThere + notApart
	pairsByDomain = `SELECT a.id, b.id, 'domain' FROM companies m
		JOIN companies n ON n.workspace_id = m.workspace_id AND n.active = 1 AND n.domain = SUBSTRING(m.domain, LOCATE('.', m.domain) + 1)
		JOIN companies a ON a.workspace_id = m.workspace_id AND a.id = LEAST(m.id, n.id) JOIN companies b ON b.workspace_id = m.workspace_id AND b.id = GREATEST(m.id, n.id)
		WHERE m.workspace_id = ? AND m.active = 1 AND m.domain LIKE '%.%.%'` + bothThere + notApart
	pairsByForm = `SELECT a.id, b.id, 'name' FROM companies m
		JOIN companies n ON n.workspace_id = m.workspace_id AND n.id <> m.id
			AND n.name = TRIM(LEFT(REPLACE(m.name, ',', ''), CHAR_LENGTH(REPLACE(m.name, ',', '')) - CHAR_LENGTH(SUBSTRING_INDEX(m.name, ' ', -1))))
		JOIN companies a ON a.workspace_id = m.workspace_id AND a.id = LEAST(m.id, n.id) JOIN companies b ON b.workspace_id = m.workspace_id AND b.id = GREATEST(m.id, n.id)
		WHERE m.workspace_id = ? AND TRIM(TRAILING '.' FROM SUBSTRING_INDEX(m.name, ' ', -1)) IN (` + forms + `)` + bothThere + notApart
	pairsByTitle = `SELECT a.id, b.id, 'title' FROM (SELECT d.title, d.company_id FROM deals d WHERE d.workspace_id = ? GROUP BY d.title, d.company_id HAVING COUNT(*) > 1) g
		JOIN deals a ON a.title = g.title AND a.company_id <=> g.company_id
		JOIN deals b ON b.workspace_id = a.workspace_id AND b.title = a.title AND b.id > a.id` + sameCustomer + `
		WHERE a.workspace_id = ? AND (a.status = 'open' OR b.status = 'open')` + bothThere + notApart
	pairsByAmount = `SELECT a.id, b.id, 'amount' FROM (SELECT d.company_id, d.amount_minor FROM deals d WHERE d.workspace_id = ? AND d.status = 'open' AND d.amount_minor > 0 GROUP BY d.company_id, d.amount_minor HAVING COUNT(*) > 1) g
		JOIN deals a ON a.company_id = g.company_id AND a.amount_minor = g.amount_minor
		JOIN deals b ON b.workspace_id = a.workspace_id AND b.company_id = a.company_id AND b.id > a.id` + sameSale + `
		WHERE a.workspace_id = ? AND a.status = 'open' AND b.status = 'open'` + bothThere + notApart
	bothThere = ` AND a.deleted_at IS NULL AND b.deleted_at IS NULL`
	notApart  = ` AND NOT EXISTS (SELECT 1 FROM told_apart x WHERE x.workspace_id = a.workspace_id AND x.a_id = a.id AND x.b_id = b.id) LIMIT ?`
)

var paired = map[string][]string{
	"person":  {pairsByAddress, pairsByPhone, pairsByName},
	"company": {pairsByDomain, pairsByCompany, pairsByForm},
	"deal":    {pairsByTitle, pairsByAmount},
}

// Pairs returns pairs of a whole workspace.
func (s Store) Pairs(ctx context.Context, t tenant.Tenant, kind records.Kind) (all Pairs, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		found, err := gather(ctx, q, t, kind.Name)
		if err != nil {
			return err
		}
		all = Pairs{Items: found[:min(len(found), maxPairs)], More: len(found) > maxPairs}
		var which []id.ID
		for _, p := range all.Items {
			which = append(which, p.a, p.b)
		}
		some, err := kind.Some(ctx, q, t, which)
		for i := range all.Items {
			p := &all.Items[i]
			p.A, p.B = some[p.a].Value, some[p.b].Value
		}
		return err
	})
	return all, err
}

// gather finds pairs, those that are alike in most ways first and those whose
// names are only similar last.
func gather(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string) ([]Pair, error) {
	type hit struct {
		a, b id.ID
		why  string
	}
	found := []Pair{}
	for _, query := range paired[kind] {
		args := []any{t.Workspace, t.Workspace, maxPairs + 1}
		if direct[query] {
			args = args[1:]
		}
		hits, err := database.All(ctx, q, func(row database.Row, h *hit) error { return row.Scan(&h.a, &h.b, &h.why) }, query, args...)
		if err != nil {
			return nil, err
		}
		for _, h := range hits {
			i := slices.IndexFunc(found, func(p Pair) bool { return p.a == h.a && p.b == h.b })
			if i < 0 {
				found, i = append(found, Pair{a: h.a, b: h.b}), len(found)
			}
			if !slices.Contains(found[i].Why, h.why) {
				found[i].Why = append(found[i].Why, h.why)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Pair) int { return len(b.Why) - len(a.Why) })
	for i := range found {
		found[i].Sure = true
	}
	return nearest(ctx, q, t, kind, found)
}

// direct are the queries that name the workspace's number once.
var direct = map[string]bool{pairsByAddress: true, pairsByDomain: true, pairsByForm: true}
