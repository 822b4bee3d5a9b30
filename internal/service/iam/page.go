package iam

import (
	"encoding/base64"
	"iter"

	"apex/internal/api"
)

// defaultItems is how many items a list answers when no maximum is given.
const defaultItems = 100

// A listPage is a part of a list with the marker of the next.
type listPage[T any] struct {
	items     []T
	truncated bool
	marker    *string
}

// page picks the items of a page. Its marker names the last item of the page
// before, so that it stays right while the list changes.
func page[T any](all iter.Seq2[string, T], marker *string, limit *int64, keep func(T) bool) (listPage[T], error) {
	var p listPage[T]
	after, err := base64.RawURLEncoding.DecodeString(api.Val(marker))
	if err != nil {
		return p, invalid("Invalid Marker.")
	}
	last := ""
	for k, v := range all {
		if len(after) > 0 && k <= string(after) || !keep(v) {
			continue
		}
		if int64(len(p.items)) == api.Or(limit, defaultItems) {
			p.truncated, p.marker = true, api.Ptr(base64.RawURLEncoding.EncodeToString([]byte(last)))
			break
		}
		p.items, last = append(p.items, v), k
	}
	return p, nil
}
