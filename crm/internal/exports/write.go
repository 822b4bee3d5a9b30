package exports

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/sheet"
	"apexai/crm/internal/tenant"
)

// write writes an order's records, and says how many.
func (s Store) write(ctx context.Context, t tenant.Tenant, o Order, w io.Writer) (n int, err error) {
	switch o.Format {
	case zipFormat:
		return s.writeAll(ctx, t, w)
	case jsonFormat:
		return s.writeJSON(ctx, t, o, w)
	case vcfFormat:
		return s.writeCards(ctx, t, o, w)
	}
	return s.writeCSV(ctx, t, o, w)
}

func (s Store) writeCSV(ctx context.Context, t tenant.Tenant, o Order, w io.Writer) (n int, err error) {
	members, err := s.members(ctx, t)
	if err != nil {
		return 0, err
	}
	own, err := s.own(ctx, t, o.Kind)
	if err != nil {
		return 0, err
	}
	columns := chosen(o, own)
	out := csv.NewWriter(w)
	first := true
	err = s.pages(ctx, t, o, func(records []record) error {
		if first { // nothing is written before the list has answered
			first = false
			if _, err := io.WriteString(w, "\uFEFF"); err != nil { // Excel takes a file without it for Windows-1252
				return err
			}
			out.Write(cells(columns, func(c column) string { return c.label }))
		}
		for _, r := range records {
			out.Write(cells(columns, func(c column) string { return c.value(r, members) }))
			n++
		}
		out.Flush()
		return out.Error()
	})
	return n, err
}

func cells(columns []column, value func(column) string) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = sheet.Guard(value(c))
	}
	return all
}

// own are the keys of the workspace's own fields of a kind.
func (s Store) own(ctx context.Context, t tenant.Tenant, kind string) (keys []string, err error) {
	singular := map[string]string{"people": "person", "companies": "company", "deals": "deal"}[kind]
	if singular == "" {
		return nil, nil
	}
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		defs, err := fields.Read(ctx, q, t, singular)
		for _, d := range defs {
			keys = append(keys, d.Key)
		}
		return err
	})
	return keys, err
}

func (s Store) writeJSON(ctx context.Context, t tenant.Tenant, o Order, w io.Writer) (n int, err error) {
	err = s.pages(ctx, t, o, func(records []record) error {
		for _, r := range records {
			before := ",\n"
			if n == 0 {
				before = "[\n"
			}
			encoded, err := json.Marshal(r)
			if err != nil {
				return err
			}
			if _, err := io.WriteString(w, before+string(encoded)); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	end := "\n]\n"
	if n == 0 {
		end = "[]\n"
	}
	_, err = io.WriteString(w, end)
	return n, err
}

func (s Store) writeCards(ctx context.Context, t tenant.Tenant, o Order, w io.Writer) (n int, err error) {
	err = s.pages(ctx, t, o, func(records []record) error {
		for _, r := range records {
			if _, err := io.WriteString(w, card(r)); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// card is a person as a vCard 3.0, which every address book reads.
func card(r record) string {
	var b strings.Builder
	line := func(name string, parts ...string) {
		for i, p := range parts {
			parts[i] = strings.NewReplacer(`\`, `\\`, "\n", `\n`, ",", `\,`, ";", `\;`, "\r", "").Replace(p)
		}
		if value := strings.Join(parts, ";"); strings.Trim(value, ";") != "" {
			b.WriteString(folded(name + ":" + value))
		}
	}
	first, last := text(r["firstName"]), text(r["lastName"])
	b.WriteString("BEGIN:VCARD\r\nVERSION:3.0\r\n")
	b.WriteString(folded("N:" + strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`).Replace(last) + ";" + strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`).Replace(first) + ";;;"))
	name := strings.TrimSpace(first + " " + last)
	contacts := func(list, property string) {
		entries, _ := r[list].([]any)
		for _, e := range entries {
			m, _ := e.(map[string]any)
			if name == "" {
				name = text(m["value"])
			}
			kind := map[string]string{"work": "WORK", "personal": "HOME", "mobile": "CELL"}[text(m["kind"])]
			if kind != "" {
				line(property+";TYPE="+kind, text(m["value"]))
			} else {
				line(property, text(m["value"]))
			}
		}
	}
	contacts("emails", "EMAIL")
	contacts("phones", "TEL")
	line("FN", name)
	line("ORG", text(r["companyName"]))
	line("TITLE", text(r["title"]))
	if address := text(r["address"]); address != "" {
		line("ADR", "", "", address, "", "", "", "")
	}
	line("UID", "urn:uuid:"+text(r["id"]))
	b.WriteString("END:VCARD\r\n")
	return b.String()
}

// folded breaks a line at 75 bytes, between characters.
func folded(line string) string {
	var b strings.Builder
	length := 0
	for _, r := range line {
		n := len(string(r))
		if length+n > 75 {
			b.WriteString("\r\n ")
			length = 1
		}
		b.WriteRune(r)
		length += n
	}
	return b.String() + "\r\n"
}

// writeAll writes everything that the workspace has, as tables and as JSON.
func (s Store) writeAll(ctx context.Context, t tenant.Tenant, w io.Writer) (n int, err error) {
	all := zip.NewWriter(w)
	for _, kind := range kinds {
		for _, format := range []string{csvFormat, jsonFormat} {
			part, err := all.Create(kind + "." + format)
			if err != nil {
				return n, err
			}
			written, err := s.write(ctx, t, Order{Kind: kind, Format: format}, part)
			if err != nil {
				return n, err
			}
			if format == csvFormat {
				n += written
			}
		}
	}
	return n, all.Close()
}
