package page

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"apexai/crm/internal/tenant"
)

var (
	signer = Signer{Key: []byte("0123456789abcdef")}
	byName = Orders{{Name: "name", Columns: []Column{Text("last"), Text("first")}}, {Name: "-name", Columns: []Column{Text("last"), Text("first")}, Desc: true}}
	us     = tenant.Tenant{Workspace: 7}
)

func TestAfter(t *testing.T) {
	for i, want := range []string{
		" AND (last >= ? AND (last > ? OR first > ?))",
		" AND (last <= ? AND (last < ? OR first < ?))",
	} {
		sql, args, err := byName[i].After([]string{"b", "x"})
		if err != nil || sql != want || !slices.Equal(args, []any{"b", "b", "x"}) {
			t.Errorf("%s: %s %v %v", byName[i].Name, sql, args, err)
		}
	}
	if sql, _, _ := byName[0].After(nil); sql != "" {
		t.Errorf("the first page: %q", sql)
	}
}

func TestByNamesEveryColumn(t *testing.T) {
	if got := byName[1].By(); got != "last DESC, first DESC" {
		t.Error(got)
	}
}

func query(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}

// A cursor gives back what went into it, to its own list only.
func TestCursorRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := []string{rapid.String().Draw(t, "last"), rapid.String().Draw(t, "first")}
		filter := rapid.String().Draw(t, "filter")
		r, err := signer.Read(query(), us, "people", byName, filter)
		if err != nil {
			t.Fatal(err)
		}
		cursor := r.seal(values)
		again, err := signer.Read(query("cursor", cursor), us, "people", byName, filter)
		if err != nil {
			t.Fatal(err)
		}
		for i := range values {
			if strings.ToValidUTF8(values[i], "\uFFFD") != again.After[i] {
				t.Fatalf("%q came back as %q", values, again.After)
			}
		}
		for what, refuse := range map[string]func() error{
			"another tenant": func() error {
				_, err := signer.Read(query("cursor", cursor), tenant.Tenant{Workspace: 8}, "people", byName, filter)
				return err
			},
			"another list": func() error {
				_, err := signer.Read(query("cursor", cursor), us, "companies", byName, filter)
				return err
			},
			"another sort": func() error {
				_, err := signer.Read(query("cursor", cursor, "sort", "-name"), us, "people", byName, filter)
				return err
			},
			"another filter": func() error {
				_, err := signer.Read(query("cursor", cursor), us, "people", byName, filter+"x")
				return err
			},
			"another key": func() error {
				_, err := Signer{Key: []byte("other")}.Read(query("cursor", cursor), us, "people", byName, filter)
				return err
			},
		} {
			if refuse() == nil {
				t.Fatalf("%s took the cursor", what)
			}
		}
	})
}

func TestCut(t *testing.T) {
	r, err := signer.Read(query("limit", "2"), us, "people", byName)
	if err != nil {
		t.Fatal(err)
	}
	key := func(s string, _ Order) []string { return []string{s, s} }
	for rows, want := range map[string]string{"": "", "a": "a", "ab": "ab", "abc": "ab+"} {
		var list []string
		if rows != "" {
			list = strings.Split(rows, "")
		}
		p := Cut(r, list, key)
		got := strings.Join(p.Items, "")
		if p.NextCursor != "" {
			got += "+"
		}
		if got != want || p.Items == nil {
			t.Errorf("%q: %q, want %q", rows, got, want)
		}
	}
}

func TestPrefixIsLiteral(t *testing.T) {
	if got := Prefix(`50%_\`); got != `50\%\_\\%` {
		t.Error(got)
	}
}

func FuzzCursor(f *testing.F) {
	for _, s := range []string{"", "AAAA", strings.Repeat("A", 60), "!"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		r, err := signer.Read(query("cursor", cursor), us, "people", byName)
		if err == nil && r.After != nil {
			t.Errorf("took the forged cursor %q", cursor)
		}
	})
}
