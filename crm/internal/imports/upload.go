package imports

import (
	"bufio"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/sheet"
	"apexai/crm/internal/tenant"
)

const (
	// MaxFile is the largest table that is taken.
	MaxFile  = 20 << 20
	maxRows  = 500_000
	keepFor  = 30 * 24 * time.Hour
	headSize = 256 << 10
)

// Upload keeps a table and tells what it seems to be.
func (s Store) Upload(ctx context.Context, t tenant.Tenant, name, kind string, from io.Reader) (Import, error) {
	var faults check.Faults
	faults.OneOf("/kind", kind, kinds...)
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = cut(strings.Map(printable, name), 200)
	if err := faults.Problem(); err != nil {
		return Import{}, err
	}
	var detector sheet.Detector
	file, err := s.Files.Put(ctx, t, name, io.TeeReader(from, &detector), keepFor)
	if err != nil {
		return Import{}, err
	}
	i := Import{ID: id.New(), FileName: name, Size: file.Size, Status: Ready, file: file.ID}
	i.Shape.Encoding = detector.Encoding()
	if what := detector.Binary(); what != "" {
		err = unusable("this is " + what + "; export it as CSV first")
	} else {
		err = s.inspect(ctx, t, &i, kind)
	}
	if err != nil {
		return i, errors.Join(err, s.Files.Remove(context.WithoutCancel(ctx), t, file.ID))
	}
	return s.insert(ctx, t, i)
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7F {
		return -1
	}
	return r
}

func unusable(message string) error {
	return problem.Validation(problem.Fault{Pointer: "/file", Code: "table", Message: message})
}

func (s Store) insert(ctx context.Context, t tenant.Tenant, i Import) (made Import, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, insertOne, t.Workspace, i.ID, i.file, i.FileName, i.Size, i.Status, encoded(i.Shape), encoded(i.Mapping), i.Total, s.now(), t.User)
		if err != nil {
			return err
		}
		if made, err = read(ctx, q, t, i.ID, ""); err != nil {
			return err
		}
		return record(ctx, q, t, "created", nil, made)
	})
	return made, err
}

// inspect finds the table's shape, columns and rows, and guesses a mapping.
// What the shape says already is kept.
func (s Store) inspect(ctx context.Context, t tenant.Tenant, i *Import, kind string) error {
	head, err := sheet.Head(sheet.Decode(s.Files.Open(ctx, t, i.file), i.Shape.Encoding), headSize)
	if err != nil {
		return err
	}
	text, delimiter := separated(head)
	guessed, err := sheet.Guess(text)
	if err != nil {
		return unusable(err.Error())
	}
	if i.Shape.Delimiter == "" {
		i.Shape.Delimiter, i.Shape.Header = guessed.Delimiter, guessed.Header
		if delimiter != "" {
			i.Shape.Delimiter = delimiter
		}
	}
	rows := first20(text, i.Shape.Delimiter)
	i.Shape.Columns = describe(rows, i.Shape.Header)
	i.Shape.Source = sourceOf(i.Shape.Columns)
	if kind == "" {
		kind = kindOf(i.Shape.Columns)
	}
	if i.Total, err = s.count(ctx, t, *i); err != nil {
		return err
	}
	return s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, _, err := available(ctx, q, t, kind)
		i.Mapping = suggest(i.Shape.Columns, kind, all)
		return err
	})
}

// suggest is a mapping to begin with.
func suggest(columns []Column, kind string, all []Field) Mapping {
	m := Mapping{Kind: kind, Columns: guess(columns, kind, all), Existing: onUpdate, Decimal: ".", CreateCompanies: true, Tags: []string{}}
	var samples []string
	for i, key := range m.Columns {
		if f, _ := find(all, key); f.Form == formDate {
			samples = append(samples, columns[i].Samples...)
		} else if f.Form == formAmount || f.Form == formNumber {
			for _, v := range columns[i].Samples {
				if at := strings.LastIndexByte(v, ','); at >= 0 && (strings.LastIndexByte(v, '.') > 0 && strings.LastIndexByte(v, '.') < at || len(strings.TrimRight(v[at:], " €$£")) == 3) {
					m.Decimal = ","
				}
			}
		}
	}
	m.DateOrder = orderOf(samples)
	return m
}

// separated takes away Excel's first line, sep=; and tells what it says.
func separated(text []byte) ([]byte, string) {
	line, rest, _ := strings.Cut(string(text[:min(len(text), 8)]), "\n")
	line = strings.TrimSuffix(line, "\r")
	if v, ok := strings.CutPrefix(strings.ToLower(line), "sep="); ok && len(v) == 1 && len(rest) >= 0 {
		return text[strings.IndexByte(string(text), '\n')+1:], v
	}
	return text, ""
}

func first20(text []byte, delimiter string) []sheet.Row {
	r := sheet.NewReader(strings.NewReader(string(text)), delimiter[0])
	var rows []sheet.Row
	for len(rows) < 20 {
		row, err := r.Read()
		if err != nil {
			break
		}
		rows = append(rows, row)
	}
	return rows
}

// A table reads the rows of an import's file behind its header.
type table struct {
	rows   *sheet.Reader
	number int // of the next row, from 0
}

func (s Store) open(ctx context.Context, t tenant.Tenant, i Import) (*table, error) {
	text := bufio.NewReader(sheet.Decode(s.Files.Open(ctx, t, i.file), i.Shape.Encoding))
	if start, _ := text.Peek(8); len(start) > 0 { // a fault is met again by the reader
		if rest, mark := separated(start); mark != "" {
			text.Discard(len(start) - len(rest)) // it was seen
		}
	}
	all := &table{rows: sheet.NewReader(text, i.Shape.Delimiter[0])}
	if i.Shape.Header {
		if _, err := all.rows.Read(); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return all, nil
}

// next are up to n rows; fewer mean that the table ends.
func (a *table) next(n int) ([]sheet.Row, error) {
	var rows []sheet.Row
	for len(rows) < n {
		row, err := a.rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
		a.number++
	}
	return rows, nil
}

func (a *table) skip(n int) error {
	for a.number < n {
		rows, err := a.next(min(n-a.number, 1000))
		if err != nil || len(rows) == 0 {
			return err
		}
	}
	return nil
}

func (s Store) count(ctx context.Context, t tenant.Tenant, i Import) (int, error) {
	all, err := s.open(ctx, t, i)
	if err != nil {
		return 0, err
	}
	for {
		rows, err := all.next(1000)
		switch {
		case err != nil:
			return 0, err
		case all.number > maxRows:
			return 0, unusable("this table has more than 500,000 rows; part it")
		case len(rows) == 0 && all.number == 0:
			return 0, unusable("this table has a header and no rows")
		case len(rows) == 0:
			return all.number, nil
		}
	}
}

// A Reading is how somebody says that a table is to be read.
type Reading struct {
	Encoding  string `json:"encoding"`
	Delimiter string `json:"delimiter"`
	Header    *bool  `json:"header"`
	Kind      string `json:"kind"`
}

// Reread reads a table's columns anew, in another way or as another kind of
// records.
func (s Store) Reread(ctx context.Context, t tenant.Tenant, which id.ID, how Reading) (Import, error) {
	var faults check.Faults
	faults.OneOf("/encoding", how.Encoding, sheet.Encodings...)
	faults.OneOf("/kind", how.Kind, kinds...)
	if how.Delimiter != "" && (len(how.Delimiter) > 1 || !slices.Contains(sheet.Delimiters, how.Delimiter[0])) {
		faults.Add("/delimiter", "choice", "a comma, semicolon, tab or bar")
	}
	if err := faults.Problem(); err != nil {
		return Import{}, err
	}
	i, err := s.Get(ctx, t, which)
	if err != nil {
		return i, err
	}
	if err := i.in(Ready); err != nil {
		return i, err
	}
	changed := i
	if how.Encoding != "" {
		changed.Shape.Encoding = how.Encoding
	}
	if how.Delimiter != "" {
		changed.Shape.Delimiter = how.Delimiter
	}
	if how.Header != nil {
		changed.Shape.Header = *how.Header
	}
	kind := how.Kind
	if kind == "" {
		kind = i.Mapping.Kind
	}
	if err := s.inspect(ctx, t, &changed, kind); err != nil {
		return i, err
	}
	return s.change(ctx, t, which, func(_ context.Context, _ database.Queryer, i *Import) error {
		i.Shape, i.Mapping, i.Total, i.Report = changed.Shape, changed.Mapping, changed.Total, nil
		return i.in(Ready)
	})
}

// available are the fields of a kind, with the workspace's own.
func available(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string) ([]Field, []fields.Def, error) {
	defs, err := fields.Read(ctx, q, t, singular(kind))
	all := slices.Clone(catalog[kind])
	for _, d := range defs {
		all = append(all, Field{Key: fields.Prefix + d.Key, Label: d.Label, Form: formOf(d.Type), names: d.Key})
	}
	return all, defs, err
}

func singular(kind string) string {
	return map[string]string{People: "person", Companies: "company", Deals: "deal"}[kind]
}

func formOf(kind string) string {
	switch kind {
	case "number":
		return formNumber
	case "money":
		return formAmount
	case "date":
		return formDate
	case "bool":
		return formBool
	case "multi":
		return formList
	case "user":
		return formOwner
	}
	return formText
}
