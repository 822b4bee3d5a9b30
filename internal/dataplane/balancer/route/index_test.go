package route

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// naive is what a Table must be equal to: every rule, in order of priority.
func naive(t *Table, r *Request) (*Rule, int) {
	for i := range t.rules {
		if t.rules[i].matches(r) {
			return &t.rules[i], i + 1
		}
	}
	return &t.def, len(t.rules)
}

func drawRules(t *rapid.T) []Rule {
	paths := rapid.SliceOfN(rapid.StringMatching(`/(a|b|ab|A)?(/|\*|\?|b){0,3}`), 1, 3)
	hosts := rapid.SliceOfN(rapid.StringMatching(`(\*\.|\*|a\.|\?)?(x|X|y)\.(io|org|\*)`), 1, 2)
	draw := rapid.Custom(func(t *rapid.T) Rule {
		r := Rule{Priority: rapid.IntRange(1, 50).Draw(t, "priority"), Action: forward("g")}
		if rapid.Bool().Draw(t, "by path") {
			r.Conditions = append(r.Conditions, Condition{Field: PathPattern, Values: paths.Draw(t, "paths")})
		}
		if rapid.Bool().Draw(t, "by host") {
			r.Conditions = append(r.Conditions, Condition{Field: HostHeader, Values: hosts.Draw(t, "hosts")})
		}
		switch rapid.IntRange(0, 4).Draw(t, "more") {
		case 0:
			r.Conditions = append(r.Conditions, Condition{Field: RequestMethod, Values: []string{"GET"}})
		case 1:
			r.Conditions = append(r.Conditions, Condition{Field: PathPattern, Regex: []string{"^/a+"}, Values: []string{"/b*"}})
		case 2:
			r.Conditions = append(r.Conditions, Condition{Field: SourceIP, Sources: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}})
		}
		return r
	})
	rules := rapid.SliceOfN(draw, 0, 12).Draw(t, "rules")
	for i := range rules {
		rules[i].ID = fmt.Sprint("r", i)
	}
	return rules
}

// The index leaves out no rule that would match, and keeps the order.
func TestIndexIsTheNaiveMatcher(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := NewTable(drawRules(t), forward("default"))
		for range 5 {
			host := rapid.StringMatching(`(a\.|b\.)?[xXy]\.(io|org|IO)(:80)?`).Draw(t, "host")
			path := rapid.StringMatching(`/(a|b|A)?(/|b|a){0,3}`).Draw(t, "path")
			r := request(rapid.SampledFrom([]string{"GET", "POST"}).Draw(t, "method"), host, path)
			want, count := naive(table, r)
			if got, n := table.lookUp(r); got.ID != want.ID || n != count {
				t.Fatalf("%s%s: rule %s after %d, want %s after %d", host, path, got.ID, n, want.ID, count)
			}
		}
	})
}

func manyRules(n int) []Rule {
	var rules []Rule
	for i := range n {
		r := Rule{ID: fmt.Sprint(i), Priority: i + 1, Action: forward("g")}
		switch i % 3 {
		case 0:
			r.Conditions = []Condition{{Field: PathPattern, Values: []string{fmt.Sprintf("/service-%d/*", i)}}}
		case 1:
			r.Conditions = []Condition{{Field: HostHeader, Values: []string{fmt.Sprintf("h%d.example.com", i)}}}
		case 2:
			r.Conditions = []Condition{
				{Field: HostHeader, Values: []string{"*.example.org"}},
				{Field: PathPattern, Values: []string{fmt.Sprintf("/tenant-%d", i)}},
			}
		}
		rules = append(rules, r)
	}
	return rules
}

// However many rules there are, a request looks at those of its host and path.
func TestMatchingCostIsFlat(t *testing.T) {
	for _, target := range []string{"/service-996/x", "/tenant-998", "/none"} {
		for _, host := range []string{"h997.example.com", "q.example.org", "other.net"} {
			looked := func(n int) (count int) {
				var c candidates
				NewTable(manyRules(n), forward("default")).index.find(request("GET", host, target), &c)
				for _, ok := c.next(); ok; _, ok = c.next() {
					count++
				}
				return count
			}
			if few, many := looked(10), looked(1000); many > few+2 {
				t.Errorf("%s%s: looks at %d rules of 10, at %d of 1000", host, target, few, many)
			}
		}
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	table := NewTable(manyRules(100), forward("default"))
	r := request("GET", "Q.example.org", "/tenant-98")
	if n := testing.AllocsPerRun(100, func() { table.Match(r) }); n > 0 {
		t.Errorf("%v allocations for each match", n)
	}
	if rule, _ := table.Match(r); rule.ID != "98" {
		t.Errorf("rule %s", rule.ID)
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{3, 100, 1000} {
		table := NewTable(manyRules(n), forward("default"))
		r := request("GET", "h997.example.com", "/api/"+strings.Repeat("x", 40))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				table.Match(r)
			}
		})
	}
}
