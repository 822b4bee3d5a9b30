package exports

import (
	"encoding/json"
	"strings"
	"testing"

	"apexai/crm/internal/activities"
	"apexai/crm/internal/companies"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/id"
	"apexai/crm/internal/people"
	"apexai/crm/internal/tasks"
)

func recordOf(t *testing.T, v any) record {
	t.Helper()
	var r record
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Each column is of a member that the records have.
func TestColumnsHaveMembers(t *testing.T) {
	for kind, v := range map[string]any{
		"people": people.Person{}, "companies": companies.Company{}, "deals": deals.Deal{}, "activities": activities.Activity{},
		"tasks": tasks.Task{Target: &tasks.Target{Kind: "person", ID: id.New(), Title: "Ana"}},
	} {
		r := recordOf(t, v)
		for _, c := range columnsOf[kind] {
			key := c.key
			if key == "amount" {
				key = "amountMinor"
			}
			if _, ok := r[key]; !ok {
				t.Errorf("%s have no %s", kind, key)
			}
			if got := c.value(r, nil); key == "target" && got != "Ana" {
				t.Errorf("a task is about %q", got)
			}
		}
	}
}

func TestCards(t *testing.T) {
	company := "Engines; Ltd, the\\first"
	text := card(recordOf(t, people.Person{
		FirstName: "Ada", LastName: "Lovelace; Countess", CompanyName: company, Address: "1 Way\nLondon", Title: strings.Repeat("界", 60),
		Emails: []people.Contact{{Value: "ada@engines.example", Kind: "work"}}, Phones: []people.Contact{{Value: "+44 20", Kind: "other"}},
	}))
	whole := strings.ReplaceAll(text, "\r\n ", "")
	for _, line := range []string{`N:Lovelace\; Countess;Ada;;;`, "FN:Ada Lovelace\\; Countess", `ORG:Engines\; Ltd\, the\\first`, "EMAIL;TYPE=WORK:ada@engines.example", "TEL:+44 20", `ADR:;;1 Way\nLondon;;;;`, "TITLE:" + strings.Repeat("界", 60)} {
		if !strings.Contains(whole, line+"\r\n") {
			t.Errorf("%s is not in\n%s", line, whole)
		}
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 {
			t.Errorf("a line of %d bytes: %s", len(line), line)
		}
	}
	if nameless := card(recordOf(t, people.Person{Emails: []people.Contact{{Value: "x@y.example"}}})); !strings.Contains(nameless, "FN:x@y.example\r\n") {
		t.Errorf("without a name: %s", nameless)
	}
}
