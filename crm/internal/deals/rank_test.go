package deals

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func holds(t *testing.T, after, got, before string) {
	t.Helper()
	if got <= after || before != "" && got >= before || strings.HasSuffix(got, "0") {
		t.Fatalf("between(%q, %q) = %q", after, before, got)
	}
}

func TestRanksStayInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	lane := []string{}
	longest := 0
	for range 5000 {
		at := r.IntN(len(lane) + 1)
		after, before := "", ""
		if at > 0 {
			after = lane[at-1]
		}
		if at < len(lane) {
			before = lane[at]
		}
		rank := between(after, before)
		holds(t, after, rank, before)
		lane = slices.Insert(lane, at, rank)
		longest = max(longest, len(rank))
	}
	if longest > 20 {
		t.Errorf("the longest rank of 5,000 has %d digits", longest)
	}
}

func TestRanksAtTheEndsStayShort(t *testing.T) {
	first, last := between("", ""), between("", "")
	for range 20000 {
		next := between("", first)
		holds(t, "", next, first)
		first = next
		next = between(last, "")
		holds(t, last, next, "")
		last = next
	}
	if len(first) > wholeWidth || len(last) > wholeWidth {
		t.Errorf("%q, %q", first, last)
	}
}

func TestSpread(t *testing.T) {
	ranks := spread(10000)
	if !slices.IsSorted(ranks) || len(slices.Compact(ranks)) != 10000 {
		t.Error("ranks are not in order, or not of their own")
	}
}

func FuzzBetween(f *testing.F) {
	f.Add("", "1")
	f.Add("V", "V1")
	f.Add("zzzzzzz", "")
	f.Add("Uzzzzzzz", "V")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, s := range []string{a, b} {
			if strings.Trim(s, digits) != "" || strings.HasSuffix(s, "0") || len(s) > 60 {
				t.Skip()
			}
		}
		if b != "" && a >= b {
			t.Skip()
		}
		holds(t, a, between(a, b), b)
	})
}
