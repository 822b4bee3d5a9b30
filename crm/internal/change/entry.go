package change

import (
	"context"
	"encoding/json"
	"slices"

	"apexai/crm/internal/database"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/timeline"
)

// told are the verbs that a record's timeline tells of. Moves of deals have
// entries of their own.
var told = []string{"created", "updated", "deleted", "restored", "merged"}

// silent are members that a timeline does not mention: they follow from others.
var silent = []string{"score", "rank", "position", "peopleCount", "lastContactAt", "lastActivityAt", "deletedAt", "stageEnteredAt"}

// A Told is what a timeline's entry keeps of a change.
type Told struct {
	Verb   string                     `json:"verb"`
	Was    map[string]json.RawMessage `json:"was,omitempty"`
	Became map[string]json.RawMessage `json:"became,omitempty"`
}

// tell writes a change into its record's timeline, unless it is one of many.
func tell(ctx context.Context, q database.Queryer, t tenant.Tenant, c Change, was, became any) error {
	if c.Quiet || !slices.Contains(told, c.Verb) || !slices.Contains(timeline.Kinds, c.Kind) {
		return nil
	}
	entry := Told{Verb: c.Verb}
	if c.Verb == "updated" {
		if entry.Was, entry.Became = spoken(was), spoken(became); len(entry.Was)+len(entry.Became) == 0 {
			return nil
		}
	}
	_, err := timeline.Log(ctx, q, t, timeline.Entry{
		Type: timeline.FieldChange, Meta: entry, Links: []timeline.Link{{Kind: c.Kind, ID: c.ID}},
	})
	return err
}

// spoken are the members of one side of a difference that are worth telling.
func spoken(side any) map[string]json.RawMessage {
	encoded, _ := side.([]byte)
	var m map[string]json.RawMessage
	if len(encoded) == 0 || json.Unmarshal(encoded, &m) != nil {
		return nil
	}
	for _, name := range silent {
		delete(m, name)
	}
	return m
}
