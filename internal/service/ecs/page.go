package ecs

import (
	"encoding/base64"
	"slices"

	"apex/internal/api"
)

// defaultPage is how many names a list answers when no maximum is given.
const defaultPage = 100

// follows returns where a page goes on after a name, which may be gone. The names
// are in order, up or down.
func follows(names []string, after string) int {
	if at := slices.Index(names, after); at >= 0 {
		return at + 1
	}
	falling := len(names) > 1 && names[0] > names[len(names)-1]
	at := slices.IndexFunc(names, func(name string) bool { return (name > after) != falling })
	if at < 0 {
		return len(names)
	}
	return at
}

// paged returns one page of names. The token is the last name of the page before.
func paged(names []string, token *string, limit *int64) (page []string, next *string, err error) {
	most := int(api.Or(limit, defaultPage))
	if most < 1 || most > defaultPage {
		return nil, nil, invalid("maxResults %d is not from 1 to %d.", most, defaultPage)
	}
	if token != nil {
		after, err := base64.RawURLEncoding.DecodeString(*token)
		if err != nil || len(after) == 0 {
			return nil, nil, invalid("Invalid token.")
		}
		names = names[follows(names, string(after)):]
	}
	if len(names) <= most {
		return orEmpty(names), nil, nil
	}
	return names[:most], api.Ptr(base64.RawURLEncoding.EncodeToString([]byte(names[most-1]))), nil
}
