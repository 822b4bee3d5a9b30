package encode

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"apexai/crm/internal/id"
)

func check(t interface {
	Helper()
	Errorf(string, ...any)
}, v any,
) {
	t.Helper()
	want, fault := json.Marshal(v)
	got, err := Append([]byte("before"), v)
	if (err == nil) != (fault == nil) || err == nil && string(got) != "before"+string(want) {
		t.Errorf("%#v:\ngot  %s, %v\nwant %s, %v", v, got, err, want, fault)
	}
}

type part struct {
	Word  string     `json:"word,omitempty"`
	Count *int       `json:"count"`
	When  *time.Time `json:"when,omitempty"`
}

type whole struct {
	ID     id.ID `json:"id"`
	Parent *id.ID
	part
	Inner   part    `json:"inner"`
	Parts   []part  `json:"parts"`
	Pointed []*part `json:"pointed,omitempty"`
	Small   uint8   `json:"small,omitempty"`
	Share   float64 `json:"share"`
	Any     any     `json:"any"`
	Map     map[string]part
	Raw     json.RawMessage `json:"raw"`
	Yes     bool            `json:"yes,omitempty"`
	At      time.Time       `json:"at"`
	Secret  string          `json:"-"`
	hidden  string
}

// Everything that is not peculiar, and much that is.
func TestAsEncodingJSONDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(-1e6, 1e6).Draw(t, "n")
		text := rapid.String()
		when := time.Unix(rapid.Int64Range(-1e11, 4e11).Draw(t, "seconds"), rapid.Int64Range(0, 1e9-1).Draw(t, "nanoseconds")).UTC()
		some := func() part {
			return part{Word: text.Draw(t, "word"), Count: rapid.SampledFrom([]*int{nil, &n}).Draw(t, "count"), When: rapid.SampledFrom([]*time.Time{nil, &when}).Draw(t, "when")}
		}
		w := whole{
			part: some(), Inner: some(), Parts: rapid.SampledFrom([][]part{nil, {}, {some(), some()}}).Draw(t, "parts"), Small: rapid.Uint8().Draw(t, "small"),
			Share: rapid.Float64().Draw(t, "share"), Any: rapid.SampledFrom([]any{nil, 1, "x<", some(), []string{text.Draw(t, "any")}, when}).Draw(t, "what"),
			Map: map[string]part{text.Draw(t, "key"): some()}, Raw: json.RawMessage(`{"a": [1, "<"]}`), Yes: rapid.Bool().Draw(t, "yes"), At: when, Secret: "x", hidden: "y",
		}
		copy(w.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		w.Parent = rapid.SampledFrom([]*id.ID{nil, &w.ID}).Draw(t, "parent")
		w.Pointed = rapid.SampledFrom([][]*part{nil, {nil, &w.Inner}}).Draw(t, "pointed")
		check(t, w)
		check(t, &w)
		check(t, []whole{w})
	})
}

type (
	self      struct{ Next *self }
	ambiguous struct {
		part
		Other struct{ Word string } `json:"word"`
	}
	quoted struct {
		N int `json:",string"`
	}
	pointing struct{ N int }
	empties  struct {
		Array [0]int         `json:"array,omitempty"`
		Map   map[string]int `json:"map,omitempty"`
		Any   any            `json:"any,omitempty"`
		Part  part           `json:"part,omitempty"`
	}
)

// MarshalJSON is asked only of what can be pointed to.
func (p *pointing) MarshalJSON() ([]byte, error) { return []byte(`"pointed"`), nil }

func TestPeculiar(t *testing.T) {
	zone := time.FixedZone("far", 90*60)
	for _, v := range []any{
		nil,
		self{&self{}},
		ambiguous{},
		quoted{5},
		pointing{5},
		&pointing{5},
		[]pointing{{5}},
		map[int]pointing{1: {}},
		empties{},
		struct{}{},
		[]byte("bytes"),
		[2]int{1, 2},
		time.Time{},
		time.Now().In(zone), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		[]any{make(chan int)},
		(*whole)(nil),
		[]*time.Time{nil},
		"é", "\u2028", "\xff", "é\n", "<", 1.5, true,
	} {
		check(t, v)
	}
}

func BenchmarkList(b *testing.B) {
	n, now := 5, time.Now().UTC()
	list := make([]whole, 50)
	for i := range list {
		list[i] = whole{ID: id.New(), Parent: &list[0].ID, Inner: part{"Some words", &n, &now}, Parts: []part{{Word: "more"}, {Word: "and more"}}, At: now}
	}
	b.Run("ours", func(b *testing.B) {
		var into []byte
		for b.Loop() {
			into, _ = Append(into[:0], list)
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		for b.Loop() {
			json.Marshal(list)
		}
	})
}
