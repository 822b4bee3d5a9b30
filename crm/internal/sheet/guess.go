package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Delimiters are those that are looked for.
var Delimiters = []byte{',', ';', '\t', '|'}

const looksAt = 30 // rows

// A Shape is how a table is written.
type Shape struct {
	Delimiter string `json:"delimiter"`
	Header    bool   `json:"header"` // the first row names the columns
}

// Guess tells the shape of a table from the beginning of its text.
func Guess(text []byte) (Shape, error) {
	best, bestScore := Shape{Delimiter: ","}, -1.0
	var first []Row
	for _, d := range Delimiters {
		rows := sample(text, d)
		if score := evenness(rows); score > bestScore {
			best.Delimiter, bestScore, first = string(d), score, rows
		}
	}
	if len(first) == 0 {
		return best, errors.New("the file has no rows")
	}
	if strings.HasPrefix(first[0].Fault, "this row has more than") {
		return best, fmt.Errorf("the file has more than %d columns", MaxColumns)
	}
	best.Header = isHeader(first)
	return best, nil
}

// sample are the first rows, without one that the end of text cut.
func sample(text []byte, delimiter byte) []Row {
	r := NewReader(bytes.NewReader(text), delimiter)
	var rows []Row
	for len(rows) < looksAt {
		row, err := r.Read()
		if err != nil {
			break
		}
		rows = append(rows, row)
	}
	return rows
}

// evenness is higher the more rows have as many columns as the first, and the
// more columns that is.
func evenness(rows []Row) float64 {
	if len(rows) == 0 {
		return 0
	}
	width, same := len(rows[0].Cells), 0
	for _, row := range rows {
		if len(row.Cells) == width {
			same++
		}
	}
	if width < 2 {
		return 0.1
	}
	share := float64(same) / float64(len(rows))
	return share*100 + float64(min(width, 50))
}

// isHeader: names are different, not empty, and look like no values.
func isHeader(rows []Row) bool {
	seen, empty := map[string]bool{}, 0
	for _, cell := range rows[0].Cells {
		name := strings.ToLower(cell)
		if name == "" {
			empty++
			continue
		}
		if seen[name] || strings.ContainsRune(name, '@') || strings.Trim(name, "0123456789.,-/+ ()") == "" || len(name) > 100 {
			return len(rows) > 1 && seen[name] && !strings.ContainsRune(strings.Join(rows[0].Cells, ""), '@')
		}
		seen[name] = true
	}
	return empty*2 <= len(rows[0].Cells)
}

// Head reads up to n bytes.
func Head(r io.Reader, n int64) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, n))
}
