package demo

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/people"
)

var bands = []string{"1-10", "11-50", "51-200", "201-1000", "1001+"}

// companyAt is the i-th company: its name and domain do not depend on chance.
// Each word goes once with each trade; further ones are numbered.
func companyAt(i int) companies.Draft {
	word := companyWords[i%len(companyWords)]
	trade := companyTrades[(i+i/len(companyWords))%len(companyTrades)]
	d := companies.Draft{Name: word + " " + trade.name, Industry: trade.industry}
	domain := strings.ReplaceAll(strings.ToLower(d.Name), " ", "-")
	if n := i / (len(companyWords) * len(companyTrades)); n > 0 {
		d.Name += fmt.Sprintf(" %d", n+1)
		domain += fmt.Sprintf("-%d", n+1)
	}
	d.Domain = domain + ".example"
	return d
}

func (w *work) company(q database.Queryer, i int) error {
	d := companyAt(i)
	d.SizeBand, d.Address, d.OwnerID = pick(w, bands), pick(w, cities), w.owner()
	made, err := companies.Store{DB: w.DB, Now: time.Now, Quiet: true}.Add(w.ctx, q, w.Tenant, d)
	w.companies = append(w.companies, made)
	return err
}

func (w *work) person(q database.Queryer, i int) error {
	d := people.Draft{FirstName: pick(w, firstNames), LastName: pick(w, lastNames), Title: pick(w, titles), OwnerID: w.owner()}
	domain := "mail.example"
	if len(w.companies) > 0 {
		employer := w.companies[(i*7+w.chance.IntN(3))%len(w.companies)]
		d.CompanyID, domain = &employer.ID, employer.Domain
	}
	// The number makes each address one of a kind: names come twice.
	d.Emails = []people.Contact{{Value: fmt.Sprintf("%s.%s%d@%s", plain(d.FirstName), plain(d.LastName), i, domain), Kind: "work"}}
	if w.chance.IntN(3) > 0 {
		d.Phones = []people.Contact{{Value: fmt.Sprintf("+1 555 %03d %04d", w.chance.IntN(1000), w.chance.IntN(10000)), Kind: "mobile"}}
	}
	made, err := people.Store{DB: w.DB, Now: time.Now, Quiet: true}.Add(w.ctx, q, w.Tenant, d)
	w.people = append(w.people, made)
	return err
}

// plain is a name as it stands in an address: letters without marks.
func plain(name string) string {
	name = strings.NewReplacer("ü", "u", "ø", "o", "á", "a", "è", "e", "ó", "o", "ë", "e", "ı", "i", "Y", "y").Replace(strings.ToLower(name))
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) {
			return -1
		}
		return r
	}, name)
}
