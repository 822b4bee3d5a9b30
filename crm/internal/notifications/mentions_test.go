package notifications

import (
	"strings"
	"testing"

	"apexai/crm/internal/id"
)

func TestMentions(t *testing.T) {
	members := []Member{{id.New(), "Ana Silva"}, {id.New(), "Ana Souza"}, {id.New(), "Zoë Quinn"}, {id.New(), "Bo"}, {id.New(), "Bo Li"}, {id.New(), "李 小龍"}, {id.New(), ""}}
	name := map[id.ID]string{}
	for _, m := range members {
		name[m.ID] = m.Name
	}
	for text, want := range map[string]string{
		"":                               "",
		"ask @Ana Silva":                 "Ana Silva",
		"ask @ana silva, or @ANA SOUZA.": "Ana Silva, Ana Souza",
		"ask @ana":                       "", // there are two
		"@zoë and @Zoë Quinn":            "Zoë Quinn",
		"@zoe":                           "",
		"@Bo Li":                         "Bo Li",
		"@Bo, listen":                    "Bo", // all of a name, though another begins so
		"@Bob":                           "",
		"@Bo Lin":                        "Bo",
		"mail bo@Zoë.example":            "",
		"x@zoë":                          "",
		"(@zoë)":                         "Zoë Quinn",
		"@李 小龍好":                         "李 小龍", // by the first name
		"@李 小龍！":                         "李 小龍",
		"@@zoë @":                        "Zoë Quinn",
		"\xff@zoë\xff":                   "Zoë Quinn",
	} {
		var all []string
		for _, who := range Mentions(text, members) {
			all = append(all, name[who])
		}
		if got := strings.Join(all, ", "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzMentions(f *testing.F) {
	members := []Member{{id.New(), "Ana Silva"}, {id.New(), "Zoë"}, {id.New(), "\xff"}}
	for _, seed := range []string{"", "@Ana Silva @zoë", "a@ana", "@", "@\xff", "@@@"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n := len(Mentions(text, members)); n > len(members) {
			t.Errorf("%d mentions of %d members", n, len(members))
		}
	})
}
