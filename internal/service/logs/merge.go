package logs

import (
	"cmp"
	"container/heap"
	"encoding/base64"
	"encoding/json"
	"iter"

	"apex/internal/dataplane/logfile"
)

// A source is one stream within a merge: its next event, pulled ahead.
type source struct {
	name string
	head logfile.Event
	next func() (logfile.Event, error, bool)
	stop func()
}

// A merge yields the events of several streams in the order of their times, as
// far as each stream is in order itself. It knows where it stands in each.
type merge struct {
	sources []*source // a heap by head
	places  map[string]logfile.Position
}

// newMerge opens streams, each at its place. The query's own place is not used.
func newMerge(dirs map[string]string, places map[string]logfile.Position, q logfile.Query) (*merge, error) {
	m := &merge{places: map[string]logfile.Position{}}
	for name, dir := range dirs {
		own := q
		own.After = places[name]
		m.places[name] = own.After
		next, stop := iter.Pull2(logfile.Events(dir, own))
		src := &source{name: name, next: next, stop: stop}
		m.sources = append(m.sources, src)
		if err := m.fill(src); err != nil {
			m.close()
			return nil, err
		}
	}
	m.drop()
	heap.Init(m)
	return m, nil
}

// fill pulls a source's next event; a source at its end is marked by no next.
func (m *merge) fill(src *source) error {
	e, err, ok := src.next()
	if !ok {
		src.stop()
		src.next = nil
	}
	src.head = e
	return err
}

// drop leaves out the sources that are at their end.
func (m *merge) drop() {
	var left []*source
	for _, src := range m.sources {
		if src.next != nil {
			left = append(left, src)
		}
	}
	m.sources = left
}

// pull returns the next event and its stream; ok is false at the end of all.
func (m *merge) pull() (name string, e logfile.Event, ok bool, err error) {
	if len(m.sources) == 0 {
		return "", e, false, nil
	}
	src := m.sources[0]
	name, e = src.name, src.head
	m.places[name] = e.Next()
	if err := m.fill(src); err != nil {
		return "", e, false, err
	}
	if src.next == nil {
		heap.Pop(m)
	} else {
		heap.Fix(m, 0)
	}
	return name, e, true, nil
}

func (m *merge) close() {
	for _, src := range m.sources {
		src.stop()
	}
}

// Len, Less, Swap, Push and Pop make the sources a heap.
func (m *merge) Len() int { return len(m.sources) }

func (m *merge) Less(i, j int) bool {
	a, b := m.sources[i], m.sources[j]
	return cmp.Or(a.head.Time.Compare(b.head.Time), cmp.Compare(a.name, b.name)) < 0
}

func (m *merge) Swap(i, j int) { m.sources[i], m.sources[j] = m.sources[j], m.sources[i] }
func (m *merge) Push(x any)    { m.sources = append(m.sources, x.(*source)) }

func (m *merge) Pop() any {
	last := m.sources[len(m.sources)-1]
	m.sources = m.sources[:len(m.sources)-1]
	return last
}

// token writes down where a merge stands, so that any process can go on.
func (m *merge) token() (string, error) {
	places := map[string]string{}
	for name, at := range m.places {
		if !at.IsZero() {
			places[name] = at.String()
		}
	}
	text, err := json.Marshal(places)
	return base64.RawURLEncoding.EncodeToString(text), err
}

func parsePlaces(token string) (map[string]logfile.Position, error) {
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, badToken()
	}
	var places map[string]string
	if err := json.Unmarshal(text, &places); err != nil {
		return nil, badToken()
	}
	out := map[string]logfile.Position{}
	for name, place := range places {
		if out[name], err = logfile.ParsePosition(place); err != nil {
			return nil, badToken()
		}
	}
	return out, nil
}
