// Package tag holds the labels that AWS resources carry.
package tag

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits that AWS sets on tags (AWS Tagging reference).
const (
	MaxCount = 50  // tags of one resource
	MaxKey   = 128 // characters
	MaxValue = 256 // characters
)

// Tags are a resource's labels by key. A value of this type in the store is never
// changed in place: With and Without return a new one.
type Tags map[string]string

// Validate reports the first tag that AWS would refuse.
func (t Tags) Validate() error {
	if len(t) > MaxCount {
		return fmt.Errorf("tags: %d are more than %d", len(t), MaxCount)
	}
	for k, v := range t.All() {
		switch {
		case k == "" || utf8.RuneCountInString(k) > MaxKey:
			return fmt.Errorf("tag key %q: want 1 to %d characters", k, MaxKey)
		case strings.HasPrefix(strings.ToLower(k), "aws:"):
			return fmt.Errorf("tag key %q: the prefix aws: is reserved", k)
		case utf8.RuneCountInString(v) > MaxValue:
			return fmt.Errorf("tag %q: its value is longer than %d characters", k, MaxValue)
		}
	}
	return nil
}

// With returns the tags with those of more added or replaced.
func (t Tags) With(more Tags) Tags {
	out := make(Tags, len(t)+len(more))
	maps.Copy(out, t)
	maps.Copy(out, more)
	return out
}

// Without returns the tags less the given keys.
func (t Tags) Without(keys ...string) Tags {
	out := make(Tags, len(t))
	for k, v := range t {
		if !slices.Contains(keys, k) {
			out[k] = v
		}
	}
	return out
}

// All yields the tags in the order of their keys.
func (t Tags) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, k := range slices.Sorted(maps.Keys(t)) {
			if !yield(k, t[k]) {
				return
			}
		}
	}
}
