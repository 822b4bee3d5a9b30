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
	Why    []string `json:"why"` // name, phone, e-mail, domain

	id id.ID
}

// Duplicates are those of one record, the most alike first.
type Duplicates struct {
	Items []Duplicate `json:"items"`
}

// A Pair is two records that may be the same.
type Pair struct {
	A   any    `json:"a"`
	B   any    `json:"b"`
	Why string `json:"why"`
}

// Pairs are those of a workspace, some at a time.
type Pairs struct {
	Items []Pair `json:"items"`
}

// What makes two records alike. A name counts only if it is whole; an address
// is alike without what follows a plus, and a company's domain is that of
// people who work elsewhere.
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
		AND TRIM(TRAILING '.' FROM SUBSTRING_INDEX(REPLACE(b.name, ',', ''), ' ', -1)) IN ('Inc', 'Ltd', 'LLC', 'GmbH', 'AG', 'SA', 'BV', 'AB', 'Oy', 'plc', 'Co', 'Corp', 'Limited')
		AND TRIM(LEFT(REPLACE(b.name, ',', ''), CHAR_LENGTH(REPLACE(b.name, ',', '')) - CHAR_LENGTH(SUBSTRING_INDEX(b.name, ' ', -1)))) = REPLACE(a.name, ',', '')
		WHERE a.workspace_id = ? AND a.id = ? AND b.deleted_at IS NULL LIMIT 20`
	sameDomain = `SELECT b.id, 'domain' FROM companies a JOIN companies b ON b.workspace_id = a.workspace_id AND b.id <> a.id AND b.deleted_at IS NULL
		AND b.domain IS NOT NULL AND (b.domain LIKE CONCAT('%.', a.domain) OR a.domain LIKE CONCAT('%.', b.domain))
		WHERE a.workspace_id = ? AND a.id = ? LIMIT 20`
)

var alike = map[string][]string{"person": {sameAddress, samePhone, sameName}, "company": {sameDomain, sameCompany, likeCompany}}

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
		slices.SortStableFunc(found, func(a, b Duplicate) int { return len(b.Why) - len(a.Why) })
		found = found[:min(len(found), maxDuplicates)]
		for i := range found {
			record, err := kind.Read(ctx, q, t, found[i].id)
			if err != nil {
				return err
			}
			found[i].Record = record.Value
		}
		all.Items = found
		return nil
	})
	return all, err
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

const (
	pairsByName    = `SELECT MIN(HEX(p.id)), MAX(HEX(p.id)), 'name' FROM people p WHERE p.workspace_id = ? AND p.deleted_at IS NULL AND p.last_name <> '' AND p.first_name <> '' GROUP BY p.last_name, p.first_name HAVING COUNT(*) > 1 LIMIT ?`
	pairsByPhone   = `SELECT MIN(HEX(f.person_id)), MAX(HEX(f.person_id)), 'phone' FROM person_phones f JOIN people p ON p.workspace_id = f.workspace_id AND p.id = f.person_id AND p.deleted_at IS NULL WHERE f.workspace_id = ? GROUP BY f.value_norm HAVING COUNT(DISTINCT f.person_id) > 1 LIMIT ?`
	pairsByCompany = `SELECT MIN(HEX(c.id)), MAX(HEX(c.id)), 'name' FROM companies c WHERE c.workspace_id = ? AND c.deleted_at IS NULL GROUP BY c.name HAVING COUNT(*) > 1 LIMIT ?`
)

var paired = map[string][]string{"person": {pairsByPhone, pairsByName}, "company": {pairsByCompany}}

// Pairs returns pairs of a whole workspace; those that are merged make room
// for the next.
func (s Store) Pairs(ctx context.Context, t tenant.Tenant, kind records.Kind) (all Pairs, err error) {
	type hit struct{ a, b, why string }
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all.Items = []Pair{}
		seen := map[string]bool{}
		for _, query := range paired[kind.Name] {
			hits, err := database.All(ctx, q, func(row database.Row, h *hit) error { return row.Scan(&h.a, &h.b, &h.why) }, query, t.Workspace, maxDuplicates)
			if err != nil {
				return err
			}
			for _, h := range hits {
				if seen[h.a+h.b] || len(all.Items) == maxDuplicates {
					continue
				}
				seen[h.a+h.b] = true
				a, err := readHex(ctx, q, t, kind, h.a)
				if err != nil {
					return err
				}
				b, err := readHex(ctx, q, t, kind, h.b)
				if err != nil {
					return err
				}
				all.Items = append(all.Items, Pair{a, b, h.why})
			}
		}
		return nil
	})
	return all, err
}

func readHex(ctx context.Context, q database.Queryer, t tenant.Tenant, kind records.Kind, hex string) (any, error) {
	which, err := id.Parse(hex[:8] + "-" + hex[8:12] + "-" + hex[12:16] + "-" + hex[16:20] + "-" + hex[20:])
	if err != nil {
		return nil, err
	}
	record, err := kind.Read(ctx, q, t, which)
	return record.Value, err
}
