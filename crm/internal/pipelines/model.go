// Package pipelines keeps the ways in which a workspace sells: pipelines and
// the stages that a deal goes through in each.
//
// A pipeline is read and written with its stages, in one version: adding,
// renaming, ordering and removing stages is one change of a list.
package pipelines

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/id"
	"apexai/crm/internal/money"
	"apexai/crm/internal/web"
)

// What a stage means for the deals in it.
const (
	Open = "open"
	Won  = "won"
	Lost = "lost"
)

// A Pipeline is one way of selling, with its stages in order.
type Pipeline struct {
	ID        id.ID     `json:"id"`
	Version   int       `json:"version"`
	Name      string    `json:"name"`
	Currency  string    `json:"currency"` // of deals that name none
	Position  int       `json:"position"`
	Stages    []Stage   `json:"stages"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// A Stage is a step of a pipeline. Probability is the chance, in percent, that
// a deal in it is won; a deal is stale after StaleDays in it, never if 0.
type Stage struct {
	ID          id.ID  `json:"id"`
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	Probability int    `json:"probability"`
	StaleDays   int    `json:"staleDays"`
	pipeline    id.ID
}

// Pipeline is the pipeline that a stage belongs to.
func (s Stage) Pipeline() id.ID { return s.pipeline }

// RecordVersion goes into the ETag.
func (p Pipeline) RecordVersion() int { return p.Version }

// Location is where the pipeline is read.
func (p Pipeline) Location() string { return "/api/v1/pipelines/" + p.ID.String() }

// A Draft is what a user writes about a pipeline. Preset names a ready one
// (GET /pipelines/presets), of which name and stages may be given anew;
// Replace takes away pipelines in which there is no deal.
type Draft struct {
	Name     string       `json:"name"`
	Currency string       `json:"currency"`
	Preset   string       `json:"preset"`
	Replace  bool         `json:"replace"`
	Stages   []StageDraft `json:"stages"`
}

// A StageDraft is a stage as a user writes it; without an id it is a new one.
type StageDraft struct {
	ID          *id.ID `json:"id"`
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	Probability int    `json:"probability"`
	StaleDays   int    `json:"staleDays"`
}

// A Patch is a JSON merge patch of a pipeline; stages are given whole, in
// their order, and those left out are taken away.
type Patch struct {
	Name     web.Field[string]       `json:"name"`
	Currency web.Field[string]       `json:"currency"`
	Stages   web.Field[[]StageDraft] `json:"stages"`
}

const (
	defaultCurrency = "USD"
	maxStages       = 14
	maxPipelines    = 20
	maxStaleDays    = 3650
)

func (d *Draft) check() error {
	var f check.Faults
	f.Line("/name", &d.Name, 80)
	if d.Name == "" {
		f.Add("/name", "required", "a pipeline needs a name")
	}
	d.Currency = strings.ToUpper(strings.TrimSpace(d.Currency))
	if !money.Known(d.Currency) {
		f.Add("/currency", "choice", "this is not a currency such as EUR")
	}
	checkStages(&f, d.Stages)
	if f.Problem() == nil {
		arrange(d.Stages)
	}
	return f.Problem()
}

func checkStages(f *check.Faults, stages []StageDraft) {
	if len(stages) > maxStages {
		f.Add("/stages", "too-many", fmt.Sprintf("at most %d stages", maxStages))
		return
	}
	seen, kinds := map[string]bool{}, map[string]int{}
	for i := range stages {
		s, at := &stages[i], fmt.Sprintf("/stages/%d", i)
		f.Line(at+"/name", &s.Name, 60)
		name := strings.ToLower(s.Name)
		if s.Name == "" {
			f.Add(at+"/name", "required", "a stage needs a name")
		} else if seen[name] {
			f.Add(at+"/name", "duplicate", "another stage has this name")
		}
		seen[name] = true
		if s.Kind == "" {
			s.Kind = Open
		}
		f.OneOf(at+"/kind", s.Kind, Open, Won, Lost)
		kinds[s.Kind]++
		if s.Probability < 0 || s.Probability > 100 {
			f.Add(at+"/probability", "range", "a probability is from 0 to 100 percent")
		}
		if s.StaleDays < 0 || s.StaleDays > maxStaleDays {
			f.Add(at+"/staleDays", "range", fmt.Sprintf("from 0 to %d days", maxStaleDays))
		}
	}
	if kinds[Open] == 0 || kinds[Won] != 1 || kinds[Lost] != 1 {
		f.Add("/stages", "kinds", "a pipeline has one or more open stages, one for won and one for lost deals")
	}
}

// arrange puts the open stages first and gives the other two what their kind
// implies.
func arrange(stages []StageDraft) {
	order := map[string]int{Open: 0, Won: 1, Lost: 2}
	slices.SortStableFunc(stages, func(a, b StageDraft) int { return order[a.Kind] - order[b.Kind] })
	for i := range stages {
		switch stages[i].Kind {
		case Won:
			stages[i].Probability, stages[i].StaleDays = 100, 0
		case Lost:
			stages[i].Probability, stages[i].StaleDays = 0, 0
		}
	}
}

func (p Pipeline) draft() Draft {
	d := Draft{Name: p.Name, Currency: p.Currency}
	for _, s := range p.Stages {
		d.Stages = append(d.Stages, StageDraft{&s.ID, s.Name, s.Kind, s.Probability, s.StaleDays})
	}
	return d
}

func (p Patch) over(d Draft) Draft {
	return Draft{Name: p.Name.Over(d.Name), Currency: p.Currency.Over(d.Currency), Stages: p.Stages.Over(d.Stages)}
}
