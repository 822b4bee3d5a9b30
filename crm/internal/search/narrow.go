package search

import (
	"strings"

	"apexai/crm/internal/page"
)

// Narrow is what a list's condition becomes by what was typed above it: the
// given one, which asks search_words for a word LIKE ?, for each of the words.
// Text without any word leaves nothing.
func Narrow(has string, typed []string) (sql string, args []any) {
	if len(typed) == 0 {
		return "", nil
	}
	text := strings.Join(typed, " ")
	asked := question(text)
	if len(asked) == 0 {
		return " AND 1 = 0", nil
	}
	for _, word := range asked {
		sql += " AND " + has
		args = append(args, page.Prefix(word))
	}
	if number := dialled(text); number != nil && number[0] != asked[0] {
		return " AND (" + strings.TrimPrefix(sql, " AND ") + " OR " + has + ")", append(args, page.Prefix(number[0]))
	}
	return sql, args
}
