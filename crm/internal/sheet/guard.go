package sheet

import "strings"

// Guard puts an apostrophe before what a spreadsheet would take for a formula
// and run. Plain numbers and telephone numbers stay: they call nothing.
func Guard(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return cell
	}
	if cell[0] != '=' && cell[0] != '@' && len(cell) > 1 && strings.Trim(cell[1:], "0123456789 .,/()-") == "" {
		return cell
	}
	return "'" + cell
}
