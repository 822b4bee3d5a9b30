// Package activities keeps what happened: notes, calls, meetings and messages
// that people log, and the changes that the CRM notes itself. One activity
// may stand in the timelines of several records.
package activities

import (
	"encoding/json"
	"strconv"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/id"
	"apexai/crm/internal/timeline"
	"apexai/crm/internal/web"
)

// A Link is a record in whose timeline an activity stands.
type Link = timeline.Link

// The types of activities. People write the first four; the others are the
// CRM's own notes and stay as they are.
const (
	Note        = timeline.Note
	Call        = timeline.Call
	Meeting     = timeline.Meeting
	Email       = timeline.Email
	StageChange = timeline.StageChange
	FieldChange = timeline.FieldChange
	Summary     = timeline.Summary
	Import      = timeline.Import
)

// An Entry is something that happened, as other subjects log it.
type Entry = timeline.Entry

const (
	// excerpt is how much of a text a timeline carries.
	excerpt  = 4000
	maxLinks = 20
)

// An Activity is one thing that happened.
type Activity struct {
	ID         id.ID           `json:"id"`
	Version    int             `json:"version"`
	Type       string          `json:"type"`
	Subject    string          `json:"subject"`
	Body       string          `json:"body"`       // in a timeline its first 4,000 characters
	BodyLength int             `json:"bodyLength"` // in characters; more than body has if it is cut
	OccurredAt time.Time       `json:"occurredAt"`
	AuthorID   *id.ID          `json:"authorId"`
	AuthorName string          `json:"authorName"`
	Meta       json.RawMessage `json:"meta,omitempty"` // a call's outcome and minutes, a change's fields
	Pinned     bool            `json:"pinned"`
	Links      []Link          `json:"links"`
	CreatedAt  time.Time       `json:"createdAt"`
	UpdatedAt  time.Time       `json:"updatedAt"`
	DeletedAt  *time.Time      `json:"deletedAt,omitempty"`
}

// RecordVersion goes into the ETag.
func (a Activity) RecordVersion() int { return a.Version }

// Location is where the activity is read.
func (a Activity) Location() string { return "/api/v1/activities/" + a.ID.String() }

// A Draft is what a person writes about something that happened.
type Draft struct {
	Type       string     `json:"type"`
	Subject    string     `json:"subject"`
	Body       string     `json:"body"`
	OccurredAt *time.Time `json:"occurredAt"` // now, if it is not given
	Outcome    string     `json:"outcome"`    // of a call
	Minutes    int        `json:"minutes"`    // of a call or meeting
	Pinned     bool       `json:"pinned"`
	Links      []Link     `json:"links"`
}

// Outcomes are the ends of a call.
var Outcomes = []string{"connected", "voicemail", "no-answer", "busy"}

func (d *Draft) check(now time.Time) error {
	var f check.Faults
	f.OneOf("/type", d.Type, Note, Call, Meeting, Email)
	if d.Type == "" {
		f.Add("/type", "required", "one of note, call, meeting, email")
	}
	f.Line("/subject", &d.Subject, 300)
	f.Lines("/body", &d.Body, timeline.MaxBody)
	if d.Subject == "" && d.Body == "" && d.Type != Call && d.Type != Meeting {
		f.Add("/body", "required", "write something")
	}
	if d.OccurredAt == nil {
		d.OccurredAt = &now
	}
	if at := *d.OccurredAt; at.Year() < 1970 || at.After(now.AddDate(5, 0, 0)) {
		f.Add("/occurredAt", "range", "this is too long ago or too far ahead")
	}
	f.OneOf("/outcome", d.Outcome, Outcomes...)
	if d.Outcome != "" && d.Type != Call {
		f.Add("/outcome", "choice", "only a call has an outcome")
	}
	if d.Minutes < 0 || d.Minutes > 24*60 {
		f.Add("/minutes", "range", "from 0 to 1440")
	}
	checkLinks(&f, d.Links)
	return f.Problem()
}

func checkLinks(f *check.Faults, links []Link) {
	if len(links) == 0 {
		f.Add("/links", "required", "an activity belongs to at least one record")
	}
	if len(links) > maxLinks {
		f.Add("/links", "too-many", "at most "+strconv.Itoa(maxLinks))
	}
	for i, l := range links {
		if _, ok := selectTarget[l.Kind]; !ok {
			f.Add("/links/"+strconv.Itoa(i)+"/kind", "choice", "person, company or deal")
		}
	}
}

// meta is what an activity of this draft keeps besides its text.
type meta struct {
	Outcome string `json:"outcome,omitempty"`
	Minutes int    `json:"minutes,omitempty"`
}

func (a Activity) draft() Draft {
	var m meta
	if a.Meta != nil {
		json.Unmarshal(a.Meta, &m) // of other types it has other members
	}
	return Draft{a.Type, a.Subject, a.Body, &a.OccurredAt, m.Outcome, m.Minutes, a.Pinned, a.Links}
}

// A Patch is a JSON merge patch of a Draft; the type stays.
type Patch struct {
	Subject    web.Field[string]     `json:"subject"`
	Body       web.Field[string]     `json:"body"`
	OccurredAt web.Field[*time.Time] `json:"occurredAt"`
	Outcome    web.Field[string]     `json:"outcome"`
	Minutes    web.Field[int]        `json:"minutes"`
	Pinned     web.Field[bool]       `json:"pinned"`
	Links      web.Field[[]Link]     `json:"links"`
}

func (p Patch) over(d Draft) Draft {
	return Draft{
		d.Type, p.Subject.Over(d.Subject), p.Body.Over(d.Body), p.OccurredAt.Over(d.OccurredAt),
		p.Outcome.Over(d.Outcome), p.Minutes.Over(d.Minutes), p.Pinned.Over(d.Pinned), p.Links.Over(d.Links),
	}
}

// onlyPins says that a patch touches nothing that somebody wrote.
func (p Patch) onlyPins() bool {
	return !p.Subject.Given && !p.Body.Given && !p.OccurredAt.Given && !p.Outcome.Given && !p.Minutes.Given && !p.Links.Given
}
