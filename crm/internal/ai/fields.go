package ai

import (
	"context"
	"encoding/json"
	"fmt"

	"apexai/crm/internal/filter"
	"apexai/crm/internal/tenant"
)

// filterable are the fields that a question can be about.
func (a Assistant) filterable(_ context.Context, t tenant.Tenant) (map[string]filter.Fields, error) {
	return map[string]filter.Fields{
		"people":    a.People.Filterable(t),
		"companies": a.Companies.Filterable(t),
	}, nil
}

func understood(r result, fields map[string]filter.Fields, err error) (Reading, error) {
	var got read
	if err != nil {
		return Reading{}, err
	}
	if err := json.Unmarshal(r.body, &got); err != nil {
		return Reading{}, fmt.Errorf("read what was understood: %w", err)
	}
	return reading(got, r.model, fields), nil
}
