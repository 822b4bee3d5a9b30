package server

import (
	"slices"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/tags"
	"apexai/crm/internal/web"
)

// lists are the routes about lists of records of any kind.
func lists(opened *database.DB) []web.Route {
	return slices.Concat(
		fields.API{Store: fields.Store{DB: opened, Now: time.Now}}.Routes(),
		tags.API{Store: tags.Store{DB: opened}}.Routes(),
	)
}
