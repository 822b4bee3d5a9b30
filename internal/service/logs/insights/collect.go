package insights

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
)

// keepBytes bounds what the rows of one collector take.
const keepBytes = 64 << 20

// errGroups ends a query that would need too much memory.
var errGroups = errors.New("stats by more than 100000 groups")

// A collector takes the rows that come through the streaming stages. Those of
// several workers join.
type collector interface {
	take(r *Row) error
	join(other collector) error
	rows() []*Row // in order
}

// top keeps the best rows in an order: as many as limit, one for each key if it
// is a dedup's.
type top struct {
	query  *Query
	keys   []sortKey
	by     []expr
	limit  int
	newest *atomic.Int64 // with no keys: no row from before can be among the best

	kept  []*ranked
	seen  map[string]*ranked // by the dedup's key
	bytes int
	floor *ranked // the worst that counts, once the limit was reached
}

// ranked is a kept row with what it is ordered by.
type ranked struct {
	*Row
	rank []Value
	key  string
	gone bool // another of its key is better
}

func (t *top) take(r *Row) error {
	own := ranked{Row: r, rank: make([]Value, 0, 4)}
	for _, k := range t.keys {
		own.rank = append(own.rank, k.of(r))
	}
	if t.floor != nil && t.compare(&own, t.floor) >= 0 {
		return nil
	}
	if t.by != nil {
		var values []Value
		for _, of := range t.by {
			v := of(r)
			if v.kind == missing {
				break // dedup leaves out no row that lacks a field
			}
			values = append(values, v)
		}
		if len(values) == len(t.by) {
			own.key = string(appendKey([]byte{1}, values))
		}
	}
	if old := t.seen[own.key]; old != nil && own.key != "" {
		if t.compare(&own, old) >= 0 {
			return nil
		}
		old.gone = true
	}
	for i := range own.rank {
		own.rank[i] = own.rank[i].clone()
	}
	own.Row = r.keep(t.query.messages)
	t.put(&own)
	return nil
}

func (t *top) put(own *ranked) {
	if own.key != "" {
		if t.seen == nil {
			t.seen = map[string]*ranked{}
		}
		t.seen[own.key] = own
	}
	t.kept = append(t.kept, own)
	if t.bytes += own.size(); len(t.kept) >= 2*t.limit+64 || t.bytes > keepBytes {
		t.prune()
	}
}

// prune keeps the best rows only.
func (t *top) prune() {
	t.kept = slices.DeleteFunc(t.kept, func(r *ranked) bool { return r.gone })
	slices.SortStableFunc(t.kept, t.compare)
	t.bytes = 0
	for i, own := range t.kept {
		if t.bytes += own.size(); t.bytes > keepBytes/2 {
			t.limit = min(t.limit, i+1)
		}
		if i+1 < t.limit {
			continue
		}
		for _, other := range t.kept[i+1:] {
			delete(t.seen, other.key)
		}
		t.kept, t.floor = slices.Clip(t.kept[:i+1]), own
		if t.newest != nil {
			raise(t.newest, own.event.Time.UnixMilli())
		}
		return
	}
}

func raise(a *atomic.Int64, to int64) {
	for old := a.Load(); old < to && !a.CompareAndSwap(old, to); old = a.Load() {
	}
}

// compare orders by the keys, then the newest first, then by place.
func (t *top) compare(a, b *ranked) int {
	for i, k := range t.keys {
		if c := compare(a.rank[i], b.rank[i]) * k.sign; c != 0 {
			return c
		}
	}
	if a.chunk == nil || b.chunk == nil {
		return 0
	}
	return cmp.Or(b.event.Time.Compare(a.event.Time), strings.Compare(a.chunk.Group, b.chunk.Group),
		strings.Compare(a.chunk.Stream, b.chunk.Stream), b.event.Position.Compare(a.event.Position))
}

func (t *top) join(other collector) error {
	o := other.(*top)
	t.limit = min(t.limit, o.limit)
	for _, own := range o.kept {
		if own.gone {
			continue
		}
		if old := t.seen[own.key]; old != nil && own.key != "" {
			if t.compare(own, old) >= 0 {
				continue
			}
			old.gone = true
		}
		t.put(own)
	}
	return nil
}

func (t *top) rows() []*Row {
	t.prune()
	var all []*Row
	for _, own := range t.kept {
		all = append(all, own.Row)
	}
	return all
}

// groups is the collector of stats.
type groups struct {
	query *Query
	stats stats
	all   map[string]*grouped
	key   []byte  // scratch
	by    []Value // scratch
}

type grouped struct {
	by     []Value
	states []state
}

func newGroups(q *Query, s stats) *groups {
	return &groups{query: q, stats: s, all: map[string]*grouped{}}
}

func (g *groups) take(r *Row) error {
	g.by = g.by[:0]
	for _, of := range g.stats.by {
		g.by = append(g.by, of(r))
	}
	g.key = appendKey(g.key[:0], g.by)
	own := g.all[string(g.key)]
	if own == nil {
		if len(g.all) >= maxGroups {
			return errGroups
		}
		own = g.newGroup()
		for _, v := range g.by {
			own.by = append(own.by, v.clone())
		}
		g.all[string(g.key)] = own
	}
	for i, call := range g.stats.calls {
		switch {
		case call.of == nil:
			own.states[i].add(Value{}, r)
		default:
			if v := call.of(r); v.kind != missing {
				own.states[i].add(v, r)
			}
		}
	}
	return nil
}

func (g *groups) newGroup() *grouped {
	own := &grouped{}
	for _, call := range g.stats.calls {
		own.states = append(own.states, call.make())
	}
	return own
}

func (g *groups) join(other collector) error {
	for key, theirs := range other.(*groups).all {
		own := g.all[key]
		if own == nil {
			g.all[key] = theirs
			continue
		}
		for i := range own.states {
			own.states[i].join(theirs.states[i])
		}
	}
	if len(g.all) > maxGroups {
		return errGroups
	}
	return nil
}

// rows returns a row for each group, in the order of what they are grouped by.
// Without by there is one group, even of nothing.
func (g *groups) rows() []*Row {
	if len(g.stats.by) == 0 && len(g.all) == 0 {
		g.all[""] = g.newGroup()
	}
	ordered := slices.SortedFunc(maps.Values(g.all), func(a, b *grouped) int {
		return slices.CompareFunc(a.by, b.by, compare)
	})
	var all []*Row
	for _, own := range ordered {
		called := &Row{vars: make([]Value, len(own.states))}
		for i, s := range own.states {
			called.vars[i] = s.value()
		}
		row := &Row{vars: make([]Value, g.query.slots)}
		for i, slot := range g.stats.keys {
			row.vars[slot] = own.by[i]
		}
		for _, c := range g.stats.of {
			row.vars[c.slot] = c.of(called)
		}
		all = append(all, row)
	}
	return all
}
