package model

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// data is what the CRM's prompts hold, as JSON between <data> and </data>.
type data struct {
	Today  string `json:"today"`
	Sender struct {
		Name string `json:"name"`
	} `json:"sender"`
	Purpose string `json:"purpose"`
	Record  struct {
		Kind    string `json:"kind"`
		Name    string `json:"name"`
		Title   string `json:"title"`
		Company string `json:"company"`
		Contact string `json:"contact"`
		Email   string `json:"email"`
		Phone   string `json:"phone"`
		Stage   string `json:"stage"`
		Amount  string `json:"amount"`
		Close   string `json:"closeDate"`
	} `json:"record"`
	Activities []activity `json:"activities"`
	Tasks      []struct {
		Title string `json:"title"`
		Due   string `json:"due"`
	} `json:"tasks"`
	Text     string `json:"text"`
	Question string `json:"question"`
	Kinds    []kind `json:"kinds"`
	Actions  []struct {
		Ref    string `json:"ref"`
		Record string `json:"record"`
		Title  string `json:"title"`
		Reason string `json:"reason"`
	} `json:"actions"`
	Lines []string `json:"lines"`
}

type activity struct {
	Ref     string `json:"ref"`
	Type    string `json:"type"`
	At      string `json:"at"`
	By      string `json:"by"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

type object = map[string]any

var task = regexp.MustCompile(`Task: (\w+)`)

// answer is what a good model might say; it uses what the prompt holds and
// nothing else.
func answer(system, prompt string, form []byte) string {
	_, rest, _ := strings.Cut(prompt, "<data>")
	inner, _, _ := strings.Cut(rest, "</data>")
	var d data
	json.Unmarshal([]byte(inner), &d) // what cannot be read is not there
	name := ""
	if m := task.FindStringSubmatch(system); m != nil {
		name = m[1]
	}
	var v any
	switch name {
	case "summary":
		v = summary(d)
	case "draft":
		return draft(d)
	case "extract":
		v = extract(d)
	case "query":
		v = query(d)
	case "actions":
		v = actions(d)
	case "digest":
		return digest(d)
	default:
		if len(form) > 0 {
			return "{}"
		}
		return "This is a local stand-in for a language model. It can only do what the CRM asks of it."
	}
	encoded, _ := json.Marshal(v) // maps, lists and strings
	return string(encoded)
}

// summary tells who it is, the newest activities and what is to be done.
func summary(d data) any {
	r := d.Record
	about := r.Name
	if r.Title != "" {
		about += ", " + r.Title
	}
	if r.Company != "" {
		about += " at " + r.Company
	}
	if r.Stage != "" {
		about += ", in the stage " + r.Stage
	}
	if r.Amount != "" {
		about += ", worth " + r.Amount
	}
	about += fmt.Sprintf(". %s on record", count(len(d.Activities), "activity", "activities"))
	if len(d.Activities) > 0 {
		about += ", the last on " + day(d.Activities[0].At)
	}
	if len(d.Tasks) > 0 {
		about += "; " + count(len(d.Tasks), "open task", "open tasks")
		if d.Tasks[0].Due != "" {
			about += ", next: " + d.Tasks[0].Title + " (due " + day(d.Tasks[0].Due) + ")"
		}
	}
	points := []object{}
	for _, a := range d.Activities[:min(4, len(d.Activities))] {
		text := cmp.Or(first(a.Text), a.Subject)
		if text == "" {
			continue
		}
		points = append(points, object{"text": cut(word(a.Type)+" of "+day(a.At)+": "+text, 240), "sources": []string{a.Ref}})
	}
	return object{"summary": cut(about+".", 600), "points": points}
}

func draft(d data) string {
	whole := d.Record.Contact
	if d.Record.Kind == "person" {
		whole = d.Record.Name
	}
	name, _, _ := strings.Cut(whole, " ")
	subject := "Following up"
	if d.Purpose != "" {
		subject = cut(strings.ToUpper(d.Purpose[:1])+d.Purpose[1:], 70)
	} else if d.Record.Company != "" {
		subject += " with " + d.Record.Company
	}
	body := "Hi " + cmp.Or(name, "there") + ",\n\n"
	for _, a := range d.Activities {
		if text := first(cmp.Or(a.Text, a.Subject)); text != "" && a.Type != "email" { // what was mailed was said already
			body += "Thank you for the " + word2(a.Type) + " on " + day(a.At) + ". I noted: " + strings.TrimRight(text, ".") + ".\n\n"
			break
		}
	}
	if d.Purpose != "" {
		body += "I am writing to " + strings.TrimRight(strings.ToLower(d.Purpose[:1])+d.Purpose[1:], ".") + ".\n\n"
	}
	if len(d.Tasks) > 0 {
		body += "On my side the next step is: " + d.Tasks[0].Title + ".\n\n"
	}
	return "Subject: " + subject + "\n\n" + body + "Would a short call this week suit you?\n\nBest regards,\n" + cmp.Or(d.Sender.Name, "Your team")
}

func actions(d data) any {
	list := []object{}
	for _, a := range d.Actions {
		first := min(1, len(a.Reason))
		list = append(list, object{"ref": a.Ref, "text": cut(a.Record+": "+strings.ToLower(a.Reason[:first])+a.Reason[first:]+".", 200)})
	}
	return object{"actions": list}
}

func digest(d data) string {
	if len(d.Lines) == 0 {
		return "A quiet week: nothing changed in the pipeline."
	}
	return "This week in short. " + strings.Join(d.Lines[:min(3, len(d.Lines))], " ")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// day shows the date of a time.
func day(s string) string {
	t, err := time.Parse(time.DateOnly, s[:min(10, len(s))])
	if err != nil {
		return s
	}
	return t.Format("2 January")
}

// first is a text's first sentence.
func first(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, ".!?\n"); i > 0 {
		s = s[:i+1]
	}
	return cut(strings.TrimSpace(s), 180)
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func word(kind string) string {
	if kind == "" {
		return "Entry"
	}
	if kind == "email" {
		return "E-mail"
	}
	return strings.ToUpper(kind[:1]) + kind[1:]
}

func word2(kind string) string {
	switch kind {
	case "call", "meeting":
		return kind
	case "email":
		return "e-mail"
	}
	return "conversation"
}
