package database

import (
	"encoding/hex"
	"strconv"
	"strings"

	"apexai/crm/internal/id"
)

// inline writes ids and numbers, of which a list's statements have hundreds,
// into a query in place of their marks. What needs quotes is left to the
// driver, with its mark.
func inline(query string, args []any) (string, []any) {
	if len(args) == 0 {
		return query, nil
	}
	var b strings.Builder
	b.Grow(len(query) + len(args)*len("0x0123456789abcdef0123456789abcdef"))
	var left []any
	var room [34]byte
	text := query
	for _, a := range args {
		before, after, ok := strings.Cut(text, "?")
		if !ok {
			return query, args // the driver tells what is wrong
		}
		b.WriteString(before)
		text = after
		switch a := a.(type) {
		case id.ID:
			b.Write(hex.AppendEncode(append(room[:0], "0x"...), a[:]))
		case int:
			b.Write(strconv.AppendInt(room[:0], int64(a), 10))
		case uint32:
			b.Write(strconv.AppendUint(room[:0], uint64(a), 10))
		default:
			b.WriteByte('?')
			left = append(left, a)
		}
	}
	b.WriteString(text)
	return b.String(), left
}
