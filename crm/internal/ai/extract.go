package ai

import (
	"context"
	"strings"
	"time"
	"unicode"

	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/llm"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/proposals"
	"apexai/crm/internal/tenant"
)

// A Text to find tasks and fields in: an activity of the record, or what was
// pasted.
type Text struct {
	Target
	ActivityID *id.ID `json:"activityId"`
	Text       string `json:"text"`
}

// Found is what a text proposes.
type Found struct {
	Items   []proposals.Proposal `json:"items"`   // those still to be decided on
	Decided int                  `json:"decided"` // how many were accepted or dismissed before
	Unsure  int                  `json:"unsure"`  // how many the text does not bear out; they are left out
	Model   string               `json:"model"`
}

type found struct {
	Tasks []struct {
		Title   string  `json:"title"`
		DueDate *string `json:"dueDate"`
		Quote   string  `json:"quote"`
	} `json:"tasks"`
	Fields []struct {
		Field string `json:"field"`
		Value string `json:"value"`
		Quote string `json:"quote"`
	} `json:"fields"`
}

const maxText = 30_000

// proposable are the members of each kind of record that a text may fill in.
var proposable = map[string]map[string]string{
	"person":  {"title": "Title", "email": "E-mail", "phone": "Phone", "address": "Address"},
	"company": {"domain": "Domain", "industry": "Industry", "address": "Address"},
	"deal":    {"closeDate": "Close date"},
}

func foundForm() *llm.Schema {
	quote := llm.Member{Name: "quote", Schema: &llm.Schema{Type: "string", Max: 600, Doc: "the words of the text that say so, copied exactly"}}
	return &llm.Schema{Type: "object", Members: []llm.Member{
		{Name: "tasks", Schema: &llm.Schema{Type: "array", Max: 20, Items: &llm.Schema{Type: "object", Members: []llm.Member{
			{Name: "title", Schema: &llm.Schema{Type: "string", Max: 300, Doc: "what is to be done, as an order, at most 12 words"}},
			{Name: "dueDate", Schema: &llm.Schema{Type: "string", Nullable: true, Doc: "2026-11-26; null if the text names no time"}},
			quote,
		}}}},
		{Name: "fields", Schema: &llm.Schema{Type: "array", Max: 10, Items: &llm.Schema{Type: "object", Members: []llm.Member{
			{Name: "field", Schema: &llm.Schema{Type: "string", Enum: []string{"title", "email", "phone", "address", "domain", "industry", "closeDate"}}},
			{Name: "value", Schema: &llm.Schema{Type: "string", Max: 300}},
			quote,
		}}}},
	}}
}

// Extract finds tasks and fields in a text and proposes them. Whatever the
// text says, nothing more comes of it than proposals of these two kinds, and
// only such as its own words bear out.
func (a Assistant) Extract(ctx context.Context, t tenant.Tenant, in Text) (Found, error) {
	var faults check.Faults
	faults.Lines("/text", &in.Text, maxText)
	if (in.ActivityID == nil) == (in.Text == "") {
		faults.Add("/text", "required", "give a text or an activity, one of the two")
	}
	if err := faults.Problem(); err != nil {
		return Found{}, err
	}
	record, err := a.subject(ctx, t, in.Target)
	if err != nil {
		return Found{}, err
	}
	if in.ActivityID != nil {
		if in.Text, err = a.activity(ctx, t, in.Target, *in.ActivityID); err != nil {
			return Found{}, err
		}
	}
	prompt, err := block(map[string]any{"record": record, "text": in.Text, "today": a.today()})
	if err != nil {
		return Found{}, err
	}
	got, reply, err := Object[found](ctx, a, t, "extract", llm.Request{
		System: system("extract", "Find in the text what somebody of the sender's side promised or was asked to do (tasks), and facts about the record that its fields lack or have otherwise (fields, only of this record). "+
			"Copy for each the words of the text that say so. If there is nothing, answer with empty lists."),
		Prompt: prompt, Schema: foundForm(), MaxTokens: 2500,
	})
	if err != nil {
		return Found{}, err
	}
	drafts, unsure := in.drafts(got, record, reply.Model)
	all, err := a.Proposals.Propose(ctx, t, drafts)
	out := Found{Items: []proposals.Proposal{}, Unsure: unsure, Model: reply.Model}
	for _, p := range all {
		if p.Status == proposals.Pending {
			out.Items = append(out.Items, p)
		} else {
			out.Decided++
		}
	}
	return out, err
}

const selectText = `SELECT CONCAT(a.subject, '\n', LEFT(a.body, 30000)) FROM activity_links l
	JOIN activities a ON a.workspace_id = l.workspace_id AND a.id = l.activity_id
	WHERE l.workspace_id = ? AND l.kind = ? AND l.target_id = ? AND l.activity_id = ? AND a.deleted_at IS NULL`

// activity reads the text of one of the record's activities.
func (a Assistant) activity(ctx context.Context, t tenant.Tenant, at Target, which id.ID) (text string, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		var ok bool
		text, ok, err = database.One(ctx, q, database.Scalar[string], selectText, t.Workspace, at.Kind, at.ID, which)
		if err == nil && !ok {
			err = problem.NotFound("activity of this record")
		}
		return err
	})
	return strings.TrimSpace(text), err
}

// drafts keeps of what was found that which the text bears out.
func (in Text) drafts(got found, record subject, model string) (all []proposals.Draft, unsure int) {
	text := plain(in.Text)
	target := proposals.Ref{Kind: in.Kind, ID: in.ID}
	origin := "pasted"
	if in.ActivityID != nil {
		origin = in.ActivityID.String()
	}
	for _, task := range got.Tasks {
		var f check.Faults
		f.Line("", &task.Title, 300)
		if len(f) > 0 || task.Title == "" || !quoted(text, task.Quote) {
			unsure++
			continue
		}
		all = append(all, proposals.Draft{
			Kind: proposals.Task, Target: target, Payload: proposals.Payload{Title: task.Title, DueDate: date(task.DueDate)},
			Evidence: []proposals.Evidence{{ActivityID: in.ActivityID, Quote: cut(task.Quote, 300)}}, Model: model, Mark: []string{origin, plain(task.Title)},
		})
	}
	for _, field := range got.Fields {
		was, ok := record.member(field.Field)
		label := proposable[in.Kind][field.Field]
		if !ok || label == "" || !quoted(text, field.Quote) || field.Field != "closeDate" && !quoted(text, field.Value) {
			unsure++
			continue
		}
		if plain(was) == plain(field.Value) {
			continue
		}
		all = append(all, proposals.Draft{
			Kind: proposals.Field, Target: target, Payload: proposals.Payload{Field: field.Field, Label: label, Was: was, Value: strings.TrimSpace(field.Value)},
			Evidence: []proposals.Evidence{{ActivityID: in.ActivityID, Quote: cut(field.Quote, 300)}}, Model: model, Mark: []string{field.Field, plain(was), plain(field.Value)},
		})
	}
	return all, unsure
}

// member is what a record has in a field. New addresses and numbers are put
// behind those that there are.
func (s subject) member(name string) (string, bool) {
	switch name {
	case "title":
		return s.Title, true
	case "email", "phone":
		return "", true
	case "address":
		return s.Address, true
	case "domain":
		return s.Domain, true
	case "industry":
		return s.Industry, true
	case "closeDate":
		return s.Close, true
	}
	return "", false
}

// quoted says that text, which is plain, has these words.
func quoted(text, words string) bool {
	words = plain(words)
	return words != "" && strings.Contains(text, words)
}

// plain is text by its letters and digits only.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }), " ")
}

// date is a date as tasks have it, or nil.
func date(s *string) *string {
	if s == nil {
		return nil
	}
	if at, err := time.Parse(time.DateOnly, *s); err != nil || at.Year() < 2000 || at.Year() > 2100 {
		return nil
	}
	return s
}
