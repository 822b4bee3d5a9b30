package logfile

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A stream and a slice behave alike under any sequence of operations.
func TestStreamBehavesAsASlice(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "stream")
		if err != nil {
			r.Fatal(err)
		}
		w := open(t, dir)
		defer func() { w.Close() }()
		var model []Event
		next := 0
		r.Repeat(map[string]func(*rapid.T){
			"append": func(r *rapid.T) {
				var batch []Event
				for range rapid.IntRange(1, 9).Draw(r, "events") {
					second := rapid.IntRange(0, 50).Draw(r, "second")
					batch = append(batch, Event{Time: at(second), Message: fmt.Append(nil, next)})
					next++
				}
				if err := w.AppendAll(batch); err != nil {
					r.Fatal(err)
				}
				model = append(model, batch...)
			},
			"reopen": func(*rapid.T) {
				w.Close()
				w = open(t, dir)
			},
			"pack": func(r *rapid.T) {
				if err := Pack(dir); err != nil {
					r.Fatal(err)
				}
			},
			"scan": func(r *rapid.T) {
				from, to := rapid.IntRange(0, 50).Draw(r, "from"), rapid.IntRange(0, 51).Draw(r, "to")
				q := Query{From: at(from), To: at(to)}
				if diff := cmp.Diff(text(chosen(model, q)), scan(r, dir, q)); diff != "" {
					r.Fatalf("%+v (-want +got):\n%s", q, diff)
				}
			},
			"read": func(r *rapid.T) {
				from, to := rapid.IntRange(0, 50).Draw(r, "from"), rapid.IntRange(0, 51).Draw(r, "to")
				q := Query{From: at(from), To: at(to), Backward: rapid.Bool().Draw(r, "backward")}
				if diff := cmp.Diff(text(chosen(model, q)), pages(r, dir, q)); diff != "" {
					r.Fatalf("%+v (-want +got):\n%s", q, diff)
				}
			},
		})
	})
}

func chosen(model []Event, q Query) (want []Event) {
	for _, e := range model {
		if !e.Time.Before(q.From) && e.Time.Before(q.To) {
			want = append(want, e)
		}
	}
	return want
}

// scan reads a query chunk by chunk and puts them together.
func scan(r *rapid.T, dir string, q Query) string {
	chunks, err := Chunks(dir, q)
	if err != nil {
		r.Fatal(err)
	}
	var all []Event
	for _, c := range chunks {
		err := c.Scan(func(e Event) bool {
			e.Message = bytes.Clone(e.Message)
			all = append(all, e)
			return true
		})
		if err != nil {
			r.Fatal(err)
		}
	}
	return text(all)
}

// pages reads a query in pages of random size and puts them together.
func pages(r *rapid.T, dir string, q Query) string {
	q.Limit = rapid.IntRange(1, 7).Draw(r, "page")
	var all []Event
	for {
		page, next, err := Read(dir, q)
		if err != nil {
			r.Fatal(err)
		}
		if len(page) == 0 {
			return text(all)
		}
		if q.After = next; q.Backward {
			all = append(page, all...)
		} else {
			all = append(all, page...)
		}
	}
}
