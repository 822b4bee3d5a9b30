package web

import "apexai/crm/internal/tenant"

// A Route is an operation at a method and path below the API's base, for
// callers of at least the role that it needs; Nobody means without a session.
// Summary and Query are for the API's description.
type Route struct {
	Pattern   string // "GET /people/{id}"
	Needs     tenant.Role
	Operation Operation
	Summary   string  // what it does, as an order: "List people"
	Query     []Param // what the address may carry behind the ?
}

// A Param is one value that a request's query may carry.
type Param struct {
	Name string
	Kind Kind
	Doc  string   // what it does, as a sentence
	Enum []string // the values that there are, if they are few
}

// A Kind is the form of a query's value.
type Kind string

// The kinds of values.
const (
	Text    Kind = "string"
	Integer Kind = "integer"
	Boolean Kind = "boolean"
	ID      Kind = "id"
	JSON    Kind = "json"
	Date    Kind = "date" // 2026-07-31
)
