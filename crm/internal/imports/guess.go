package imports

import (
	"strings"

	"apexai/crm/internal/sheet"
)

// The programs whose exports are recognised.
const (
	sourceHubSpot   = "HubSpot"
	sourcePipedrive = "Pipedrive"
	sourceGoogle    = "Google Contacts"
	sourceOutlook   = "Outlook"
)

// pipedrive puts the kind of record before each header.
var pipedrive = map[string]string{"Person - ": People, "Organization - ": Companies, "Deal - ": Deals}

// sourceOf recognises the program that wrote a table.
func sourceOf(columns []Column) string {
	has := map[string]bool{}
	for _, c := range columns {
		has[fold(c.Name)] = true
		for prefix := range pipedrive {
			if strings.HasPrefix(c.Name, prefix) {
				return sourcePipedrive
			}
		}
	}
	switch {
	case has["recordid"] && (has["contactowner"] || has["companyowner"] || has["dealowner"] || has["lifecyclestage"] || has["dealstage"]):
		return sourceHubSpot
	case has["email1value"] || has["phone1value"] && has["organizationname"]:
		return sourceGoogle
	case has["emailaddress"] && (has["businessphone"] || has["email2address"] || has["businessstreet"]):
		return sourceOutlook
	}
	return ""
}

// kindOf is what a table most likely lists.
func kindOf(columns []Column) string {
	votes := map[string]int{}
	for _, c := range columns {
		for prefix, kind := range pipedrive {
			if strings.HasPrefix(c.Name, prefix) {
				votes[kind] += 3
			}
		}
		switch fold(c.Name) {
		case "dealname", "dealstage", "dealtitle", "closedate", "expectedclosedate", "amount", "dealowner", "pipeline":
			votes[Deals] += 2
		case "firstname", "lastname", "email", "emailaddress", "jobtitle", "contactowner", "vorname", "nachname", "givenname", "familyname", "email1value", "mobilephone":
			votes[People] += 2
		case "companydomainname", "domain", "industry", "numberofemployees", "companyowner", "branche", "employees":
			votes[Companies] += 2
		}
	}
	best := People
	for _, kind := range kinds {
		if votes[kind] > votes[best] {
			best = kind
		}
	}
	return best
}

// guess maps columns to fields by their headers, and by their values where a
// header says nothing. A field that takes one column gets the first.
func guess(columns []Column, kind string, fields []Field) []string {
	mapped, taken := make([]string, len(columns)), map[string]bool{}
	for i, c := range columns {
		name := c.Name
		for prefix, of := range pipedrive {
			if rest, ok := strings.CutPrefix(name, prefix); ok && of == kind {
				name = rest
			}
		}
		f, ok := meant(fields, fold(name))
		if ok && (!taken[f.Key] || f.many) {
			mapped[i], taken[f.Key] = f.Key, true
		}
	}
	for i, c := range columns {
		if mapped[i] == "" && kind == People && !taken["email"] && areEmails(c.Samples) {
			mapped[i], taken["email"] = "email", true
		}
	}
	if taken["firstName"] || taken["lastName"] {
		for i := range mapped {
			if mapped[i] == "fullName" {
				mapped[i] = ""
			}
		}
	}
	return mapped
}

// errorHeader is the column that the file of failed rows has at its end.
const errorHeader = "Why it was not imported"

func meant(fields []Field, folded string) (Field, bool) {
	if folded == fold(errorHeader) {
		return Field{}, false
	}
	for _, f := range fields {
		if f.means(folded) {
			return f, true
		}
	}
	return Field{}, false
}

func areEmails(samples []string) bool {
	n := 0
	for _, s := range samples {
		if s == "" {
			continue
		}
		if at := strings.IndexByte(s, '@'); at < 1 || strings.ContainsAny(s, " \t") {
			return false
		}
		n++
	}
	return n > 0
}

// describe names the columns and shows some of their values.
func describe(rows []sheet.Row, header bool) []Column {
	if len(rows) == 0 {
		return nil
	}
	width := 0
	for _, row := range rows {
		width = max(width, len(row.Cells))
	}
	if header {
		width = max(len(rows[0].Cells), 1)
	}
	columns := make([]Column, width)
	for i := range columns {
		columns[i] = Column{Name: "Column " + letter(i), Samples: []string{}}
	}
	if header {
		for i, name := range rows[0].Cells {
			if name != "" {
				columns[i].Name = cut(name, 200)
			}
		}
		rows = rows[1:]
	}
	for _, row := range rows {
		for i := range min(len(row.Cells), width) {
			if v := row.Cells[i]; v != "" && len(columns[i].Samples) < 3 {
				columns[i].Samples = append(columns[i].Samples, cut(v, 80))
			}
		}
	}
	return columns
}

// letter is a column's name in a spreadsheet: A, B, …, AA.
func letter(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letter(i/26-1) + letter(i%26)
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// orderOf guesses how dates are written: "" if the samples do not say.
func orderOf(samples []string) string {
	order := ""
	for _, s := range samples {
		parts := numbers(s)
		if len(parts) < 3 {
			continue
		}
		switch {
		case parts[0] > 31:
			return "ymd"
		case parts[0] > 12:
			order = "dmy"
		case parts[1] > 12:
			order = "mdy"
		case order == "" && strings.Contains(s, "."):
			order = "dmy" // only there are dates written with dots
		}
	}
	return order
}
