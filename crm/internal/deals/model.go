// Package deals keeps what a workspace hopes to sell: deals, the people in
// them, their order in the lanes of a board and their way through the stages.
package deals

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/id"
	"apexai/crm/internal/money"
	"apexai/crm/internal/tags"
	"apexai/crm/internal/web"
)

// A Deal is one sale in hand, won or lost. Its status is what its stage means.
type Deal struct {
	ID                id.ID         `json:"id"`
	Version           int           `json:"version"`
	Title             string        `json:"title"`
	PipelineID        id.ID         `json:"pipelineId"`
	StageID           id.ID         `json:"stageId"`
	StageName         string        `json:"stageName"`
	Status            string        `json:"status"`
	Probability       int           `json:"probability"` // percent, the stage's
	Rank              string        `json:"rank"`        // orders the deals of a stage, byte by byte
	AmountMinor       int64         `json:"amountMinor"` // in the currency's smallest unit; 0 is not known
	Currency          string        `json:"currency"`
	CloseDate         *string       `json:"closeDate"` // a day of the calendar, in no time zone
	OwnerID           *id.ID        `json:"ownerId"`
	CompanyID         *id.ID        `json:"companyId"`
	CompanyName       string        `json:"companyName"` // empty if there is none, or it is in the trash
	PrimaryPersonID   *id.ID        `json:"primaryPersonId"`
	PrimaryPersonName string        `json:"primaryPersonName"`
	People            []Link        `json:"people"`
	LostReason        string        `json:"lostReason"`
	StageEnteredAt    time.Time     `json:"stageEnteredAt"`
	Stale             bool          `json:"stale"` // open, and longer in its stage than the stage allows
	ClosedAt          *time.Time    `json:"closedAt"`
	NextTask          *NextTask     `json:"nextTask"` // the open task that is due first
	Tags              []tags.Tag    `json:"tags"`
	Custom            fields.Values `json:"custom"` // the workspace's own fields, by key
	CreatedAt         time.Time     `json:"createdAt"`
	CreatedBy         id.ID         `json:"createdBy"`
	UpdatedAt         time.Time     `json:"updatedAt"`
	UpdatedBy         id.ID         `json:"updatedBy"`
	DeletedAt         *time.Time    `json:"deletedAt,omitempty"`

	staleDays int
}

// A NextTask is the open task of a deal that is due first.
type NextTask struct {
	ID      id.ID   `json:"id"`
	Title   string  `json:"title"`
	DueDate *string `json:"dueDate"`
	Late    bool    `json:"late"`
}

// A Link is a person with their part in a deal.
type Link struct {
	PersonID id.ID  `json:"personId"`
	Name     string `json:"name"`
	Role     string `json:"role"`
}

// RecordVersion goes into the ETag.
func (d Deal) RecordVersion() int { return d.Version }

// Location is where the deal is read.
func (d Deal) Location() string { return "/api/v1/deals/" + d.ID.String() }

// A Draft is what a user writes about a deal. Without a pipeline it goes into
// the first one, without a stage into the first of its pipeline, and without a
// currency it has the pipeline's. A deal's stage changes by moving it.
type Draft struct {
	Title           string        `json:"title"`
	PipelineID      *id.ID        `json:"pipelineId"`
	StageID         *id.ID        `json:"stageId"`
	AmountMinor     int64         `json:"amountMinor"`
	Currency        string        `json:"currency"`
	CloseDate       *string       `json:"closeDate"`
	OwnerID         *id.ID        `json:"ownerId"`
	CompanyID       *id.ID        `json:"companyId"`
	PrimaryPersonID *id.ID        `json:"primaryPersonId"`
	People          []Partner     `json:"people"`
	LostReason      string        `json:"lostReason"`
	Tags            []tags.Tag    `json:"tags"`
	Custom          fields.Values `json:"custom"`
}

// A Partner is a person's part in a deal, as a user writes it.
type Partner struct {
	PersonID id.ID  `json:"personId"`
	Name     string `json:"name"` // as it was read; not written
	Role     string `json:"role"`
}

const maxPeople = 30

func (d *Draft) check() error {
	var f check.Faults
	f.Line("/title", &d.Title, 200)
	if d.Title == "" {
		f.Add("/title", "required", "a deal needs a title")
	}
	if d.AmountMinor < 0 || d.AmountMinor > money.Most {
		f.Add("/amountMinor", "range", "an amount is from 0 to "+strconv.Itoa(money.Most))
	}
	d.Currency = strings.ToUpper(strings.TrimSpace(d.Currency))
	if d.Currency != "" && !money.Known(d.Currency) {
		f.Add("/currency", "choice", "this is not a currency such as EUR")
	}
	checkDay(&f, "/closeDate", &d.CloseDate)
	f.Line("/lostReason", &d.LostReason, 200)
	if len(d.People) > maxPeople {
		f.Add("/people", "too-many", "at most "+strconv.Itoa(maxPeople))
		return f.Problem()
	}
	seen := map[id.ID]bool{}
	for i := range d.People {
		p, at := &d.People[i], "/people/"+strconv.Itoa(i)
		f.Line(at+"/role", &p.Role, 60)
		if seen[p.PersonID] {
			f.Add(at+"/personId", "duplicate", "this person is here twice")
		}
		seen[p.PersonID] = true
	}
	return f.Problem()
}

// checkDay accepts a day of the calendar as YYYY-MM-DD; empty is none.
func checkDay(f *check.Faults, pointer string, day **string) {
	if *day == nil || **day == "" {
		*day = nil
		return
	}
	if t, err := time.Parse(time.DateOnly, **day); err != nil || t.Year() < 1970 || t.Year() > 2200 {
		f.Add(pointer, "date", "a date is written 2027-01-31, from 1970 to 2200")
	}
}

func (d Deal) draft() Draft {
	draft := Draft{
		Title: d.Title, PipelineID: &d.PipelineID, StageID: &d.StageID, AmountMinor: d.AmountMinor, Currency: d.Currency, CloseDate: d.CloseDate,
		OwnerID: d.OwnerID, CompanyID: d.CompanyID, PrimaryPersonID: d.PrimaryPersonID, LostReason: d.LostReason, Tags: d.Tags, Custom: d.Custom,
	}
	for _, l := range d.People {
		draft.People = append(draft.People, Partner(l))
	}
	return draft
}

// A Patch is a JSON merge patch of a Draft, but for the stage: POST
// /deals/{id}/move changes that. The list of people is replaced whole.
type Patch struct {
	Title           web.Field[string]     `json:"title"`
	AmountMinor     web.Field[int64]      `json:"amountMinor"`
	Currency        web.Field[string]     `json:"currency"`
	CloseDate       web.Field[*string]    `json:"closeDate"`
	OwnerID         web.Field[*id.ID]     `json:"ownerId"`
	CompanyID       web.Field[*id.ID]     `json:"companyId"`
	PrimaryPersonID web.Field[*id.ID]     `json:"primaryPersonId"`
	People          web.Field[[]Partner]  `json:"people"`
	LostReason      web.Field[string]     `json:"lostReason"`
	Tags            web.Field[[]tags.Tag] `json:"tags"`   // those that are new are made
	Custom          fields.Values         `json:"custom"` // only the given keys change; null empties one
}

// over is the draft with the patch applied, but for custom fields.
func (p Patch) over(d Draft) Draft {
	return Draft{
		Title: p.Title.Over(d.Title), PipelineID: d.PipelineID, StageID: d.StageID,
		AmountMinor: p.AmountMinor.Over(d.AmountMinor), Currency: p.Currency.Over(d.Currency), CloseDate: p.CloseDate.Over(d.CloseDate),
		OwnerID: p.OwnerID.Over(d.OwnerID), CompanyID: p.CompanyID.Over(d.CompanyID), PrimaryPersonID: p.PrimaryPersonID.Over(d.PrimaryPersonID),
		People: slices.Clone(p.People.Over(d.People)), LostReason: p.LostReason.Over(d.LostReason), Tags: p.Tags.Over(d.Tags), Custom: d.Custom,
	}
}
