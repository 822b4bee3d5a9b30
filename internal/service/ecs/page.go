package ecs

import (
	"encoding/base64"
	"slices"

	"apex/internal/api"
)

// defaultPage is how many names a list answers when no maximum is given.
const defaultPage = 100

// paged returns one page of names. The token is the last name of the page before.
func paged(names []string, token *string, limit *int64) (page []string, next *string, err error) {
	most := int(api.Or(limit, defaultPage))
	if most < 1 || most > defaultPage {
		return nil, nil, invalid("maxResults %d is not from 1 to %d.", most, defaultPage)
	}
	if token != nil {
		after, err := base64.RawURLEncoding.DecodeString(*token)
		at := slices.Index(names, string(after))
		if err != nil || at < 0 {
			return nil, nil, invalid("Invalid token.")
		}
		names = names[at+1:]
	}
	if len(names) <= most {
		return orEmpty(names), nil, nil
	}
	return names[:most], api.Ptr(base64.RawURLEncoding.EncodeToString([]byte(names[most-1]))), nil
}
