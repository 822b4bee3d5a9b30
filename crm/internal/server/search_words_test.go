package server

import (
	"net/url"
	"testing"
)

// However a name, an address or a number is typed, it is found.
func TestSearchTakesWhatIsTyped(t *testing.T) {
	c := signedIn(t)
	person := func(first, last, email, phone string) {
		t.Helper()
		body := object{"firstName": first, "lastName": last}
		if email != "" {
			body["emails"] = []object{{"value": email}}
		}
		if phone != "" {
			body["phones"] = []object{{"value": phone}}
		}
		c.addRecord("people", "person", body)
	}
	person("Søren", "Quiåberg", "", "+4520304050")
	person("Łukasz", "Qużydło", "", "")
	person("Großmann", "Quelle", "", "")
	person("Cafe\u0301", "Quinoa", "", "")
	person("Jean-Qlaude", "d’Arqueville", "", "")
	person("أحمد", "القرشي", "", "")
	person("שָׁלוֹם", "קהת", "", "")
	person("प्रियांका", "क़ादिर", "", "")
	person("👩🏽‍🚀", "Qosmo", "", "")
	person("Ｆｕｌｌ", "Qwidth", "", "")
	person("Qitty", "Numbers", "qitty+crm_x@sub.numbers-q.example", "+49 (0)30 7654321")
	for query, want := range map[string]string{
		"soren quiaberg": "Søren Quiåberg", "SØREN": "Søren Quiåberg", "lukasz quzydlo": "Łukasz Qużydło", "łuk": "Łukasz Qużydło",
		"grossm": "Großmann Quelle", "großmann": "Großmann Quelle", "GROSSMANN": "Großmann Quelle",
		"café quinoa": "Cafe\u0301 Quinoa", "cafe\u0301 quin": "Cafe\u0301 Quinoa", "cafe quinoa": "Cafe\u0301 Quinoa",
		"jeanqlau": "Jean-Qlaude d’Arqueville", "jean-qlau": "Jean-Qlaude d’Arqueville", "d'arque": "Jean-Qlaude d’Arqueville", "darqueville": "Jean-Qlaude d’Arqueville", "qlaude jean": "Jean-Qlaude d’Arqueville",
		"احمد": "أحمد القرشي", "أَحْمَد": "أحمد القرشي", "שלום": "שָׁלוֹם קהת", "प्रिया": "प्रियांका क़ादिर", "👩": "👩🏽‍🚀 Qosmo", "👩🏽‍🚀 qos": "👩🏽‍🚀 Qosmo", "full qwid": "Ｆｕｌｌ Qwidth",
		"20304050": "Søren Quiåberg", "+45 20 30 40": "Søren Quiåberg", "0045 2030": "Søren Quiåberg",
		"030 7654321": "Qitty Numbers", "0307654": "Qitty Numbers", "+49 30 7654": "Qitty Numbers", "7654321": "Qitty Numbers", "+49 (0)30 765": "Qitty Numbers",
		"qitty@": "Qitty Numbers", "crm_x": "Qitty Numbers", "sub.numbers-q": "Qitty Numbers", "qitty+crm_x@sub.numbers-q.example": "Qitty Numbers", "numbersq": "Qitty Numbers",
	} {
		if got := c.titles("types=person&q=" + url.QueryEscape(query)); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
}
