// Package people keeps the persons that a workspace deals with.
package people

import (
	"slices"
	"strconv"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tags"
	"apexai/crm/internal/web"
)

// A Person is somebody, with every way to reach them; the first of the e-mail
// addresses and of the numbers is the one to use.
type Person struct {
	ID            id.ID         `json:"id"`
	Version       int           `json:"version"`
	FirstName     string        `json:"firstName"`
	LastName      string        `json:"lastName"`
	Title         string        `json:"title"`
	Emails        []Contact     `json:"emails"`
	Phones        []Contact     `json:"phones"`
	CompanyID     *id.ID        `json:"companyId"`
	CompanyName   string        `json:"companyName"` // empty if there is none, or it is in the trash
	OwnerID       *id.ID        `json:"ownerId"`
	Source        string        `json:"source"` // how they became known: "website", "fair"
	Address       string        `json:"address"`
	Score         int           `json:"score"`         // 0 to 100, by the workspace's rules; 0 if there is none
	LastContactAt *time.Time    `json:"lastContactAt"` // the latest call, meeting or e-mail
	Tags          []tags.Tag    `json:"tags"`
	Custom        fields.Values `json:"custom"` // the workspace's own fields, by key
	CreatedAt     time.Time     `json:"createdAt"`
	CreatedBy     id.ID         `json:"createdBy"`
	UpdatedAt     time.Time     `json:"updatedAt"`
	UpdatedBy     id.ID         `json:"updatedBy"`
	DeletedAt     *time.Time    `json:"deletedAt,omitempty"`
}

// A Contact is one e-mail address or telephone number.
type Contact struct {
	Value string `json:"value"`
	Kind  string `json:"kind"`
	norm  string
}

// RecordVersion goes into the ETag.
func (p Person) RecordVersion() int { return p.Version }

// Location is where the person is read.
func (p Person) Location() string { return "/api/v1/people/" + p.ID.String() }

// A Draft is what a user writes about a person.
type Draft struct {
	FirstName string        `json:"firstName"`
	LastName  string        `json:"lastName"`
	Title     string        `json:"title"`
	Emails    []Contact     `json:"emails"`
	Phones    []Contact     `json:"phones"`
	CompanyID *id.ID        `json:"companyId"` // if there is none, that of the first e-mail address's domain
	OwnerID   *id.ID        `json:"ownerId"`
	Source    string        `json:"source"`
	Address   string        `json:"address"`
	Tags      []tags.Tag    `json:"tags"`
	Custom    fields.Values `json:"custom"`
}

const maxContacts = 10

var kinds = []string{"work", "personal", "mobile", "other"}

func (d *Draft) check() error {
	var f check.Faults
	f.Line("/firstName", &d.FirstName, 100)
	f.Line("/lastName", &d.LastName, 100)
	f.Line("/title", &d.Title, 150)
	f.Line("/source", &d.Source, 100)
	f.Lines("/address", &d.Address, 500)
	contacts(&f, "/emails", d.Emails, f.Email)
	contacts(&f, "/phones", d.Phones, f.Phone)
	if d.FirstName == "" && d.LastName == "" && len(d.Emails) == 0 {
		f.Add("/firstName", "required", "a person needs a name or an e-mail address")
	}
	return f.Problem()
}

func contacts(f *check.Faults, pointer string, list []Contact, clean func(string, *string) string) {
	if len(list) > maxContacts {
		f.Add(pointer, "too-many", "at most "+strconv.Itoa(maxContacts))
		return
	}
	seen := map[string]bool{}
	for i := range list {
		c, at := &list[i], pointer+"/"+strconv.Itoa(i)
		if c.norm = clean(at+"/value", &c.Value); seen[c.norm] {
			f.Add(at+"/value", "duplicate", "this is here twice")
		}
		seen[c.norm] = true
		if c.Kind == "" {
			c.Kind = kinds[0]
		}
		f.OneOf(at+"/kind", c.Kind, kinds...)
	}
}

func (p Person) draft() Draft {
	return Draft{
		FirstName: p.FirstName, LastName: p.LastName, Title: p.Title, Emails: slices.Clone(p.Emails), Phones: slices.Clone(p.Phones),
		CompanyID: p.CompanyID, OwnerID: p.OwnerID, Source: p.Source, Address: p.Address, Tags: p.Tags, Custom: p.Custom,
	}
}

// A Patch is a JSON merge patch of a Draft; lists are replaced whole.
type Patch struct {
	FirstName web.Field[string]     `json:"firstName"`
	LastName  web.Field[string]     `json:"lastName"`
	Title     web.Field[string]     `json:"title"`
	Emails    web.Field[[]Contact]  `json:"emails"`
	Phones    web.Field[[]Contact]  `json:"phones"`
	CompanyID web.Field[*id.ID]     `json:"companyId"`
	OwnerID   web.Field[*id.ID]     `json:"ownerId"`
	Source    web.Field[string]     `json:"source"`
	Address   web.Field[string]     `json:"address"`
	Tags      web.Field[[]tags.Tag] `json:"tags"`   // those that are new are made
	Custom    fields.Values         `json:"custom"` // only the given keys change; null empties one
}

// over is the draft with the patch applied, but for custom fields.
func (p Patch) over(d Draft) Draft {
	return Draft{
		FirstName: p.FirstName.Over(d.FirstName), LastName: p.LastName.Over(d.LastName), Title: p.Title.Over(d.Title),
		Emails: p.Emails.Over(d.Emails), Phones: p.Phones.Over(d.Phones),
		CompanyID: p.CompanyID.Over(d.CompanyID), OwnerID: p.OwnerID.Over(d.OwnerID),
		Source: p.Source.Over(d.Source), Address: p.Address.Over(d.Address), Tags: p.Tags.Over(d.Tags), Custom: d.Custom,
	}
}
