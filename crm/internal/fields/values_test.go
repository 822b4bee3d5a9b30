package fields

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

var tried = []string{"text", "number", "money", "bool", "date", "select", "multi", "url", "user"}

func TestClean(t *testing.T) {
	for _, tt := range []struct{ kind, raw, want string }{ // "-": none, "!": refused
		{"text", `"  two  words "`, `"two words"`},
		{"text", `""`, "-"},
		{"text", `null`, "-"},
		{"text", ` `, "-"},
		{"text", `5`, "!"},
		{"text", `"` + strings.Repeat("x", maxText+1) + `"`, "!"},
		{"number", `5`, "5"},
		{"number", `-0.5000`, "-0.5"},
		{"number", `1e3`, "1000"},
		{"number", `1e300`, "!"},
		{"number", `0.00001`, "!"},
		{"number", `"5"`, "!"},
		{"money", `{"currency":"EUR","amountMinor":125000}`, `{"amountMinor":125000,"currency":"EUR"}`},
		{"money", `{"amountMinor":1.5,"currency":"EUR"}`, "!"},
		{"money", `{"amountMinor":1,"currency":"eur"}`, "!"},
		{"money", `{"amountMinor":1}`, "!"},
		{"money", `{"amountMinor":1,"currency":"EUR","x":1}`, "!"},
		{"bool", `true`, "true"},
		{"bool", `false`, "false"},
		{"bool", `1`, "!"},
		{"date", `"2026-02-28"`, `"2026-02-28"`},
		{"date", `"2026-02-30"`, "!"},
		{"date", `"0026-02-28"`, "!"},
		{"select", `"red"`, `"Red"`},
		{"select", `"blue"`, "!"},
		{"multi", `["red","GREEN","Red"]`, `["Red","Green"]`},
		{"multi", `[]`, "-"},
		{"multi", `["blue"]`, "!"},
		{"multi", `"red"`, "!"},
		{"url", `"example.com/a"`, `"https://example.com/a"`},
		{"url", `"javascript://x"`, "!"},
		{"url", `"https://"`, "!"},
		{"user", `"nobody"`, "!"},
	} {
		raw, cells, err := clean(Def{Type: tt.kind, Options: []string{"Red", "Green"}}, json.RawMessage(tt.raw))
		got := string(raw)
		switch {
		case err != nil:
			got = "!"
		case raw == nil:
			got = "-"
		case len(cells) == 0:
			t.Errorf("%s %s: no row to find it by", tt.kind, tt.raw)
		}
		if got != tt.want {
			t.Errorf("%s %.40s: %s (%v), want %s", tt.kind, tt.raw, got, err, tt.want)
		}
	}
}

// What was taken is taken again, and is then the same.
func FuzzClean(f *testing.F) {
	for i, seed := range []string{`"a"`, `5e-1`, `{"amountMinor":1,"currency":"EUR"}`, `true`, `"2026-01-01"`, `"Red"`, `["Red"]`, `"example.com"`, `"x`, "[[[[", "\xff"} {
		f.Add(i%len(tried), []byte(seed))
	}
	f.Fuzz(func(t *testing.T, kind int, raw []byte) {
		d := Def{Type: tried[uint(kind)%uint(len(tried))], Options: []string{"Red", "Green"}}
		once, cells, err := clean(d, raw)
		if err != nil || once == nil {
			return
		}
		again, cellsAgain, err := clean(d, once)
		if err != nil || !bytes.Equal(once, again) || !slices.Equal(cells, cellsAgain) {
			t.Errorf("%s %q became %q and then %q (%v)", d.Type, raw, once, again, err)
		}
		if !json.Valid(once) {
			t.Errorf("%q is no JSON", once)
		}
	})
}
