package imports

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"path"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/sheet"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

const (
	selectFailed = `SELECT number, message, cells FROM import_rows WHERE workspace_id = ? AND import_id = ? AND outcome = 'failed' AND number > ?
		ORDER BY number LIMIT 500`
	selectTold = `SELECT number, line, outcome, message FROM import_rows WHERE workspace_id = ? AND import_id = ? AND outcome IN ('failed', 'skipped')
		ORDER BY number LIMIT 200`
	selectKept = `SELECT nth_row, kind, record_id, reason FROM import_changes WHERE workspace_id = ? AND import_id = ? AND state = 'kept'
		ORDER BY number LIMIT 200`
)

// bad is a row that failed.
type bad struct {
	number  int
	message string
	cells   []string
}

// Errors is the table of the rows that failed, each with the reason, in a
// form that can be mended and imported.
func (s Store) Errors(ctx context.Context, t tenant.Tenant, which id.ID) (web.File, error) {
	i, err := s.Get(ctx, t, which)
	if err != nil {
		return web.File{}, err
	}
	base := strings.TrimSuffix(i.FileName, path.Ext(i.FileName))
	return web.File{Name: base + " - errors.csv", ContentType: "text/csv; charset=utf-8", Write: func(ctx context.Context, w io.Writer) error {
		return s.writeErrors(ctx, t, i, w)
	}}, nil
}

func (s Store) writeErrors(ctx context.Context, t tenant.Tenant, i Import, w io.Writer) error {
	out := csv.NewWriter(w)
	var header []string
	for _, c := range i.Shape.Columns {
		header = append(header, sheet.Guard(c.Name))
	}
	io.WriteString(w, "\uFEFF") // Excel takes a file without it for Windows-1252
	out.Write(append(header, errorHeader))
	for after := 0; ; {
		var part []bad
		err := s.DB.View(ctx, func(ctx context.Context, q database.Queryer) (err error) {
			part, err = database.All(ctx, q, scanBad, selectFailed, t.Workspace, i.ID, after)
			return err
		})
		if err != nil {
			return err
		}
		for _, row := range part {
			cells := make([]string, len(header)+1)
			for n := range min(len(row.cells), len(header)) {
				cells[n] = sheet.Guard(row.cells[n])
			}
			cells[len(header)] = sheet.Guard(row.message)
			out.Write(cells)
			after = row.number
		}
		out.Flush()
		if err := out.Error(); err != nil || len(part) == 0 {
			return err
		}
	}
}

func scanBad(row database.Row, b *bad) error {
	var cells *string
	if err := row.Scan(&b.number, &b.message, &cells); err != nil || cells == nil {
		return err
	}
	return json.Unmarshal([]byte(*cells), &b.cells)
}

// Told is what there is to say of an import row by row.
type Told struct {
	Problems []Problem `json:"problems"` // rows that failed or were skipped, the first two hundred
	Kept     []Kept    `json:"kept"`     // changes that an undo let stay, the first two hundred
}

// Kept is a change that an undo let stay.
type Kept struct {
	Row    int    `json:"row"`
	Kind   string `json:"kind"`
	ID     id.ID  `json:"id"`
	Reason string `json:"reason"`
}

// Told reads what there is to say of an import.
func (s Store) Told(ctx context.Context, t tenant.Tenant, which id.ID) (told Told, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, err := read(ctx, q, t, which, ""); err != nil {
			return err
		}
		problems, err := database.All(ctx, q, func(row database.Row, p *Problem) error {
			return row.Scan(&p.Row, &p.Line, &p.Outcome, &p.Message)
		}, selectTold, t.Workspace, which)
		if err != nil {
			return err
		}
		kept, err := database.All(ctx, q, func(row database.Row, k *Kept) error { return row.Scan(&k.Row, &k.Kind, &k.ID, &k.Reason) }, selectKept, t.Workspace, which)
		told = Told{append([]Problem{}, problems...), append([]Kept{}, kept...)}
		return err
	})
	return told, err
}
