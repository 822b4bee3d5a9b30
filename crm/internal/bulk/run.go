// Package bulk changes many records at once: those that are named or that a
// filter finds. Each stands for itself: one that cannot be changed is told
// apart and keeps nothing from the others. A run can be undone.
package bulk

import (
	"encoding/json"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tags"
	"apexai/crm/internal/tasks"
)

const (
	atOnce    = 200   // more is a job's work
	most      = 10000 // records of one run
	chunkSize = 100   // records of one transaction
	maxFaults = 100   // that an answer tells
)

// An Order says which records are meant, by ids or by a filter, and what is
// to be done with each of them: one thing.
type Order struct {
	IDs        []id.ID         `json:"ids"`
	Filter     *filter.Node    `json:"filter"` // {} means all
	Q          string          `json:"q"`      // words, beside the filter
	Set        json.RawMessage `json:"set"`    // a merge patch
	AddTags    []tags.Tag      `json:"addTags"`
	RemoveTags []tags.Tag      `json:"removeTags"`
	Delete     bool            `json:"delete"`
	Task       *tasks.Draft    `json:"task"` // one for each, about it
}

// An action is what is kept of an order.
type action struct {
	Set        json.RawMessage `json:"set,omitempty"`
	AddTags    []tags.Tag      `json:"addTags,omitempty"`
	RemoveTags []tags.Tag      `json:"removeTags,omitempty"`
	Delete     bool            `json:"delete,omitempty"`
	Task       *tasks.Draft    `json:"task,omitempty"`
}

// The states of a run.
const (
	running = "running"
	done    = "done"
	undoing = "undoing"
	undone  = "undone"
)

// A Run is one change of many records and what became of it.
type Run struct {
	ID         id.ID      `json:"id"`
	Kind       string     `json:"kind"`
	Status     string     `json:"status"` // running, done, undoing, undone
	Total      int        `json:"total"`
	Done       int        `json:"done"`
	Failed     int        `json:"failed"`
	Undone     int        `json:"undone"`
	Kept       int        `json:"kept"`   // were changed since, so undoing left them
	Faults     []Fault    `json:"faults"` // the first hundred
	CreatedAt  time.Time  `json:"createdAt"`
	CreatedBy  id.ID      `json:"createdBy"`
	FinishedAt *time.Time `json:"finishedAt"`

	action action
}

// A Fault is a record that was not changed, or not changed back.
type Fault struct {
	ID      id.ID  `json:"id"`
	Message string `json:"message"`
}

// Location is where the run is read.
func (r Run) Location() string { return "/api/v1/bulk/" + r.ID.String() }

func (o Order) check(kind records.Kind) (action, error) {
	var f check.Faults
	if (len(o.IDs) > 0) == (o.Filter != nil) {
		f.Add("/ids", "required", "either ids or a filter")
	}
	if len(o.IDs) > most {
		f.Add("/ids", "too-many", "at most 10000 records at once")
	}
	a := action{o.Set, o.AddTags, o.RemoveTags, o.Delete, o.Task}
	if string(a.Set) == "null" {
		a.Set = nil
	}
	things := 0
	for _, given := range []bool{len(a.Set) > 0, len(a.AddTags) > 0, len(a.RemoveTags) > 0, a.Delete, a.Task != nil} {
		if given {
			things++
		}
	}
	if things != 1 {
		f.Add("", "action", "one of set, addTags, removeTags, delete and task")
	}
	var patch map[string]json.RawMessage
	if len(a.Set) > 0 && (json.Unmarshal(a.Set, &patch) != nil || len(patch) == 0) {
		f.Add("/set", "type", "an object of the members to change")
	}
	if err := f.Problem(); err != nil || len(a.Set) == 0 {
		return a, err
	}
	return a, problem.Within("/set", kind.Fits(a.Set))
}
