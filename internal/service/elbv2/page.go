package elbv2

import (
	"slices"

	"apex/internal/api"
)

// largestPage is the most that one answer lists.
const largestPage = 400

// page cuts the part of a list that a marker and a size ask for. The marker is
// the key of the last item that was given.
func page[T any](items []T, key func(*T) string, marker *string, size *int64) (part []T, next *string, err error) {
	limit := int(api.Or(size, largestPage))
	if limit < 1 || limit > largestPage {
		return nil, nil, invalid("Page size '%d' must be from 1 to %d", limit, largestPage)
	}
	start := 0
	if m := api.Val(marker); m != "" {
		if start = 1 + slices.IndexFunc(items, func(item T) bool { return key(&item) == m }); start == 0 {
			// The item that the marker names is gone: what came after it did not.
			start = slices.IndexFunc(items, func(item T) bool { return key(&item) > m })
		}
		if start < 0 {
			return nil, nil, invalid("Invalid marker '%s'", m)
		}
	}
	items = items[start:]
	if len(items) > limit {
		return items[:limit], api.Ptr(key(&items[limit-1])), nil
	}
	return items, nil, nil
}
