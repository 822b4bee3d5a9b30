// Package imports brings tables of people, companies and deals into a
// workspace: uploaded, mapped to fields, tried without writing, run by a job
// in pieces that are each one transaction, and undone if that is wanted.
//
// A row has one outcome: created, updated, skipped or failed. The outcomes of
// a piece are committed with what they did, so a task that ends in the middle
// loses nothing and doubles nothing, and the counts always add up.
package imports

import (
	"encoding/json"
	"time"

	"apexai/crm/internal/id"
)

// The states of an import.
const (
	Ready     = "ready"    // uploaded; it can be mapped, checked and run
	Checking  = "checking" // a job tries it without writing
	Running   = "running"
	Done      = "done"
	Cancelled = "cancelled" // what was done until then stays
	Failed    = "failed"    // the file cannot be read on
	Undoing   = "undoing"
	Undone    = "undone"
)

// The outcomes of a row.
const (
	rowCreated = "created"
	rowUpdated = "updated"
	rowSkipped = "skipped"
	rowFailed  = "failed"
)

// The kinds of records that a table may hold.
const (
	People    = "people"
	Companies = "companies"
	Deals     = "deals"
)

var kinds = []string{People, Companies, Deals}

// An Import is one table on its way in.
type Import struct {
	ID         id.ID      `json:"id"`
	Version    int        `json:"version"`
	FileName   string     `json:"fileName"`
	Size       int64      `json:"size"`
	Status     string     `json:"status"`
	Shape      Shape      `json:"shape"`
	Mapping    Mapping    `json:"mapping"`
	Total      int        `json:"total"` // rows, without the header
	Done       int        `json:"done"`
	Counts     Counts     `json:"counts"`
	Report     *Report    `json:"report"` // of the latest check
	Undone     int        `json:"undone"` // changes taken back
	Kept       int        `json:"kept"`   // changes that were not, since somebody changed the record
	Fault      string     `json:"fault,omitempty"`
	CreatedAt  time.Time  `json:"createdAt"`
	CreatedBy  id.ID      `json:"createdBy"`
	StartedAt  *time.Time `json:"startedAt"`
	FinishedAt *time.Time `json:"finishedAt"`

	file id.ID
}

// RecordVersion goes into the ETag.
func (i Import) RecordVersion() int { return i.Version }

// Location is where the import is read.
func (i Import) Location() string { return "/api/v1/imports/" + i.ID.String() }

// Counts are how many rows had each outcome. They add up to the rows done.
type Counts struct {
	Created int `json:"created"`
	Updated int `json:"updated"`
	Skipped int `json:"skipped"`
	Failed  int `json:"failed"`
}

func (c *Counts) add(outcome string) {
	switch outcome {
	case rowCreated:
		c.Created++
	case rowUpdated:
		c.Updated++
	case rowSkipped:
		c.Skipped++
	default:
		c.Failed++
	}
}

func (c Counts) sum() int { return c.Created + c.Updated + c.Skipped + c.Failed }

// A Shape is how the table is written, and its columns.
type Shape struct {
	Encoding  string   `json:"encoding"`
	Delimiter string   `json:"delimiter"`
	Header    bool     `json:"header"`
	Source    string   `json:"source"` // the program that wrote it, if it was recognised
	Columns   []Column `json:"columns"`
}

// A Column is one column with a few of its values.
type Column struct {
	Name    string   `json:"name"`
	Samples []string `json:"samples"`
}

// A Mapping says what the columns mean and what to do with what is there already.
type Mapping struct {
	Kind            string   `json:"kind"`
	Columns         []string `json:"columns"`         // the field of each column; empty: not imported
	Existing        string   `json:"existing"`        // update, skip or create
	DateOrder       string   `json:"dateOrder"`       // ymd, dmy or mdy
	Decimal         string   `json:"decimal"`         // "." or ","
	CreateCompanies bool     `json:"createCompanies"` // those that people and deals name and that are not there
	OwnerID         *id.ID   `json:"ownerId"`         // of new records without an owner in the table
	Tags            []string `json:"tags"`            // put on every record
	PipelineID      *id.ID   `json:"pipelineId"`      // of deals
	Currency        string   `json:"currency"`        // of amounts without one
}

// The ways with records that are there already.
const (
	onUpdate = "update"
	onSkip   = "skip"
	onCreate = "create"
)

// A Report is what a check found: what a run would do.
type Report struct {
	Counts   Counts    `json:"counts"`
	Problems []Problem `json:"problems"` // the first hundred
	At       time.Time `json:"at"`
}

// A Problem is a row that would fail, or be skipped.
type Problem struct {
	Row     int    `json:"row"`
	Line    int    `json:"line"`
	Outcome string `json:"outcome"`
	Message string `json:"message"`
}

func encoded(v any) string {
	text, _ := json.Marshal(v) // plain data
	return string(text)
}
