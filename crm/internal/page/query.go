package page

import (
	"strings"

	"apexai/crm/internal/web"
)

// Query describes what every list's address may carry, for the API's
// description.
func Query(orders Orders) []web.Param {
	return []web.Param{
		{Name: "limit", Kind: web.Integer, Doc: "How many at most, from 1 to 200; 50 by default."},
		{Name: "cursor", Kind: web.Text, Doc: "The nextCursor of the page before, of the same list, sort and filters."},
		{Name: "sort", Kind: web.Text, Doc: "One of " + strings.ReplaceAll(orders.names(), ", ", " ") + ", cf.<key> of the workspace's own fields, or up to three of them with commas between; a minus turns the order."},
		{Name: "q", Kind: web.Text, Doc: "Words, each the beginning of one of the record's."},
		{Name: "filter", Kind: web.JSON, Doc: `Conditions, such as {"and":[{"f":"owner","op":"=","v":"me"},{"f":"createdAt","op":">=","v":"-30d"}]}; the fields are in /schema.`},
		{Name: "count", Kind: web.Text, Doc: "Also count all that match, up to 10,000.", Enum: []string{"exact"}},
	}
}
