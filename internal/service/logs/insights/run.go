package insights

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"apex/internal/dataplane/logfile"
)

// Progress counts what a query has looked at so far; it may be read while the
// query runs.
type Progress struct {
	Matched, Scanned, Bytes    atomic.Int64 // events, events, bytes of messages
	SkippedBytes, SkippedLines atomic.Int64 // not looked at, for they could not be among the results
}

// A Field is one named value of a result.
type Field struct{ Name, Value string }

// Run runs the query over chunks. The results are at most limit rows; each has the
// fields that have a value.
func (q *Query) Run(ctx context.Context, chunks []Chunk, most int, progress *Progress) ([][]Field, error) {
	plan := q.plan(most)
	chunks = slices.Clone(chunks)
	slices.SortStableFunc(chunks, func(a, b Chunk) int { return cmp.Compare(b.last(), a.last()) })
	work, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	var mu sync.Mutex
	all := plan.collector()
	for range min(runtime.GOMAXPROCS(0), max(1, len(chunks))) {
		work.Go(func() error {
			w := &worker{plan: plan, row: &Row{vars: make([]Value, q.slots)}, to: plan.collector(), progress: progress}
			for i := next.Add(1) - 1; i < int64(len(chunks)); i = next.Add(1) - 1 {
				if err := w.run(ctx, &chunks[i]); err != nil {
					return err
				}
			}
			mu.Lock()
			defer mu.Unlock()
			return all.join(w.to)
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	rows, err := q.finish(all.rows(), plan.rest)
	if err != nil {
		return nil, err
	}
	return q.results(rows[:min(len(rows), most)]), nil
}

// last is a bound of a chunk's times, in milliseconds; one still written has none.
func (c Chunk) last() int64 {
	if c.Last.IsZero() {
		return math.MaxInt64
	}
	return c.Last.UnixMilli()
}

// A plan is how a query is carried out: what streams, what collects the rows, and
// what is done with them then.
type plan struct {
	stream    []stage
	collector func() collector
	rest      []stage
	newest    *atomic.Int64
}

// plan moves what can stream before what cannot: a filter behind a sort.
func (q *Query) plan(most int) *plan {
	p := &plan{}
	var sorted *order
	rest := q.stages
	for ; len(rest) > 0; rest = rest[1:] {
		if s, ok := rest[0].(order); ok {
			sorted = &s
		} else if streams(rest[0]) {
			p.stream = append(p.stream, rest[0])
		} else {
			break
		}
	}
	if len(rest) > 0 {
		if s, ok := rest[0].(stats); ok {
			p.collector, p.rest = func() collector { return newGroups(q, s) }, rest[1:]
			return p
		}
	}
	best := top{query: q, limit: MaxLimit}
	if sorted != nil {
		best.keys = sorted.keys
	}
	if len(rest) > 0 {
		if d, ok := rest[0].(dedup); ok {
			best.by, rest = d.by, rest[1:]
		}
	}
	if len(rest) == 0 {
		best.limit = most
	} else if n, ok := rest[0].(limit); ok {
		best.limit, rest = n.n, rest[1:]
	}
	if sorted == nil && best.by == nil {
		best.newest = new(atomic.Int64)
		best.newest.Store(math.MinInt64)
		p.newest = best.newest
	}
	p.rest = rest
	p.collector = func() collector { own := best; return &own }
	return p
}

func streams(s stage) bool {
	switch s.(type) {
	case compute, filter, take:
		return true
	}
	return false
}

// A worker takes chunks through the streaming stages.
type worker struct {
	*plan
	row      *Row
	to       collector
	progress *Progress
}

// checkEvery is after how many events a worker looks whether it shall end.
const checkEvery = 1024

func (w *worker) run(ctx context.Context, c *Chunk) error {
	if w.newest != nil && c.last() < w.newest.Load() {
		w.progress.SkippedBytes.Add(c.Bytes)
		return nil
	}
	var scanned, matched, bytes int64
	var fault error
	err := c.Scan(func(e logfile.Event) bool {
		if scanned++; scanned%checkEvery == 0 {
			if fault = ctx.Err(); fault != nil {
				return false
			}
		}
		bytes += int64(len(e.Message))
		if w.newest != nil && e.Time.UnixMilli() < w.newest.Load() {
			return true
		}
		w.row.begin(c, e)
		if !passes(w.row, w.stream) {
			return true
		}
		matched++
		fault = w.to.take(w.row)
		return fault == nil
	})
	w.progress.Scanned.Add(scanned)
	w.progress.Matched.Add(matched)
	w.progress.Bytes.Add(bytes)
	if fault != nil {
		return fault
	}
	return err
}

// passes takes a row through streaming stages; false if a filter holds it back.
func passes(r *Row, stages []stage) bool {
	for _, s := range stages {
		switch s := s.(type) {
		case compute:
			r.vars[s.slot] = s.of(r)
		case filter:
			if !s.holds(r).holds() {
				return false
			}
		case take:
			s.apply(r)
		}
	}
	return true
}

func (t take) apply(r *Row) {
	v := t.from(r)
	if v.kind == missing {
		return
	}
	into := make([]string, len(t.slots))
	if t.cut(v.String(), into) {
		for i, slot := range t.slots {
			r.vars[slot] = textOf(into[i])
		}
	}
}

// finish takes collected rows through the stages that are left.
func (q *Query) finish(rows []*Row, stages []stage) ([]*Row, error) {
	for len(stages) > 0 {
		s := stages[0]
		if streams(s) {
			rows = slices.DeleteFunc(rows, func(r *Row) bool { return !passes(r, stages[:1]) })
		} else {
			var next collector
			switch s := s.(type) {
			case stats:
				next = newGroups(q, s)
			case order:
				next = &top{query: q, keys: s.keys, limit: maxGroups}
			case dedup:
				rows = distinctRows(rows, s.by)
			case limit:
				rows = rows[:min(len(rows), s.n)]
			}
			if next != nil {
				for _, r := range rows {
					if err := next.take(r); err != nil {
						return nil, err
					}
				}
				rows = next.rows()
			}
		}
		stages = stages[1:]
	}
	return rows, nil
}

// distinctRows keeps the first row of each key.
func distinctRows(rows []*Row, by []expr) []*Row {
	seen := map[string]bool{}
	return slices.DeleteFunc(rows, func(r *Row) bool {
		var values []Value
		for _, of := range by {
			values = append(values, of(r))
		}
		key := string(appendKey(nil, values))
		old := seen[key]
		seen[key] = true
		return old
	})
}

func (q *Query) results(rows []*Row) [][]Field {
	all := [][]Field{}
	for _, r := range rows {
		fields := []Field{}
		for _, c := range q.columns {
			if v := c.of(r); v.kind != missing {
				fields = append(fields, Field{c.name, v.clone().String()})
			}
		}
		all = append(all, fields)
	}
	return all
}
