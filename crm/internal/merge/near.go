package merge

import (
	"context"
	"slices"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// candidates are how many pairs of one way to find them are looked at: those
// of a workspace in which thousands have one employer are more.
const candidates = 20000

// Names that differ by a letter are looked for where an index has few: among
// people of one company or one domain of mail whose names begin, or end, with
// the same two letters, and among companies whose names begin or end alike, or
// begin with the same two words. Whether names are near is judged by likely.
const (
	namedPeople    = `SELECT a.id, CONCAT(a.first_name, ' ', a.last_name), '', b.id, CONCAT(b.first_name, ' ', b.last_name), '' FROM `
	namedCompanies = `SELECT a.id, a.name, COALESCE(a.domain, ''), b.id, b.name, COALESCE(b.domain, '') FROM `
	withPerson     = ` JOIN people b ON b.workspace_id = a.workspace_id AND b.id <> a.id AND CHAR_LENGTH(b.first_name) + CHAR_LENGTH(b.last_name) BETWEEN CHAR_LENGTH(a.first_name) + CHAR_LENGTH(a.last_name) - 3 AND CHAR_LENGTH(a.first_name) + CHAR_LENGTH(a.last_name) + 3 AND `
	withCompany    = ` JOIN companies b ON b.workspace_id = a.workspace_id AND b.id <> a.id AND `
	ofOne          = ` WHERE a.workspace_id = ? AND a.id = ? AND b.deleted_at IS NULL LIMIT ?`
	ofAll          = ` AND b.id > a.id WHERE a.workspace_id = ?` + bothThere + notApart

	atCompany       = `b.company_id = a.company_id AND b.initials = a.initials`
	atCompanyFinals = `b.company_id = a.company_id AND b.finals = a.finals`
	atDomain        = `b.mail_domain = a.mail_domain AND b.initials = a.initials` + ownDomain
	atDomainFinals  = `b.mail_domain = a.mail_domain AND b.finals = a.finals` + ownDomain
	ownDomain       = ` AND a.mail_domain NOT IN ('gmail.com', 'googlemail.com', 'outlook.com', 'hotmail.com', 'live.com', 'yahoo.com', 'icloud.com', 'aol.com', 'gmx.de', 'gmx.net', 'web.de', 'proton.me', 'qq.com', '163.com', 'mail.ru')`

	several          = ` HAVING COUNT(*) > 1) g JOIN people a ON a.workspace_id = g.workspace_id AND `
	companyBlocks    = `(SELECT p.workspace_id, p.company_id, p.initials FROM people p WHERE p.workspace_id = ? AND p.company_id IS NOT NULL AND p.initials IS NOT NULL GROUP BY p.workspace_id, p.company_id, p.initials` + several + `a.company_id = g.company_id AND a.initials = g.initials`
	companyEndBlocks = `(SELECT p.workspace_id, p.company_id, p.finals FROM people p WHERE p.workspace_id = ? AND p.company_id IS NOT NULL AND p.finals IS NOT NULL GROUP BY p.workspace_id, p.company_id, p.finals` + several + `a.company_id = g.company_id AND a.finals = g.finals`
	domainBlocks     = `(SELECT p.workspace_id, p.mail_domain, p.initials FROM people p WHERE p.workspace_id = ? AND p.mail_domain IS NOT NULL AND p.initials IS NOT NULL GROUP BY p.workspace_id, p.mail_domain, p.initials` + several + `a.mail_domain = g.mail_domain AND a.initials = g.initials`
	domainEndBlocks  = `(SELECT p.workspace_id, p.mail_domain, p.finals FROM people p WHERE p.workspace_id = ? AND p.mail_domain IS NOT NULL AND p.finals IS NOT NULL GROUP BY p.workspace_id, p.mail_domain, p.finals` + several + `a.mail_domain = g.mail_domain AND a.finals = g.finals`

	alikeFirms = ` HAVING COUNT(*) > 1) g JOIN companies a ON a.workspace_id = g.workspace_id AND `
	headBlocks = `(SELECT c.workspace_id, c.head FROM companies c WHERE c.workspace_id = ? GROUP BY c.workspace_id, c.head` + alikeFirms + `a.head = g.head`
	tailBlocks = `(SELECT c.workspace_id, c.tail FROM companies c WHERE c.workspace_id = ? GROUP BY c.workspace_id, c.tail` + alikeFirms + `a.tail = g.tail`
	endsBlocks = `(SELECT c.workspace_id, c.ends FROM companies c WHERE c.workspace_id = ? GROUP BY c.workspace_id, c.ends` + alikeFirms + `a.ends = g.ends`

	nearOfStaff      = namedPeople + `people a` + withPerson + atCompany + ofOne
	nearOfStaffEnds  = namedPeople + `people a` + withPerson + atCompanyFinals + ofOne
	nearOfMail       = namedPeople + `people a` + withPerson + atDomain + ofOne
	nearOfMailEnds   = namedPeople + `people a` + withPerson + atDomainFinals + ofOne
	nearOfHead       = namedCompanies + `companies a` + withCompany + `b.head = a.head` + ofOne
	nearOfTail       = namedCompanies + `companies a` + withCompany + `b.tail = a.tail` + ofOne
	nearOfEnds       = namedCompanies + `companies a` + withCompany + `b.ends = a.ends` + ofOne
	nearlyAtCompany  = namedPeople + companyBlocks + withPerson + atCompany + ofAll
	nearlyAtEnds     = namedPeople + companyEndBlocks + withPerson + atCompanyFinals + ofAll
	nearlyAtDomain   = namedPeople + domainBlocks + withPerson + atDomain + ofAll
	nearlyDomainEnds = namedPeople + domainEndBlocks + withPerson + atDomainFinals + ofAll
	nearlyHead       = namedCompanies + headBlocks + withCompany + `b.head = a.head` + ofAll
	nearlyTail       = namedCompanies + tailBlocks + withCompany + `b.tail = a.tail` + ofAll
	nearlyEnds       = namedCompanies + endsBlocks + withCompany + `b.ends = a.ends` + ofAll
)

var (
	nearOne = map[string][]string{"person": {nearOfStaff, nearOfStaffEnds, nearOfMail, nearOfMailEnds}, "company": {nearOfHead, nearOfTail, nearOfEnds}}
	nearAll = map[string][]string{"person": {nearlyAtCompany, nearlyAtEnds, nearlyAtDomain, nearlyDomainEnds}, "company": {nearlyHead, nearlyTail, nearlyEnds}}
)

// nearPairs runs a query and returns the pairs of which the names are near,
// each in the query's order.
func nearPairs(ctx context.Context, q database.Queryer, query string, args ...any) ([]Pair, error) {
	var near []Pair
	_, err := database.All(ctx, q, func(row database.Row, _ *struct{}) error {
		var p Pair
		var a, b, domainA, domainB string
		if err := row.Scan(&p.a, &a, &domainA, &p.b, &b, &domainB); err != nil {
			return err
		}
		if likely(a, b) && !unlike(domainA, domainB) {
			near = append(near, p)
		}
		return nil
	}, query, append(args, candidates)...)
	return near, err
}

// nearest adds to the pairs of a workspace those that are only likely.
func nearest(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, found []Pair) ([]Pair, error) {
	for _, query := range nearAll[kind] {
		if len(found) > maxPairs {
			break
		}
		near, err := nearPairs(ctx, q, query, t.Workspace, t.Workspace)
		if err != nil {
			return nil, err
		}
		for _, p := range near {
			if len(found) > maxPairs { // more are not shown
				break
			}
			if !slices.ContainsFunc(found, func(known Pair) bool { return known.a == p.a && known.b == p.b }) {
				p.Why = []string{similar}
				found = append(found, p)
			}
		}
	}
	return found, nil
}

// nearOthers adds to the duplicates of a record those that are only likely.
func nearOthers(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, which id.ID, found []Duplicate) ([]Duplicate, error) {
	for _, query := range nearOne[kind] {
		near, err := nearPairs(ctx, q, query, t.Workspace, which)
		if err != nil {
			return nil, err
		}
		for _, p := range near {
			if !slices.ContainsFunc(found, func(known Duplicate) bool { return known.id == p.b }) {
				found = append(found, Duplicate{id: p.b, Why: []string{similar}})
			}
		}
	}
	return found, nil
}
