package sheet

import "strings"

// formula are the characters that begin one. The full-width forms count too:
// some spreadsheets take them for the plain ones.
const formula = "=+-@\t\r\n＝＋－＠"

// Guard puts an apostrophe before what a spreadsheet would take for a formula
// and run, and before what Unguard would take for guarded. Plain numbers and
// telephone numbers stay: they call nothing.
func Guard(cell string) string {
	if !begins(cell) {
		return cell
	}
	if (cell[0] == '+' || cell[0] == '-') && len(cell) > 1 && strings.Trim(cell[1:], "0123456789 .,/()-") == "" {
		return cell
	}
	return "'" + cell
}

// Unguard takes the apostrophe away again.
func Unguard(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && begins(rest) {
		return rest
	}
	return cell
}

// begins says whether there is a formula behind any apostrophes.
func begins(cell string) bool {
	return strings.IndexAny(strings.TrimLeft(cell, "'"), formula) == 0
}
