package merge

import (
	"context"
	"slices"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
)

const maxDuplicates = 20

// A Duplicate is a record that may be the same as another, and why.
type Duplicate struct {
	Record any      `json:"record"`
	Why    []string `json:"why"`  // name, phone, e-mail, domain, title, amount; or "similar name" alone
	Sure   bool     `json:"sure"` // something is the same; else the names are only similar

	id id.ID
}

// Duplicates are those of one record, the most alike first.
type Duplicates struct {
	Items []Duplicate `json:"items"`
}

// What makes two records alike. A name counts if it is whole, and a similar one
// where there are no better reasons; an address
// is alike without what follows a plus, a company's domain if it is part of
// another's. Deals are alike only with one customer, and while one is open: the
// same is sold again and again.
const (
	sameName = `SELECT b.id, 'name' FROM people a JOIN people b ON b.workspace_id = a.workspace_id AND b.last_name = a.last_name AND b.first_name = a.first_name AND b.id <> a.id
		WHERE a.workspace_id = ? AND a.id = ? AND a.first_name <> '' AND a.last_name <> '' AND b.deleted_at IS NULL LIMIT 20`
	samePhone = `SELECT b.person_id, 'phone' FROM person_phones a JOIN person_phones b ON b.workspace_id = a.workspace_id AND b.value_norm = a.value_norm AND b.person_id <> a.person_id
		JOIN people p ON p.workspace_id = b.workspace_id AND p.id = b.person_id AND p.deleted_at IS NULL WHERE a.workspace_id = ? AND a.person_id = ? LIMIT 20`
	sameAddress = `SELECT b.person_id, 'e-mail' FROM person_emails a JOIN person_emails b ON b.workspace_id = a.workspace_id AND b.active = 1 AND b.person_id <> a.person_id
		AND b.value_norm LIKE CONCAT(REPLACE(REPLACE(SUBSTRING_INDEX(SUBSTRING_INDEX(a.value_norm, '@', 1), '+', 1), '%', ''), '_', '\_'), '%')
		AND CONCAT(SUBSTRING_INDEX(SUBSTRING_INDEX(b.value_norm, '@', 1), '+', 1), '@', SUBSTRING_INDEX(b.value_norm, '@', -1)) = CONCAT(SUBSTRING_INDEX(SUBSTRING_INDEX(a.value_norm, '@', 1), '+', 1), '@', SUBSTRING_INDEX(a.value_norm, '@', -1))
		WHERE a.workspace_id = ? AND a.person_id = ? LIMIT 20`
	sameCompany = `SELECT b.id, 'name' FROM companies a JOIN companies b ON b.workspace_id = a.workspace_id AND b.name = a.name AND b.id <> a.id
		WHERE a.workspace_id = ? AND a.id = ? AND b.deleted_at IS NULL LIMIT 20`
	likeCompany = `SELECT b.id, 'name' FROM companies a JOIN companies b ON b.workspace_id = a.workspace_id AND b.id <> a.id
		AND b.name LIKE CONCAT(REPLACE(REPLACE(SUBSTRING_INDEX(a.name, ' ', 1), '%', ''), '_', '\_'), '%')
		AND TRIM(TRAILING '.' FROM SUBSTRING_INDEX(REPLACE(b.name, ',', ''), ' ', -1)) IN (` + forms + `)
		AND TRIM(LEFT(REPLACE(b.name, ',', ''), CHAR_LENGTH(REPLACE(b.name, ',', '')) - CHAR_LENGTH(SUBSTRING_INDEX(b.name, ' ', -1)))) = REPLACE(a.name, ',', '')
		WHERE a.workspace_id = ? AND a.id = ? AND b.deleted_at IS NULL LIMIT 20`
	sameDomain = `SELECT b.id, 'domain' FROM companies a JOIN companies b ON b.workspace_id = a.workspace_id AND b.id <> a.id AND b.deleted_at IS NULL
		AND b.domain IS NOT NULL AND (b.domain LIKE CONCAT('%.', a.domain) OR a.domain LIKE CONCAT('%.', b.domain))
		WHERE a.workspace_id = ? AND a.id = ? LIMIT 20`
	sameTitle = `SELECT b.id, 'title' FROM deals a JOIN deals b ON b.workspace_id = a.workspace_id AND b.title = a.title AND b.id <> a.id` + sameCustomer + `
		WHERE a.workspace_id = ? AND a.id = ? AND b.deleted_at IS NULL AND (a.status = 'open' OR b.status = 'open') LIMIT 20`
	sameAmount = `SELECT b.id, 'amount' FROM deals a JOIN deals b ON b.workspace_id = a.workspace_id AND b.company_id = a.company_id AND b.id <> a.id` + sameSale + `
		WHERE a.workspace_id = ? AND a.id = ? AND b.deleted_at IS NULL AND a.status = 'open' AND b.status = 'open' LIMIT 20`
	forms        = `'Inc', 'Ltd', 'LLC', 'GmbH', 'AG', 'SA', 'BV', 'AB', 'Oy', 'plc', 'Co', 'Corp', 'Limited'`
	sameCustomer = ` AND b.company_id <=> a.company_id AND (a.company_id IS NOT NULL OR b.primary_person_id <=> a.primary_person_id)`
	sameSale     = ` AND a.amount_minor > 0 AND b.amount_minor = a.amount_minor AND b.currency = a.currency AND b.close_date = a.close_date`
)

var alike = map[string][]string{"person": {sameAddress, samePhone, sameName}, "company": {sameDomain, sameCompany, likeCompany}, "deal": {sameTitle, sameAmount}}

// Find returns the records that may be the same as one.
func (s Store) Find(ctx context.Context, t tenant.Tenant, kind records.Kind, which id.ID) (all Duplicates, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, err := kind.Read(ctx, q, t, which); err != nil {
			return err
		}
		found := []Duplicate{}
		for _, query := range alike[kind.Name] {
			if found, err = more(ctx, q, t, query, which, found); err != nil {
				return err
			}
		}
		for i := range found {
			found[i].Sure = true
		}
		if found, err = nearOthers(ctx, q, t, kind.Name, which, found); err != nil {
			return err
		}
		known, err := apartFrom(ctx, q, t, which)
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(d Duplicate) bool { return slices.Contains(known, d.id) })
		slices.SortStableFunc(found, func(a, b Duplicate) int { return b.weight() - a.weight() })
		all.Items, err = full(ctx, q, t, kind, found[:min(len(found), maxDuplicates)])
		return err
	})
	return all, err
}

// weight is how surely a record is the same.
func (d Duplicate) weight() int {
	if d.Sure {
		return len(d.Why)
	}
	return 0
}

func full(ctx context.Context, q database.Queryer, t tenant.Tenant, kind records.Kind, found []Duplicate) ([]Duplicate, error) {
	var which []id.ID
	for _, d := range found {
		which = append(which, d.id)
	}
	some, err := kind.Some(ctx, q, t, which)
	for i := range found {
		found[i].Record = some[found[i].id].Value
	}
	return found, err
}

func more(ctx context.Context, q database.Queryer, t tenant.Tenant, query string, which id.ID, found []Duplicate) ([]Duplicate, error) {
	type hit struct {
		id  id.ID
		why string
	}
	hits, err := database.All(ctx, q, func(row database.Row, h *hit) error { return row.Scan(&h.id, &h.why) }, query, t.Workspace, which)
	for _, h := range hits {
		i := slices.IndexFunc(found, func(d Duplicate) bool { return d.id == h.id })
		if i < 0 {
			found = append(found, Duplicate{id: h.id})
			i = len(found) - 1
		}
		if !slices.Contains(found[i].Why, h.why) {
			found[i].Why = append(found[i].Why, h.why)
		}
	}
	return found, err
}
