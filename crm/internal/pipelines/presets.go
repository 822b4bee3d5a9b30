package pipelines

import "slices"

// A Preset is a ready pipeline to begin with.
type Preset struct {
	Key    string  `json:"key"`
	Name   string  `json:"name"`
	About  string  `json:"about"`
	Stages []Named `json:"stages"`
}

// Named is a stage of a preset.
type Named struct {
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	Probability int    `json:"probability"`
	StaleDays   int    `json:"staleDays"`
	About       string `json:"about"`
}

func ends(open ...Named) []Named {
	return append(open, Named{"Won", Won, 100, 0, "The customer has signed."}, Named{"Lost", Lost, 0, 0, "It will not happen, with the reason."})
}

// Presets are the ready pipelines; the first is what a new workspace gets.
func Presets() []Preset {
	return []Preset{
		{"sales", "Sales", "Selling to other companies, from the first talk to the contract.", ends(
			Named{"Lead", Open, 10, 14, "Somebody might buy. Find out whether it fits."},
			Named{"Qualified", Open, 25, 21, "There is a need, a budget and somebody who decides."},
			Named{"Proposal", Open, 50, 14, "They have an offer in writing."},
			Named{"Negotiation", Open, 75, 14, "Price and terms are being settled."},
		)},
		{"agency", "Projects", "Winning projects: briefing, estimate, agreement.", ends(
			Named{"Inquiry", Open, 15, 7, "Somebody asked. Answer within a day."},
			Named{"Briefing", Open, 35, 14, "What is wanted is understood."},
			Named{"Estimate sent", Open, 60, 10, "They know what it costs and how long it takes."},
		)},
		{"trial", "Subscriptions", "Software that people try before they pay.", ends(
			Named{"Signed up", Open, 10, 7, "They have an account and look around."},
			Named{"Demo", Open, 30, 10, "Somebody has shown them what it does for them."},
			Named{"Trial", Open, 50, 14, "Their team uses it."},
			Named{"Contract sent", Open, 80, 10, "Only the signature is missing."},
		)},
	}
}

// fill takes from the draft's preset what the draft does not give.
func (d *Draft) fill() bool {
	if d.Currency == "" {
		d.Currency = defaultCurrency
	}
	if d.Preset == "" {
		return true
	}
	all := Presets()
	i := slices.IndexFunc(all, func(p Preset) bool { return p.Key == d.Preset })
	if i < 0 {
		return false
	}
	if d.Name == "" {
		d.Name = all[i].Name
	}
	if len(d.Stages) > 0 {
		return true
	}
	for _, s := range all[i].Stages {
		d.Stages = append(d.Stages, StageDraft{Name: s.Name, Kind: s.Kind, Probability: s.Probability, StaleDays: s.StaleDays})
	}
	return true
}
