package page_test

import (
	"iter"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"apex/internal/page"
)

func own(s *string) string { return *s }

// What is there from the first page to the last is given once, whatever comes
// and goes in between.
func TestWhatStaysIsGivenOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-f]{1,3}`)
		stays := rapid.SliceOfNDistinct(name, 1, 20, rapid.ID).Draw(t, "stays")
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		var given []string
		for token := (*string)(nil); ; {
			now := append(rapid.SliceOf(name).Draw(t, "passing"), stays...)
			slices.Sort(now)
			now = slices.Compact(now)
			items, next, ok := page.Of(now, own, token, limit)
			rows, nextRow, _ := page.Rows(func(after string) iter.Seq2[string, string] {
				return func(yield func(string, string) bool) {
					for _, name := range now {
						if name > after && !yield(name, name) {
							return
						}
					}
				}
			}, func(string) bool { return true }, token, limit)
			if !slices.Equal(rows, items) || (nextRow == nil) != (next == nil) {
				t.Fatalf("of rows: %v, of a list: %v", rows, items)
			}
			if !ok || len(items) > limit {
				t.Fatalf("page of %d: %v, %v", limit, items, ok)
			}
			given = append(given, items...)
			if token = next; next == nil {
				break
			}
		}
		if !slices.IsSorted(given) || len(slices.Compact(slices.Clone(given))) != len(given) {
			t.Errorf("given twice or out of order: %v", given)
		}
		for _, s := range stays {
			if !slices.Contains(given, s) {
				t.Errorf("%s was there all the time and is not in %v", s, given)
			}
		}
	})
}

// Keys put what they are made of in order.
func TestKeysOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.StringMatching(`[a-c]{0,4}`).Draw(t, "a"), rapid.StringMatching(`[a-c]{0,4}`).Draw(t, "b")
		if (a < b) != (page.Reverse(b) < page.Reverse(a)) {
			t.Errorf("%q and %q are not turned round", a, b)
		}
		early := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "at"), 0)
		late := early.Add(time.Duration(rapid.Int64Range(1, 1<<40).Draw(t, "after")))
		if page.Oldest(early, b) >= page.Oldest(late, a) || page.Newest(early, b) <= page.Newest(late, a) {
			t.Errorf("%v and %v are not in order", early, late)
		}
	})
}

func FuzzToken(f *testing.F) {
	f.Add("")
	f.Add("Yg")
	f.Add("!")
	f.Fuzz(func(t *testing.T, token string) {
		all := []string{"a", "b", "c"}
		items, next, ok := page.Of(all, own, &token, 2)
		if !ok && (items != nil || next != nil) {
			t.Error("a bad token gives a page")
		}
	})
}
