package kms

import (
	"encoding/base64"
	"slices"

	"apex/internal/api"
	"apex/internal/api/kmsapi"
)

// page returns the items behind the one that the marker names; items are in the
// order of their names. A marker outlives its item.
func page[T any](all []T, name func(T) string, marker *string, limit int64) (items []T, next *string, err error) {
	if marker != nil {
		last, err := base64.RawURLEncoding.DecodeString(*marker)
		if err != nil {
			return nil, nil, kmsapi.NewInvalidMarkerException("The marker is invalid.")
		}
		at := slices.IndexFunc(all, func(t T) bool { return name(t) > string(last) })
		if at < 0 {
			at = len(all)
		}
		all = all[at:]
	}
	if all == nil {
		all = []T{}
	}
	if int64(len(all)) <= limit {
		return all, nil, nil
	}
	return all[:limit], api.Ptr(base64.RawURLEncoding.EncodeToString([]byte(name(all[limit-1])))), nil
}

func truncated(next *string) *bool { return api.Ptr(next != nil) }
