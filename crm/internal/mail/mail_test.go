package mail

import (
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"apexai/crm/internal/id"
)

func TestFill(t *testing.T) {
	values := map[string]string{"firstName": "Ada", "senderName": "Olga {{lastName}}"}
	for text, want := range map[string]struct {
		filled           string
		missing, unknown []string
	}{
		"Dear {{firstName}},":                  {"Dear Ada,", nil, nil},
		"Dear {{ firstName }} {{lastName}},":   {"Dear Ada {{lastName}},", []string{"lastName"}, nil},
		"Dear {{lastName|friend}},":            {"Dear friend,", nil, nil},
		"{{nobody}} {{lastName}} {{nobody}}":   {"{{nobody}} {{lastName}} {{nobody}}", []string{"lastName"}, []string{"nobody"}},
		"{{senderName}}":                       {"Olga {{lastName}}", nil, nil}, // what is filled in is no template
		"{{firstName} {firstName}} {{}} {{ }}": {"{{firstName} {firstName}} {{}} {{ }}", nil, nil},
	} {
		filled, missing, unknown := fill(text, values)
		if filled != want.filled || !cmp.Equal(missing, want.missing) || !cmp.Equal(unknown, want.unknown) {
			t.Errorf("%q: %q, missing %v, unknown %v", text, filled, missing, unknown)
		}
	}
}

// A value never becomes a header, however it is written.
func TestComposeIsOneMail(t *testing.T) {
	m := Mail{
		ID: id.New(), To: "ada@example.com", Subject: "Grüße 🚀\r\nBcc: evil@example.com", FromName: "Olga \"O\" Öwner\nX: y",
		ReplyTo: "olga@example.com", Text: "Line\n.\nnext — מרים\n" + strings.Repeat("long ", 400), messageID: "<1@crm.example>",
	}
	raw := compose(m, mail.Address{Name: "CRM", Address: "crm@example.com"}, time.Now())
	parsed, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Header.Get("Bcc") != "" || parsed.Header.Get("X") != "" || parsed.Header.Get("Message-Id") != "<1@crm.example>" {
		t.Errorf("%v", parsed.Header)
	}
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line is %d long", len(line))
		}
	}
}

func TestPatience(t *testing.T) {
	var sum time.Duration
	for n := range maxAttempts {
		sum += patience(n, nil)
	}
	if sum < 2*time.Hour || sum > 8*time.Hour {
		t.Errorf("it is tried for %s", sum)
	}
}

func FuzzFill(f *testing.F) {
	for _, s := range []string{"{{firstName}}", "{{{{firstName}}}}", "{{firstName|{{lastName}}}}", "{{a|b"} {
		f.Add(s, "Ada")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		filled, missing, unknown := fill(text, map[string]string{"firstName": value})
		if len(missing) == 0 && len(unknown) == 0 && value != "" && !strings.Contains(value, "{{") && strings.Contains(filled, "{{firstName}}") {
			t.Errorf("%q stays %q", text, filled)
		}
	})
}
