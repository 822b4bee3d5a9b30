package service_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"apex/internal/service"
)

func TestOneOrAll(t *testing.T) {
	rows, none := map[string]string{"a": "A", "b": "B"}, errors.New("none")
	find := func(name string) (string, error) {
		if row, ok := rows[name]; ok {
			return row, nil
		}
		return "", none
	}
	name := func(s string) *string { return &s }
	for _, tt := range []struct {
		name *string
		want []string
		err  error
	}{{nil, []string{"A", "B"}, nil}, {name("b"), []string{"B"}, nil}, {name("c"), nil, none}} {
		got, err := service.OneOrAll(tt.name, find, maps.All(rows))
		slices.Sort(got)
		if !slices.Equal(got, tt.want) || err != tt.err {
			t.Errorf("got %v, %v, want %v, %v", got, err, tt.want, tt.err)
		}
	}
}
