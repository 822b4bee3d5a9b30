// Package page cuts lists into pages by tokens that survive changes: a token
// names the last item that was given and not how many, so that what comes or goes
// between two pages moves nothing else out of sight.
package page

import (
	"encoding/base64"
	"encoding/binary"
	"iter"
	"slices"
	"sort"
	"strings"
	"time"
)

// Of returns at most limit items of the list that come after the token, and the
// token of the next page if there is one. The list is in the ascending order of
// its items' keys, which are all different. It reports false for a token that
// this package did not make.
func Of[T any](all []T, key func(*T) string, token *string, limit int) (items []T, next *string, ok bool) {
	after, ok := read(token)
	if !ok {
		return nil, nil, false
	}
	start := 0
	if token != nil {
		start = sort.Search(len(all), func(i int) bool { return key(&all[i]) > after })
	}
	rest := all[start:]
	if len(rest) <= limit {
		return rest, nil, true
	}
	return rest[:limit], write(key(&rest[limit-1])), true
}

// Sorted is Of for a list in any order.
func Sorted[T any](all []T, key func(*T) string, token *string, limit int) (items []T, next *string, ok bool) {
	type keyed struct {
		key string
		at  int
	}
	keys := make([]keyed, len(all))
	for i := range all {
		keys[i] = keyed{key(&all[i]), i}
	}
	slices.SortFunc(keys, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	shown, next, ok := Of(keys, func(k *keyed) string { return k.key }, token, limit)
	items = make([]T, len(shown))
	for i, k := range shown {
		items[i] = all[k.at]
	}
	return items, next, ok
}

// Rows is Of for the rows of a table that keep wants, in the order of their keys.
// It looks at no more rows than it has to: after yields those behind a key, or
// all for an empty one.
func Rows[T any](after func(key string) iter.Seq2[string, T], keep func(T) bool, token *string, limit int) (items []T, next *string, ok bool) {
	from, ok := read(token)
	if !ok {
		return nil, nil, false
	}
	last := ""
	for key, row := range after(from) {
		switch {
		case !keep(row):
		case len(items) == limit:
			return items, write(last), true
		default:
			items, last = append(items, row), key
		}
	}
	return items, nil, true
}

func read(token *string) (after string, ok bool) {
	if token == nil {
		return "", true
	}
	text, err := base64.RawURLEncoding.DecodeString(*token)
	return string(text), err == nil && len(text) > 0
}

func write(key string) *string {
	text := base64.RawURLEncoding.EncodeToString([]byte(key))
	return &text
}

// Oldest is a key that puts the oldest first.
func Oldest(at time.Time, id string) string { return ordered(uint64(max(0, at.UnixNano())), id) }

// Newest is a key that puts the newest first.
func Newest(at time.Time, id string) string { return ordered(^uint64(max(0, at.UnixNano())), id) }

func ordered(n uint64, id string) string {
	return string(append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(id)), n), id...))
}

// Reverse is a key that puts the greatest text first.
func Reverse(text string) string {
	b := []byte(text)
	for i := range b {
		b[i] = ^b[i]
	}
	return string(append(b, 0xff)) // after what it begins, were it the other way round
}
