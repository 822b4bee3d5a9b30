package rds

import (
	"encoding/base64"

	"apex/internal/api"
)

// page cuts one page out of a list that is in order of its names. The marker is
// the last name of the page before, so that it stays right while the list
// changes.
func page[T any](all []T, name func(T) string, maxRecords *int64, marker *string) ([]T, *string, error) {
	return pageOf(all, name, 100, maxRecords, marker)
}

// pageOf is page for an operation whose pages may be longer than the usual.
func pageOf[T any](all []T, name func(T) string, longest int64, maxRecords *int64, marker *string) ([]T, *string, error) {
	limit := api.Or(maxRecords, 100)
	if limit < 20 || limit > longest {
		return nil, nil, invalid("Invalid value %d for MaxRecords. Must be between 20 and %d", limit, longest)
	}
	after, err := base64.RawURLEncoding.DecodeString(api.Val(marker))
	if err != nil {
		return nil, nil, invalid("The marker is none that this operation gave")
	}
	var out []T
	for _, item := range all {
		if name(item) <= string(after) {
			continue
		}
		if int64(len(out)) == limit {
			return out, api.Ptr(base64.RawURLEncoding.EncodeToString([]byte(name(out[limit-1])))), nil
		}
		out = append(out, item)
	}
	return out, nil, nil
}
