package scheduler

import (
	"strconv"

	"apex/internal/api"
)

// page cuts a list into pages of at most a hundred.
func page[T any](all []T, most *int64, token *string) ([]T, *string, error) {
	start, size := 0, int(api.Or(most, 100))
	if token != nil {
		n, err := strconv.Atoi(*token)
		if err != nil || n < 0 {
			return nil, nil, bad("Invalid NextToken.")
		}
		start = min(n, len(all))
	}
	rest := all[start:]
	if len(rest) <= size {
		return rest, nil, nil
	}
	return rest[:size], api.Ptr(strconv.Itoa(start + size)), nil
}
