package ai

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"apexai/crm/internal/check"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/llm"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Question is asked in words.
type Question struct {
	Question string `json:"question"`
	Kind     string `json:"kind"` // people, companies or deals; empty: whatever the words say
}

// A Reading is what was understood: a filter and nothing else, which the
// caller shows, lets be changed, and uses on the list of that kind.
type Reading struct {
	Understood  bool         `json:"understood"`
	Kind        string       `json:"kind"`
	Filter      *filter.Node `json:"filter"`
	Explanation string       `json:"explanation"`
	Model       string       `json:"model"`
}

type read struct {
	Understood bool   `json:"understood"`
	Kind       string `json:"kind"`
	Match      string `json:"match"`
	Conditions []struct {
		Field  string   `json:"field"`
		Op     string   `json:"op"`
		Values []string `json:"values"`
	} `json:"conditions"`
	Explanation string `json:"explanation"`
}

var (
	kinds     = []string{"people", "companies", "deals"}
	operators = []string{"=", "!=", ">", ">=", "<", "<=", "in", "notIn", "contains", "startsWith", "empty", "notEmpty"}
	queryForm = &llm.Schema{Type: "object", Members: []llm.Member{
		{Name: "understood", Schema: &llm.Schema{Type: "boolean", Doc: "false if the fields cannot say what was asked"}},
		{Name: "kind", Schema: &llm.Schema{Type: "string", Enum: kinds}},
		{Name: "match", Schema: &llm.Schema{Type: "string", Enum: []string{"and", "or"}}},
		{Name: "conditions", Schema: &llm.Schema{Type: "array", Max: 20, Items: &llm.Schema{Type: "object", Members: []llm.Member{
			{Name: "field", Schema: &llm.Schema{Type: "string", Max: 80}},
			{Name: "op", Schema: &llm.Schema{Type: "string", Enum: operators}},
			{Name: "values", Schema: &llm.Schema{Type: "array", Max: 20, Items: &llm.Schema{Type: "string", Max: 200}}},
		}}}},
		{Name: "explanation", Schema: &llm.Schema{Type: "string", Max: 500, Doc: "one sentence; if it was not understood, why"}},
	}}
)

// A field that a model may name, with the operators that it takes.
type offered struct {
	Name    string   `json:"name"`
	Label   string   `json:"label,omitempty"`
	Type    string   `json:"type"`
	Ops     []string `json:"ops"`
	Options []string `json:"options,omitempty"`
}

type offeredKind struct {
	Kind   string    `json:"kind"`
	Fields []offered `json:"fields"`
}

// Read makes a filter of a question. The model sees the question and the
// names of fields, and no record.
func (a Assistant) Read(ctx context.Context, t tenant.Tenant, in Question) (Reading, error) {
	var faults check.Faults
	faults.Line("/question", &in.Question, 500)
	if in.Question == "" {
		faults.Add("/question", "required", "ask something")
	}
	faults.OneOf("/kind", in.Kind, kinds...)
	if err := faults.Problem(); err != nil {
		return Reading{}, err
	}
	v, err := a.vocabulary(ctx, t)
	if err != nil {
		return Reading{}, err
	}
	list := v.offer(in.Kind)
	k, err := keyOf("query", in.Question, list, a.today(), t.User)
	if err != nil {
		return Reading{}, err
	}
	if r, ok, err := a.known(ctx, t, k); err != nil || ok {
		return v.understood(r, err)
	}
	prompt, err := block(map[string]any{"question": in.Question, "kinds": list, "today": a.today()})
	if err != nil {
		return Reading{}, err
	}
	got, reply, err := Object[read](ctx, a, t, "query", llm.Request{
		System: system("query", "Turn the question into conditions on the fields of one kind of record; use only these fields, with the operators and options that each has. "+
			`Amounts of money are in whole units of currency. Dates are "2026-11-26", "today", "yesterday", "tomorrow", "-30d", "+2w", "-1m", or this/last/next with Week, Month, Quarter or Year, such as "thisMonth". `+
			`A member is "me" or a name. empty and notEmpty take no values. If the fields cannot say what is asked, answer understood: false and why.`),
		Prompt: prompt, Schema: queryForm, MaxTokens: 1500,
	})
	if err != nil {
		return Reading{}, err
	}
	if err := a.keep(ctx, t, k, "query", Target{}, reply.Model, got); err != nil {
		return Reading{}, err
	}
	return v.reading(got, reply.Model), nil
}

// reading turns what the model says into a filter that the list would take,
// or says that it could not.
func (v vocabulary) reading(got read, model string) Reading {
	r := Reading{Kind: got.Kind, Explanation: got.Explanation, Model: model}
	all, ok := v.fields[got.Kind]
	if !got.Understood || !ok {
		return r
	}
	var leaves []filter.Node
	for _, c := range got.Conditions {
		leaf, err := v.condition(all, c.Field, filter.Op(c.Op), c.Values)
		if err != nil {
			r.Explanation = "That could not be put into a filter: " + err.Error() + "."
			return r
		}
		leaves = append(leaves, leaf)
	}
	node := filter.All(leaves...)
	if got.Match == "or" && len(leaves) > 1 {
		node = filter.Node{Or: leaves}
	}
	if _, _, err := node.SQL(all); err != nil {
		r.Explanation = "That could not be put into a filter" + why(err) + "."
		return r
	}
	r.Understood, r.Filter = true, &node
	return r
}

func why(err error) string {
	if p, ok := errors.AsType[*problem.Problem](err); ok && len(p.Errors) > 0 {
		return ": " + p.Errors[0].Message
	}
	return ""
}

var errField = errors.New("there is no such field")

func (v vocabulary) condition(all filter.Fields, name string, op filter.Op, values []string) (filter.Node, error) {
	i := slices.IndexFunc(all.List, func(f filter.Field) bool { return f.Name == name })
	if i < 0 {
		return filter.Node{}, errField
	}
	f := all.List[i]
	if op == filter.IsEmpty || op == filter.NotEmpty {
		return filter.Leaf(name, op, nil), nil
	}
	var typed []any
	for _, value := range values {
		known, err := v.values(f, value)
		if err != nil {
			return filter.Node{}, err
		}
		typed = append(typed, known...)
	}
	switch {
	case len(typed) == 0:
		return filter.Node{}, errors.New("a condition on " + name + " has no value")
	case op == filter.In || op == filter.NotIn:
		return filter.Leaf(name, op, typed), nil
	case len(typed) > 1 && slices.Contains(f.Operators(), filter.In) && (op == filter.Equal || op == filter.NotEqual):
		return filter.Leaf(name, map[filter.Op]filter.Op{filter.Equal: filter.In, filter.NotEqual: filter.NotIn}[op], typed), nil
	}
	return filter.Leaf(name, op, typed[0]), nil
}

// values are what a filter knows a value by.
func (v vocabulary) values(f filter.Field, value string) ([]any, error) {
	value = strings.TrimSpace(value)
	switch f.Type {
	case filter.Number, filter.Money:
		n, err := strconv.ParseFloat(strings.ReplaceAll(value, ",", ""), 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			return nil, errors.New("what " + f.Name + " is compared with is not a number")
		}
		if f.Type == filter.Money {
			n = math.Round(n * 100) // the smallest unit of most currencies
		}
		return []any{n}, nil
	case filter.Bool:
		return []any{value == "true" || value == "yes"}, nil
	case filter.Member:
		if value == "me" {
			return []any{value}, nil
		}
		if who, ok := v.members[strings.ToLower(value)]; ok {
			return []any{who}, nil
		}
		return nil, errors.New("nobody here is called " + value)
	case filter.Ref:
		var all []any
		for _, which := range v.stages[strings.ToLower(value)] {
			all = append(all, which)
		}
		if f.Name != "stage" || len(all) == 0 {
			return nil, errors.New("there is no " + f.Name + " called " + value)
		}
		return all, nil
	}
	return []any{value}, nil
}
