package awswire_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"apex/internal/api"
	"apex/internal/awswire"
)

// A basket has a member of each kind.
type basket struct {
	Name   *string
	Count  *int64
	Weight *float64
	Full   *bool
	At     *time.Time
	Photo  []byte
	Words  []string          `wire:"Words,item=Word"`
	Flat   []string          `wire:"Flat,flat"`
	Tags   map[string]string `wire:"Tags"`
	Inner  *basket
	Inners []basket
}

func decode(protocol api.Protocol, body string) (basket, int, error) {
	var in basket
	op := &api.OperationInfo{Service: &api.Service{Protocol: protocol}}
	unknown, err := awswire.Of(protocol).Decode(form([]byte(body)), op, &in)
	return in, unknown, err
}

func TestDecode(t *testing.T) {
	words := basket{Words: []string{"a", "b"}}
	day := api.Ptr(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))
	for name, tt := range map[string]struct {
		protocol api.Protocol
		body     string
		want     basket
		unknown  int
	}{
		"list by its item":            {api.Query, "Words.Word.1=a&Words.Word.2=b", words, 0},
		"list by member":              {api.Query, "Words.member.1=a&Words.member.2=b", words, 0},
		"list with a gap":             {api.Query, "Words.Word.3=b&Words.Word.1=a", words, 0},
		"list beyond ten":             {api.Query, "Words.Word.10=b&Words.Word.9=a", words, 0},
		"list without wrapper":        {api.EC2Query, "Words.1=a&Words.2=b", words, 0},
		"flat list":                   {api.Query, "Flat.1=a&Flat.2=b", basket{Flat: []string{"a", "b"}}, 0},
		"empty list":                  {api.Query, "Words=", basket{Words: []string{}}, 0},
		"map":                         {api.Query, "Tags.entry.1.key=a&Tags.entry.1.value=b%26c", basket{Tags: map[string]string{"a": "b&c"}}, 0},
		"structure":                   {api.Query, "Inner.Count=1&Inner.Inner.Count=2", basket{Inner: &basket{Count: api.Ptr[int64](1), Inner: &basket{Count: api.Ptr[int64](2)}}}, 0},
		"structures":                  {api.EC2Query, "Inners.2.Name=b&Inners.1.Name=a", basket{Inners: []basket{{Name: api.Ptr("a")}, {Name: api.Ptr("b")}}}, 0},
		"plus is a space":             {api.Query, "Name=a+b", basket{Name: api.Ptr("a b")}, 0},
		"unknown members":             {api.Query, "Action=A&Version=V&X-Amz-Date=D&New=1&Newer.a.b=2&Newer.c=3&Inner.Newest=4", basket{Inner: &basket{}}, 3},
		"booleans in any case":        {api.Query, "Full=True", basket{Full: api.Ptr(true)}, 0},
		"time, ISO 8601":              {api.Query, "At=2026-11-24T08%3A00%3A00Z", basket{At: day}, 0},
		"time, ISO 8601 with zone":    {api.Query, "At=2026-11-24T09%3A00%3A00.000%2B01%3A00", basket{At: day}, 0},
		"time, no zone":               {api.Query, "At=2026-11-24T08%3A00%3A00", basket{At: day}, 0},
		"time, HTTP":                  {api.Query, "At=Tue%2C+24+Nov+2026+08%3A00%3A00+GMT", basket{At: day}, 0},
		"time, seconds":               {api.JSON, `{"At":1795507200}`, basket{At: day}, 0},
		"time, seconds with fraction": {api.JSON, `{"At":1795507200.25}`, basket{At: api.Ptr(day.Add(250 * time.Millisecond))}, 0},
		"time, text in JSON":          {api.JSON, `{"At":"2026-11-24T08:00:00Z"}`, basket{At: day}, 0},
		"no body":                     {api.JSON, ``, basket{}, 0},
		"null is absent":              {api.JSON, `{"Name":null,"Words":null,"Inner":null,"Tags":null,"Count":null}`, basket{}, 0},
		"empty is not":                {api.JSON, `{"Name":"","Words":[],"Inner":{},"Tags":{}}`, basket{Name: api.Ptr(""), Words: []string{}, Inner: &basket{}, Tags: map[string]string{}}, 0},
		"integer written as float":    {api.JSON, `{"Count":3.0}`, basket{Count: api.Ptr[int64](3)}, 0},
		"escapes":                     {api.JSON, `{"N\u0061me":"\ud83d\ude00\n\"}"}`, basket{Name: api.Ptr("😀\n\"}")}, 0},
		"unknown values are skipped":  {api.JSON, `{"a":[{"b":"]}"},[[]],1,true,null],"Name":"x","c":"\\"}`, basket{Name: api.Ptr("x")}, 2},
		"blob":                        {api.JSON, `{"Photo":"aGk="}`, basket{Photo: []byte("hi")}, 0},
		"map of JSON":                 {api.JSON, `{"Tags":{"a":"b"}}`, basket{Tags: map[string]string{"a": "b"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, unknown, err := decode(tt.protocol, tt.body)
			if err != nil || unknown != tt.unknown {
				t.Errorf("%d unknown, %v; want %d", unknown, err, tt.unknown)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("input (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	deepJSON := strings.Repeat(`{"Inner":`, 100) + "{}" + strings.Repeat("}", 100)
	for name, tt := range map[string]struct {
		protocol api.Protocol
		body     string
		member   string
	}{
		"no integer":            {api.Query, "Count=many", "Count"},
		"too large an integer":  {api.Query, "Count=99999999999999999999", "Count"},
		"no number":             {api.Query, "Weight=heavy", "Weight"},
		"no boolean":            {api.Query, "Full=1", "Full"},
		"no time":               {api.Query, "At=noon", "At"},
		"no year of any clock":  {api.Query, "At=1e300", "At"},
		"no base64":             {api.Query, "Photo=%3F", "Photo"},
		"deep inside":           {api.EC2Query, "Inners.1.Inner.Count=x", "Inners.1.Inner.Count"},
		"not URL-encoded":       {api.Query, "Name=%", ""},
		"nested too deep":       {api.EC2Query, strings.Repeat("Inner.", 100) + "Count=1", strings.Repeat("Inner.", 48) + "Inner"},
		"no JSON":               {api.JSON, `{"Name":}`, ""},
		"JSON, no object":       {api.JSON, `[]`, ""},
		"JSON, more after":      {api.JSON, `{} {}`, ""},
		"JSON, number for text": {api.JSON, `{"Name":1}`, "Name"},
		"JSON, text for number": {api.JSON, `{"Count":"1"}`, "Count"},
		"JSON, text for float":  {api.JSON, `{"Weight":"1"}`, "Weight"},
		"JSON, fraction":        {api.JSON, `{"Count":1.5}`, "Count"},
		"JSON, number for bool": {api.JSON, `{"Full":1}`, "Full"},
		"JSON, list for object": {api.JSON, `{"Inner":[]}`, "Inner"},
		"JSON, object for text": {api.JSON, `{"Name":{"a":[1]}}`, "Name"},
		"JSON, object for list": {api.JSON, `{"Words":{}}`, "Words"},
		"JSON, in a list":       {api.JSON, `{"Words":["a",1]}`, "Words.2"},
		"JSON, in a map":        {api.JSON, `{"Tags":{"a":1}}`, "Tags.a"},
		"JSON, too deep":        {api.JSON, deepJSON, strings.Repeat("Inner.", 48) + "Inner"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := decode(tt.protocol, tt.body)
			fault, ok := errors.AsType[*awswire.InputError](err)
			if !ok || fault.Member != tt.member {
				t.Errorf("got %v, want a fault of %q", err, tt.member)
			}
		})
	}
}

func TestTooManyParameters(t *testing.T) {
	if _, _, err := decode(api.Query, strings.Repeat("a=&", 100_001)); err == nil {
		t.Error("a hundred thousand and one parameters were read")
	}
}

// Faults are answered in the family's codes.
func TestRefusal(t *testing.T) {
	for name, tt := range map[string]struct {
		protocol api.Protocol
		err      error
		code     string
		status   int
	}{
		"EC2, a member":  {api.EC2Query, &awswire.InputError{Member: "Count", Fault: "x"}, "InvalidParameterValue", 400},
		"EC2, all of it": {api.EC2Query, &awswire.InputError{Fault: "x"}, "MalformedInput", 400},
		"query":          {api.Query, &awswire.InputError{Member: "Count", Fault: "x"}, "MalformedInput", 400},
		"JSON":           {api.JSON, &awswire.InputError{Fault: "x"}, "SerializationException", 400},
		"ours":           {api.JSON, errors.New("x"), "InternalFailure", 500},
	} {
		if got := awswire.Refusal(&api.Service{Protocol: tt.protocol}, tt.err); got.Code != tt.code || got.Status != tt.status {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
