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
	if err := renamed(ctx, q, t, before, p); err != nil {
		return err
	}
	if p.DeletedAt != nil {
		return search.Drop(ctx, q, t, "person", p.ID)
	}
	if before.DeletedAt == nil && doc(before) == doc(p) {
		return nil
	}
	if before.ID.IsZero() {
		return search.Add(ctx, q, t, doc(p))
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
		words = append(append(words, c.Value), dialled(c.Value)...)
	}
	if d.Title == "" && len(p.Emails) > 0 {
		d.Title = p.Emails[0].Value
	}
	d.Sub, d.Words = strings.Join(lines, " · "), strings.Join(words, " ")
	return d
}

// shortest is how many digits of a number are worth a word of their own.
const shortest = 6

// dialled are the ways to type a number that people read: whole, and from each
// of its groups on. Of one without groups, up to three digits in front may be
// those of the country.
func dialled(number string) []string {
	groups := strings.FieldsFunc(number, func(r rune) bool { return r < '0' || r > '9' })
	whole := strings.Join(groups, "")
	all := []string{whole}
	from := func(at int) {
		if len(whole)-at >= shortest {
			all = append(all, whole[at:])
		}
	}
	if len(groups) == 1 && strings.HasPrefix(number, "+") {
		for at := range 3 {
			from(at + 1)
		}
	}
	at := 0
	for _, g := range groups[:max(0, len(groups)-1)] {
		at += len(g)
		from(at)
	}
	return all
}
