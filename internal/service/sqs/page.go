package sqs

import (
	"strconv"

	"apex/internal/api"
)

// page cuts a list into pages of at most a thousand; only who asks for a number
// gets a token for more, as on AWS.
func page[T any](all []T, most *int64, token *string) ([]T, *string, error) {
	size := int(api.Or(most, 1000))
	if size < 1 || size > 1000 {
		return nil, nil, badValue("MaxResults", strconv.Itoa(size), "MaxResults must be between 1 and 1000.")
	}
	start := 0
	if token != nil {
		n, err := strconv.Atoi(*token)
		if err != nil || n < 0 {
			return nil, nil, badValue("NextToken", *token, "The token is not one of this list.")
		}
		start = min(n, len(all))
	}
	rest := all[start:]
	if len(rest) <= size {
		return rest, nil, nil
	}
	if most == nil {
		return rest[:size], nil, nil
	}
	return rest[:size], api.Ptr(strconv.Itoa(start + size)), nil
}
