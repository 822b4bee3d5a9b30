package imports

import (
	"encoding/json"
	"errors"
	"strings"

	"apexai/crm/internal/check"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/id"
	"apexai/crm/internal/sheet"
)

// A parsed row is what a row of the table says of a record, in the terms of
// the record's draft, and of what it belongs to by the names that it has.
type parsed struct {
	number, line int
	cells        []string
	fault        string // why it cannot be used
	draft        members
	emails       []string // as they are compared
	company      companyRef
	contact      string // a deal's person, by address
	pipeline     string
	stage        string
}

// A companyRef is a company as a table names it.
type companyRef struct{ name, domain string }

func (r companyRef) none() bool { return r.name == "" && r.domain == "" }

// key is what tells deals of one title apart.
func (r companyRef) key(title string) string {
	return strings.ToLower(title) + "\n" + strings.ToLower(r.name)
}

// A parser reads rows by a mapping.
type parser struct {
	mapping Mapping
	fields  []Field
	defs    []fields.Def
	owners  map[string]id.ID
}

func (p parser) parse(row sheet.Row, number int) parsed {
	r := parsed{number: number, line: row.Line, cells: row.Cells, fault: row.Fault, draft: members{}}
	if r.fault != "" {
		return r
	}
	if extra := len(row.Cells) - len(p.mapping.Columns); extra > 0 && strings.Join(row.Cells[len(p.mapping.Columns):], "") != "" {
		r.fault = "this row has more columns than the table"
		return r
	}
	var faults []string
	currency := p.currency(row.Cells)
	for i, cell := range row.Cells[:min(len(row.Cells), len(p.mapping.Columns))] {
		key := p.mapping.Columns[i]
		cell = sheet.Unguard(cell)
		if key == "" || cell == "" {
			continue
		}
		f, _ := find(p.fields, key)
		if err := p.put(&r, f, cell, currency); err != nil {
			faults = append(faults, f.Label+": "+err.Error())
		}
	}
	p.finish(&r)
	r.fault = strings.Join(faults, "; ")
	return r
}

// currency is that of the row's amounts, which is in another column.
func (p parser) currency(cells []string) string {
	for i, key := range p.mapping.Columns {
		if key == "currency" && i < len(cells) && cells[i] != "" {
			return strings.ToUpper(cells[i])
		}
	}
	return p.mapping.Currency
}

// put takes one cell into the row.
func (p parser) put(r *parsed, f Field, cell, currency string) error {
	if key, ok := strings.CutPrefix(f.Key, fields.Prefix); ok {
		return p.custom(r, key, cell, currency)
	}
	switch f.Key {
	case "fullName":
		r.draft["firstName"], r.draft["lastName"] = names(cell)
	case "email", "phone", "mobile":
		return contacts(r, f.Key, cell)
	case "personEmail":
		var faults check.Faults
		r.contact = faults.Email("", &cell)
		return first(faults)
	case "company":
		r.company.name = strings.Join(strings.Fields(cell), " ")
	case "companyDomain":
		var faults check.Faults
		faults.Domain("", &cell)
		r.company.domain = cell
		return first(faults)
	case "owner":
		owner, ok := p.owners[strings.ToLower(cell)]
		if !ok {
			return errors.New(cut(cell, 60) + " is no member of this workspace")
		}
		r.draft["ownerId"] = owner
	case "tags":
		tags, _ := r.draft["tags"].([]string)
		r.draft["tags"] = append(tags, list(cell)...)
	case "address":
		if was, ok := r.draft["address"].(string); ok {
			cell = was + ", " + cell
		}
		r.draft["address"] = cell
	case "sizeBand":
		size, err := band(cell)
		r.draft["sizeBand"] = size
		return err
	case "domain":
		var faults check.Faults
		faults.Domain("", &cell)
		r.draft["domain"], r.company.domain = cell, cell
		return first(faults)
	case "name":
		r.draft["name"] = cell
		r.company.name = strings.Join(strings.Fields(cell), " ")
	case "amount":
		minor, code, err := amount(cell, p.mapping.Decimal, currency)
		r.draft["amountMinor"] = minor
		if code != "" {
			r.draft["currency"] = code
		}
		return err
	case "currency":
		r.draft["currency"] = strings.ToUpper(cell)
	case "closeDate":
		day, err := date(cell, p.mapping.DateOrder)
		r.draft["closeDate"] = day
		return err
	case "stage":
		r.stage = cell
	case "pipeline":
		r.pipeline = cell
	default:
		r.draft[f.Key] = cell
	}
	return nil
}

func first(faults check.Faults) error {
	if len(faults) == 0 {
		return nil
	}
	return errors.New(faults[0].Message)
}

// contacts adds addresses or numbers, each once. What is no address is told
// here, with the column's name.
func contacts(r *parsed, key, cell string) error {
	member, kind := "phones", "work"
	switch key {
	case "email":
		member = "emails"
	case "mobile":
		kind = "mobile"
	}
	have, _ := r.draft[member].([]map[string]any)
	values := []string{cell}
	if strings.Contains(cell, ":::") || strings.ContainsAny(cell, ";\n") || member == "emails" {
		values = list(cell)
	}
	for _, v := range values {
		var faults check.Faults
		var norm string
		if member == "emails" {
			norm = faults.Email("", &v)
		} else {
			norm = faults.Phone("", &v)
		}
		if err := first(faults); err != nil {
			return err
		}
		if twice(have, norm) {
			continue
		}
		have = append(have, map[string]any{"value": v, "kind": kind})
		if member == "emails" {
			r.emails = append(r.emails, norm)
		}
	}
	r.draft[member] = have
	return nil
}

func twice(have []map[string]any, norm string) bool {
	for _, c := range have {
		v, _ := c["value"].(string)
		if strings.EqualFold(v, norm) || digits(v) != "" && digits(v) == digits(norm) && !strings.Contains(v, "@") {
			return true
		}
	}
	return false
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// custom takes a cell for one of the workspace's own fields.
func (p parser) custom(r *parsed, key, cell, currency string) error {
	own, _ := r.draft["custom"].(map[string]any)
	if own == nil {
		own = map[string]any{}
		r.draft["custom"] = own
	}
	value, err := p.own(key, cell, currency)
	own[key] = value
	return err
}

func (p parser) own(key, cell, currency string) (any, error) {
	kind := ""
	for _, d := range p.defs {
		if d.Key == key {
			kind = d.Type
		}
	}
	switch kind {
	case "number":
		plain, err := number(cell, p.mapping.Decimal)
		return json.Number(plain), err
	case "money":
		minor, code, err := amount(cell, p.mapping.Decimal, currency)
		if err == nil && code == "" {
			err = errors.New("an amount needs a currency; choose one for all")
		}
		return map[string]any{"amountMinor": minor, "currency": code}, err
	case "date":
		return date(cell, p.mapping.DateOrder)
	case "multi":
		return list(cell), nil
	case "bool":
		return truth(cell)
	case "user":
		owner, ok := p.owners[strings.ToLower(cell)]
		if !ok {
			return nil, errors.New(cut(cell, 60) + " is no member of this workspace")
		}
		return owner, nil
	}
	return cell, nil
}

// finish adds what the mapping gives to every record.
func (p parser) finish(r *parsed) {
	tags, _ := r.draft["tags"].([]string)
	tags = append(tags, p.mapping.Tags...)
	if len(tags) > 0 {
		r.draft["tags"] = unique(tags)
	}
}

func unique(list []string) []string {
	var all []string
	seen := map[string]bool{}
	for _, s := range list {
		if key := strings.ToLower(s); !seen[key] {
			seen[key] = true
			all = append(all, s)
		}
	}
	return all
}
