package model

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A kind of record that can be asked for, with its fields.
type kind struct {
	Kind   string  `json:"kind"`
	Fields []field `json:"fields"`
}

type field struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Options []string `json:"options"`
}

var (
	kindWords = []struct{ kind, words string }{
		{"deals", `deals?|opportunit(?:y|ies)|pipeline`},
		{"companies", `compan(?:y|ies)|accounts?|organi[sz]ations?|firms?`},
		{"tasks", `tasks?|todos?`},
		{"people", `people|persons?|contacts?|who|leads?|everyone|anybody`},
	}
	amount  = regexp.MustCompile(`(?i)\b(over|more than|above|greater than|at least|under|less than|below|at most)\s+(?:[€$£]|eur|usd|gbp)?\s*(\d[\d,.]*)\s*(k|m|thousand|million)?\b`)
	silence = regexp.MustCompile(`(?i)\b(?:not (?:been )?(?:contacted|touched|called)|no (?:contact|activity)|untouched|quiet)\b.*?(\d+)\s*(day|week|month)s?`)
	recent  = regexp.MustCompile(`(?i)\b(added|created|new|updated|changed|closing|close|closes|due)\b[^.,]*?\b(today|yesterday|this week|last week|next week|this month|last month|next month|this quarter|next quarter|this year)\b`)
	lastN   = regexp.MustCompile(`(?i)\b(added|created|updated|changed|closing|close|closes)\b[^.,]*?\b(last|past|next)\s+(\d+)\s+(day|week|month)s?`)
	lacking = regexp.MustCompile(`(?i)\b(?:without|no|missing|lacking|lack)\s+(?:an?\s+|any\s+)?([a-z-]+)`)
	having  = regexp.MustCompile(`(?i)\b(?:with|have|having)\s+(?:an?\s+)?([a-z-]+)`)
	placed  = regexp.MustCompile(`(?:\bat|\bfrom|\bof|\bcalled|\bnamed)\s+((?:[A-Z0-9][\w&'.-]*\s?)+)`)
	mine    = regexp.MustCompile(`(?i)\b(my|mine|i own|assigned to me)\b`)
	score   = regexp.MustCompile(`(?i)\bscores?\b`)
)

// query reads a question into conditions on the fields that there are; if it
// finds none, it says so.
func query(d data) any {
	q := d.Question
	k, named := kindOf(q, d.Kinds)
	conditions := []object{}
	add := func(f field, op string, values ...string) {
		if f.Name != "" && !slices.ContainsFunc(conditions, func(c object) bool { return c["field"] == f.Name && (c["op"] == op || op == "notEmpty") }) {
			conditions = append(conditions, object{"field": f.Name, "op": op, "values": append([]string{}, values...)})
		}
	}
	amounts(q, k, add)
	times(q, k, add)
	presence(q, k, add)
	words(q, k, add)
	understood := len(conditions) > 0 || named && len(strings.Fields(q)) <= 4
	text := "Understood as a filter of " + k.Kind + "."
	if !understood {
		text = "This does not read as a question for records here. Name people, companies, deals or tasks, and what they have in common."
	}
	return object{"understood": understood, "kind": k.Kind, "match": "and", "conditions": conditions, "explanation": text}
}

func kindOf(q string, kinds []kind) (kind, bool) {
	for _, w := range kindWords {
		if !regexp.MustCompile(`(?i)\b(?:` + w.words + `)\b`).MatchString(q) {
			continue
		}
		if i := slices.IndexFunc(kinds, func(k kind) bool { return k.Kind == w.kind }); i >= 0 {
			return kinds[i], true
		}
	}
	if len(kinds) == 0 {
		return kind{Kind: "people"}, false
	}
	return kinds[0], false
}

// pick is the first of a kind's fields of that type, or of one of the names.
func (k kind) pick(types string, names ...string) field {
	for _, name := range names {
		for _, f := range k.Fields {
			if strings.EqualFold(f.Name, name) {
				return f
			}
		}
	}
	for _, f := range k.Fields {
		if types != "" && strings.Contains(types, f.Type) {
			return f
		}
	}
	return field{}
}

type adder func(f field, op string, values ...string)

func amounts(q string, k kind, add adder) {
	for _, m := range amount.FindAllStringSubmatch(q, -1) {
		n, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimRight(m[2], "."), ",", ""), 64)
		if err != nil {
			continue
		}
		n *= map[string]float64{"": 1, "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}[strings.ToLower(m[3])]
		op := map[string]string{"at least": ">=", "at most": "<=", "under": "<", "less than": "<", "below": "<"}[strings.ToLower(m[1])]
		if op == "" {
			op = ">"
		}
		f := k.pick("money", "amount", "amountMinor")
		if score.MatchString(q) || f.Name == "" {
			f = k.pick("number", "score")
		}
		add(f, op, strconv.FormatFloat(n, 'f', -1, 64))
	}
}

// times reads periods, for the field of time that the verb means.
func times(q string, k kind, add adder) {
	if m := silence.FindStringSubmatch(q); m != nil {
		add(k.pick("", "lastContactAt", "lastActivityAt", "updatedAt"), "<", "-"+m[1]+m[2][:1])
	}
	which := func(verb string) field {
		switch strings.ToLower(verb) {
		case "added", "created", "new":
			return k.pick("", "createdAt")
		case "updated", "changed":
			return k.pick("", "updatedAt")
		}
		return k.pick("date", "closeDate", "dueDate")
	}
	if m := lastN.FindStringSubmatch(q); m != nil {
		unit := strings.ToLower(m[4][:1])
		if strings.EqualFold(m[2], "next") {
			add(which(m[1]), ">=", "today")
			add(which(m[1]), "<=", "+"+m[3]+unit)
		} else {
			add(which(m[1]), ">=", "-"+m[3]+unit)
		}
	} else if m := recent.FindStringSubmatch(q); m != nil {
		w := strings.Fields(strings.ToLower(m[2]))
		period := w[0]
		if len(w) == 2 {
			period += capital(w[1])
		}
		add(which(m[1]), "=", period)
	}
	if regexp.MustCompile(`(?i)\boverdue\b|close date (?:has )?passed`).MatchString(q) {
		add(k.pick("date", "closeDate", "dueDate"), "<", "today")
	}
}

// presence reads "without a phone" and "with an owner".
func presence(q string, k kind, add adder) {
	for _, f := range []struct {
		find *regexp.Regexp
		op   string
	}{{lacking, "empty"}, {having, "notEmpty"}} {
		for _, m := range f.find.FindAllStringSubmatch(q, -1) {
			add(k.named(m[1]), f.op)
		}
	}
}

// named is the field that a word means: "e-mail", "phones", "owner".
func (k kind) named(word string) field {
	w := strings.TrimSuffix(strings.ReplaceAll(strings.ToLower(word), "-", ""), "s")
	for _, f := range k.Fields {
		n := strings.ToLower(f.Name)
		if n == w || n == w+"s" || n == w+"id" || n == w+"name" || len(w) > 4 && strings.HasPrefix(n, w) {
			return f
		}
	}
	return field{}
}

// words reads options, names and "my".
func words(q string, k kind, add adder) {
	for _, f := range k.Fields {
		for _, o := range f.Options {
			if o != "" && regexp.MustCompile(`(?i)(?:^|\W)`+regexp.QuoteMeta(o)+`(?:$|\W)`).MatchString(q) {
				add(f, "=", o)
			}
		}
	}
	if mine.MatchString(q) {
		add(k.pick("member", "ownerId", "owner", "assigneeId"), "=", "me")
	}
	if m := placed.FindStringSubmatch(q); m != nil {
		add(k.pick("", "companyName", "company", "name", "title"), "contains", strings.TrimSpace(m[1]))
	}
	for _, title := range []string{"CEO", "CTO", "CFO", "founder", "engineer", "director", "manager", "buyer"} {
		if k.Kind == "people" && regexp.MustCompile(`(?i)\b`+title+`s?\b`).MatchString(q) {
			add(k.pick("", "title"), "contains", title)
		}
	}
}
