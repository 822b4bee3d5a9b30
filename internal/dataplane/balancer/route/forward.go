package route

import "time"

// Forward spreads requests over target groups by weight.
type Forward struct {
	Groups []Weighted
	// Sticky is how long a client stays with the group it was sent to first; 0:
	// every request is weighed anew.
	Sticky time.Duration `json:",omitempty"`
}

// Weighted is a target group's share.
type Weighted struct {
	Group  string
	Weight int // 0 to 999
}

// Choose returns the group for a number r that is random in [0, 1); false if no
// group has weight.
func (f *Forward) Choose(r float64) (string, bool) {
	total := 0
	for _, g := range f.Groups {
		total += g.Weight
	}
	at := int(r * float64(total))
	for _, g := range f.Groups {
		if at < g.Weight {
			return g.Group, true
		}
		at -= g.Weight
	}
	return "", false
}

// Has reports whether the group gets requests, so that a client may stay with it.
func (f *Forward) Has(group string) bool {
	for _, g := range f.Groups {
		if g.Group == group && g.Weight > 0 {
			return true
		}
	}
	return false
}
