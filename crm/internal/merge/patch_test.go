package merge

import (
	"encoding/json"
	"testing"
)

func objectOf(t *testing.T, text string) object {
	t.Helper()
	var o object
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// The winner keeps what it has; what it lacks, or what was chosen, comes from
// the other; lists become both's.
func TestDecide(t *testing.T) {
	const none = `"emails":[],"phones":[],"tags":[],"custom":{}`
	for name, tt := range map[string]struct {
		winner, loser string
		choose        map[string]string
		want          string
	}{
		"the same":             {`{"firstName":"Ana",` + none + `}`, `{"firstName":"Ana",` + none + `}`, nil, `{}`},
		"both have it":         {`{"firstName":"Ana",` + none + `}`, `{"firstName":"Anna",` + none + `}`, nil, `{}`},
		"only the other":       {`{"title":"","companyId":null,` + none + `}`, `{"title":"CEO","companyId":"c",` + none + `}`, nil, `{"companyId":"c","title":"CEO"}`},
		"chosen":               {`{"title":"CTO",` + none + `}`, `{"title":"CEO",` + none + `}`, map[string]string{"title": "theirs"}, `{"title":"CEO"}`},
		"chosen to be empty":   {`{"title":"CTO",` + none + `}`, `{"title":"",` + none + `}`, map[string]string{"title": "theirs"}, `{"title":""}`},
		"kept empty":           {`{"title":"",` + none + `}`, `{"title":"CEO",` + none + `}`, map[string]string{"title": "mine"}, `{}`},
		"addresses once":       {`{"emails":[{"value":"a@x.example"}],"phones":[],"tags":[],"custom":{}}`, `{"emails":[{"value":"A@X.example"},{"value":"b@x.example","kind":"work"}],"phones":[],"tags":[],"custom":{}}`, nil, `{"emails":[{"value":"a@x.example"},{"value":"b@x.example","kind":"work"}]}`},
		"numbers as dialled":   {`{"emails":[],"phones":[{"value":"+44 20 79"}],"tags":[],"custom":{}}`, `{"emails":[],"phones":[{"value":"+44 (20)-79"}],"tags":[],"custom":{}}`, nil, `{}`},
		"tags by name":         {`{"emails":[],"phones":[],"tags":[{"name":"VIP"}],"custom":{}}`, `{"emails":[],"phones":[],"tags":[{"name":"vip"},{"name":"new"}],"custom":{}}`, nil, `{"tags":[{"name":"VIP"},{"name":"new"}]}`},
		"own fields":           {`{"emails":[],"phones":[],"tags":[],"custom":{"a":1}}`, `{"emails":[],"phones":[],"tags":[],"custom":{"a":2,"b":3}}`, nil, `{"custom":{"b":3}}`},
		"own fields, chosen":   {`{"emails":[],"phones":[],"tags":[],"custom":{"a":1,"c":4}}`, `{"emails":[],"phones":[],"tags":[],"custom":{"a":2}}`, map[string]string{"custom.a": "theirs", "custom.c": "theirs"}, `{"custom":{"a":2,"c":null}}`},
		"not more than ten":    {`{"emails":["1","2","3","4","5","6","7","8","9"],"phones":[],"tags":[],"custom":{}}`, `{"emails":["a","b"],"phones":[],"tags":[],"custom":{}}`, nil, `{"emails":["1","2","3","4","5","6","7","8","9","a"]}`},
		"no such field":        {`{` + none + `}`, `{` + none + `}`, map[string]string{"version": "theirs"}, ""},
		"neither mine nor not": {`{` + none + `}`, `{` + none + `}`, map[string]string{"title": "ours"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decide("person", objectOf(t, tt.winner), objectOf(t, tt.loser), tt.choose)
			if tt.want == "" {
				if err == nil {
					t.Errorf("taken: %s", got)
				}
				return
			}
			text, _ := json.Marshal(got)
			if err != nil || string(text) != tt.want {
				t.Errorf("%s (%v), want %s", text, err, tt.want)
			}
		})
	}
}
