package series

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A Label is one dimension of a series.
type Label struct{ Name, Value string }

// An ID names a series.
type ID struct {
	Scope  string // whose it is: an account and region, such as arn.Scope's Prefix
	Space  string // "AWS/ECS"
	Name   string // "CPUUtilization"
	Labels []Label
}

// NewID returns the ID of a series; labels are name, value, name, value, ….
func NewID(scope, space, name string, labels ...string) ID {
	id := ID{Scope: scope, Space: space, Name: name}
	for i := 0; i+1 < len(labels); i += 2 {
		id.Labels = append(id.Labels, Label{labels[i], labels[i+1]})
	}
	slices.SortFunc(id.Labels, func(a, b Label) int { return cmp.Compare(a.Name, b.Name) })
	return id
}

// Key is the ID in one string: equal IDs have the same.
func (id ID) Key() string {
	size := len(id.Scope) + len(id.Space) + len(id.Name) + 3
	for _, l := range id.Labels {
		size += len(l.Name) + len(l.Value) + 2
	}
	var b strings.Builder
	b.Grow(size)
	for _, part := range [...]string{id.Scope, id.Space, id.Name} {
		b.WriteString(part)
		b.WriteByte(0)
	}
	for _, l := range id.Labels {
		b.WriteString(l.Name)
		b.WriteByte(0)
		b.WriteString(l.Value)
		b.WriteByte(0)
	}
	return b.String()
}

// A Sample is a value that was seen Count times.
type Sample struct {
	At    time.Time
	Value float64
	Count float64 // 0 means 1
}

// A Set is the outline of samples whose values are not known one by one.
type Set struct {
	At                   time.Time
	Count, Sum, Min, Max float64
}
