// Package companies keeps the organisations that a workspace deals with.
package companies

import (
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tags"
	"apexai/crm/internal/web"
)

// A Company is one organisation.
type Company struct {
	ID             id.ID         `json:"id"`
	Version        int           `json:"version"`
	Name           string        `json:"name"`
	Domain         string        `json:"domain"`
	Industry       string        `json:"industry"`
	SizeBand       string        `json:"sizeBand"`
	Address        string        `json:"address"`
	OwnerID        *id.ID        `json:"ownerId"`
	PeopleCount    int           `json:"peopleCount"`
	Source         string        `json:"source"`         // how it became known: "website", "fair"
	Score          int           `json:"score"`          // 0 to 100, by the workspace's rules; 0 if there is none
	LastActivityAt *time.Time    `json:"lastActivityAt"` // the latest note, call, meeting or e-mail
	Tags           []tags.Tag    `json:"tags"`
	Custom         fields.Values `json:"custom"` // the workspace's own fields, by key
	CreatedAt      time.Time     `json:"createdAt"`
	CreatedBy      id.ID         `json:"createdBy"`
	UpdatedAt      time.Time     `json:"updatedAt"`
	UpdatedBy      id.ID         `json:"updatedBy"`
	DeletedAt      *time.Time    `json:"deletedAt,omitempty"`
}

// RecordVersion goes into the ETag.
func (c Company) RecordVersion() int { return c.Version }

// Location is where the company is read.
func (c Company) Location() string { return "/api/v1/companies/" + c.ID.String() }

// A Draft is what a person writes about a company.
type Draft struct {
	Name     string        `json:"name"`
	Domain   string        `json:"domain"`
	Industry string        `json:"industry"`
	SizeBand string        `json:"sizeBand"`
	Address  string        `json:"address"`
	OwnerID  *id.ID        `json:"ownerId"`
	Source   string        `json:"source"`
	Tags     []tags.Tag    `json:"tags"`
	Custom   fields.Values `json:"custom"`
}

// sizes are the bands of how many people a company has.
var sizes = []string{"1-10", "11-50", "51-200", "201-1000", "1001+"}

func (d *Draft) check() error {
	var f check.Faults
	f.Line("/name", &d.Name, 200)
	if d.Name == "" {
		f.Add("/name", "required", "a company needs a name")
	}
	f.Domain("/domain", &d.Domain)
	f.Line("/industry", &d.Industry, 100)
	f.Line("/source", &d.Source, 100)
	f.OneOf("/sizeBand", d.SizeBand, sizes...)
	f.Lines("/address", &d.Address, 500)
	return f.Problem()
}

func (c Company) draft() Draft {
	return Draft{
		Name: c.Name, Domain: c.Domain, Industry: c.Industry, SizeBand: c.SizeBand, Address: c.Address,
		OwnerID: c.OwnerID, Source: c.Source, Tags: c.Tags, Custom: c.Custom,
	}
}

// A Patch is a JSON merge patch of a Draft.
type Patch struct {
	Name     web.Field[string]     `json:"name"`
	Domain   web.Field[string]     `json:"domain"`
	Industry web.Field[string]     `json:"industry"`
	SizeBand web.Field[string]     `json:"sizeBand"`
	Address  web.Field[string]     `json:"address"`
	OwnerID  web.Field[*id.ID]     `json:"ownerId"`
	Source   web.Field[string]     `json:"source"`
	Tags     web.Field[[]tags.Tag] `json:"tags"`   // those that are new are made
	Custom   fields.Values         `json:"custom"` // only the given keys change; null empties one
}

// over is the draft with the patch applied, but for custom fields.
func (p Patch) over(d Draft) Draft {
	return Draft{
		Name: p.Name.Over(d.Name), Domain: p.Domain.Over(d.Domain), Industry: p.Industry.Over(d.Industry),
		SizeBand: p.SizeBand.Over(d.SizeBand), Address: p.Address.Over(d.Address), OwnerID: p.OwnerID.Over(d.OwnerID),
		Source: p.Source.Over(d.Source), Tags: p.Tags.Over(d.Tags), Custom: d.Custom,
	}
}
