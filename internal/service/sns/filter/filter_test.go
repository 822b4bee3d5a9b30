package filter_test

import (
	"encoding/json"
	"strings"
	"testing"

	"apex/internal/service/sns/filter"
)

var message = map[string][]any{"event": {"order_placed"}, "price": {json.Number("100")}, "tags": {"a", "b"}}

func TestMatches(t *testing.T) {
	for policy, want := range map[string]bool{
		`{}`:                                                 true,
		`{"event":["order_placed"]}`:                         true,
		`{"event":["x","order_placed"]}`:                     true,
		`{"event":["x"]}`:                                    false,
		`{"event":[{"prefix":"order"}]}`:                     true,
		`{"event":[{"suffix":"placed"}]}`:                    true,
		`{"event":[{"prefix":"ship"}]}`:                      false,
		`{"event":[{"equals-ignore-case":"ORDER_PLACED"}]}`:  true,
		`{"event":[{"anything-but":"x"}]}`:                   true,
		`{"event":[{"anything-but":["x","order_placed"]}]}`:  false,
		`{"event":[{"anything-but":{"prefix":"order"}}]}`:    false,
		`{"price":[100.0]}`:                                  true,
		`{"price":["100"]}`:                                  false, // a string is no number
		`{"price":[{"numeric":[">",0,"<=",150]}]}`:           true,
		`{"price":[{"numeric":[">",100]}]}`:                  false,
		`{"event":[{"numeric":["=",1]}]}`:                    false,
		`{"event":["order_placed"],"price":[1]}`:             false,
		`{"tags":["b"]}`:                                     true,
		`{"none":["x"]}`:                                     false,
		`{"none":[{"exists":false}]}`:                        true,
		`{"event":[{"exists":false}]}`:                       false,
		`{"event":[{"exists":true}]}`:                        true,
		`{"event":[{"wildcard":"or*_pl*ed"}]}`:               true,
		`{"event":[{"wildcard":"or*_pl*e"}]}`:                false,
		`{"event":[{"wildcard":"order\\\\*"}]}`:              false,
		`{"event":[{"prefix":{"equals-ignore-case":"OR"}}]}`: true,
		`{"event":[{"suffix":{"equals-ignore-case":"or"}}]}`: false,
		`{"event":[{"anything-but":{"wildcard":"x*"}}]}`:     true,
		`{"event":[{"anything-but":{"suffix":["x","ed"]}}]}`: false,
		`{"none":[{"anything-but":"x"}]}`:                    false, // absent is not anything
		`{"$or":[{"event":["x"]},{"price":[100]}]}`:          true,
		`{"$or":[{"event":["x"]},{"price":[1]}]}`:            false,
	} {
		p, err := filter.Parse(policy)
		if err != nil {
			t.Errorf("%s: %v", policy, err)
			continue
		}
		if got := p.Matches(message); got != want {
			t.Errorf("%s is %v", policy, got)
		}
	}
}

func TestMatchesBody(t *testing.T) {
	const body = `{"store":{"name":"north","open":true,"close":null},"items":[{"sku":"a"},{"sku":"b"}],"total":12.5,"ip":"10.0.0.7"}`
	for policy, want := range map[string]bool{
		`{"store":{"name":["north"]}}`:             true,
		`{"store":{"name":["south"]}}`:             false,
		`{"store":{"open":[true]}}`:                true,
		`{"store":{"close":[null]}}`:               true,
		`{"items":{"sku":["b"]}}`:                  true,
		`{"items":{"sku":["c"]}}`:                  false,
		`{"ip":[{"cidr":"10.0.0.0/24"}]}`:          true,
		`{"ip":[{"cidr":"10.0.1.0/24"}]}`:          false,
		`{"gone":{"x":[{"exists":false}]}}`:        true,
		`{"gone":{"x":[{"exists":true}]}}`:         false,
		`{"total":[{"numeric":["<",13]}]}`:         true,
		`{"store":{"name":["north"]},"total":[1]}`: false,
	} {
		p, err := filter.Parse(policy)
		if err != nil {
			t.Fatalf("%s: %v", policy, err)
		}
		if got := p.MatchesBody(body); got != want {
			t.Errorf("%s is %v", policy, got)
		}
		if p.MatchesBody("no JSON") {
			t.Errorf("%s matches what is no JSON", policy)
		}
	}
}

func TestRefuses(t *testing.T) {
	for _, policy := range []string{
		``, `[]`, `{"a":1}`, `{"a":[]}`, `{"a":[[1]]}`, `{"a":[{"like":"x"}]}`, `{"a":[{"prefix":1}]}`, `{"a":[{"prefix":"x","suffix":"y"}]}`,
		`{"a":[{"exists":"yes"}]}`, `{"a":[{"wildcard":"x**"}]}`, `{"a":[{"cidr":"10.0.0.0"}]}`, `{"a":[{"numeric":[">"]}]}`, `{"a":[{"numeric":["~",1]}]}`, `{"a":[{"numeric":[">","1"]}]}`,
		`{"$or":[{"a":["x"]}]}`, `{"$or":["x","y"]}`, `{"a":[{"anything-but":{"exists":true}}]}`, strings.Repeat(`{"a":`, 50) + `["x"]` + strings.Repeat("}", 50),
	} {
		if _, err := filter.Parse(policy); err == nil {
			t.Errorf("%s was read", policy)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"a":["x",{"prefix":"y"},{"numeric":[">",0]}],"b":{"c":[{"anything-but":[1,null]}]},"$or":[{},{}]}`, `{"a":"x","b":[{"c":1}]}`)
	f.Fuzz(func(t *testing.T, policy, body string) {
		if p, err := filter.Parse(policy); err == nil {
			p.Matches(message)
			p.MatchesBody(body)
		}
	})
}
