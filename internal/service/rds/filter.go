package rds

import (
	"slices"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
)

// filtered keeps what every filter names. have returns an item's values for a
// filter's name, and whether there is such a filter.
func filtered[T any](all []T, filters []rdsapi.Filter, have func(item T, name string) ([]string, bool)) ([]T, error) {
	for _, f := range filters {
		name := api.Val(f.Name)
		var none T
		if _, known := have(none, name); !known {
			return nil, invalid("Unrecognized filter name: %s", name)
		}
		all = slices.DeleteFunc(all, func(item T) bool {
			values, _ := have(item, name)
			return !slices.ContainsFunc(f.Values, func(v string) bool { return slices.Contains(values, v) })
		})
	}
	return all, nil
}
