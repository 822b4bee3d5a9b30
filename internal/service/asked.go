package service

import "iter"

// OneOrAll returns what a Describe operation is about: the one that is named, or
// find's error for a name that stands for nothing; all, if none is named.
func OneOrAll[T any](name *string, find func(name string) (T, error), all iter.Seq2[string, T]) ([]T, error) {
	if name != nil {
		one, err := find(*name)
		if err != nil {
			return nil, err
		}
		return []T{one}, nil
	}
	var rows []T
	for _, row := range all {
		rows = append(rows, row)
	}
	return rows, nil
}
