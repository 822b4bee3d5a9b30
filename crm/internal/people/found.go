package people

import (
	"context"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
)

// found brings the search index up to date with a person that was before.
func found(ctx context.Context, q database.Queryer, t tenant.Tenant, before, p Person) error {
	if p.DeletedAt != nil {
		return search.Drop(ctx, q, t, "person", p.ID)
	}
	if before.DeletedAt == nil && doc(before) == doc(p) {
		return nil
	}
	return search.Put(ctx, q, t, doc(p))
}

// doc is a person as search knows it.
func doc(p Person) search.Doc {
	d := search.Doc{Kind: "person", ID: p.ID, Title: strings.TrimSpace(p.FirstName + " " + p.LastName)}
	var lines, words []string
	for _, line := range []string{p.Title, p.CompanyName} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	for _, c := range p.Emails {
		words = append(words, c.Value)
	}
	for _, c := range p.Phones {
		words = append(words, c.Value, digits(c.Value))
	}
	if d.Title == "" && len(p.Emails) > 0 {
		d.Title = p.Emails[0].Value
	}
	d.Sub, d.Words = strings.Join(lines, " · "), strings.Join(words, " ")
	return d
}

// digits are what people type of a number that they read.
func digits(number string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
}
