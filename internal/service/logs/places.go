package logs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"apex/internal/dataplane/logfile"
)

// A place is how far a reader came in a stream. A stream that was deleted and
// made again is another: its time of creation tells.
type place struct {
	Created int64  `json:"created"` // milliseconds since 1970
	At      string `json:"at"`      // a logfile.Position
}

// places are how far a reader came in the streams of a group, by their names.
type places map[string]place

// readMore bounds what one readOn takes from one stream, and so memory.
const readMore = 1 << 20

// at returns the reader's position in a stream; the start if it never read it.
func (p places) at(stream Stream) logfile.Position {
	own, ok := p[stream.Spec.Name]
	if !ok || own.Created != stream.Spec.Created.UnixMilli() {
		return logfile.Position{}
	}
	at, err := logfile.ParsePosition(own.At)
	if err != nil {
		return logfile.Position{}
	}
	return at
}

func (p places) set(stream Stream, at logfile.Position) {
	p[stream.Spec.Name] = place{stream.Spec.Created.UnixMilli(), at.String()}
}

// readOn visits what was appended to the streams, one by one, and moves on. It
// reports whether there may be more.
func (p places) readOn(home string, streams []Stream, visit func(Stream, logfile.Event)) (moved, more bool, err error) {
	for _, stream := range streams {
		dir, at := dirOf(home, stream.Key), p.at(stream)
		if !logfile.Grown(dir, at) {
			continue
		}
		events, next, err := logfile.Read(dir, logfile.Query{After: at, MaxBytes: readMore})
		if err != nil {
			return moved, more, err
		}
		for _, e := range events {
			visit(stream, e)
		}
		if next != at {
			p.set(stream, next)
			moved = true
		}
		more = more || len(events) > 0
	}
	return moved, more, nil
}

// atEnd returns places behind all that is in the streams.
func atEnd(home string, streams []Stream) (places, error) {
	p := places{}
	for _, stream := range streams {
		last, _, err := logfile.Read(dirOf(home, stream.Key), logfile.Query{Limit: 1, Backward: true})
		if err != nil {
			return nil, err
		}
		if len(last) > 0 {
			p.set(stream, last[0].Next())
		}
	}
	return p, nil
}

// keep forgets all streams but these.
func (p places) keep(streams []Stream) {
	names := map[string]bool{}
	for _, stream := range streams {
		names[stream.Spec.Name] = true
	}
	for name := range p {
		if !names[name] {
			delete(p, name)
		}
	}
}

// loadPlaces reads what save wrote; known is false if it wrote nothing.
func loadPlaces(path string) (p places, known bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return places{}, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, false, fmt.Errorf("read places %s: %w", path, err)
	}
	return p, true, nil
}

// save replaces the file at path as a whole. Its folder is there as long as the
// group is.
func (p places) save(path string) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	beside, err := os.CreateTemp(filepath.Dir(path), ".places-*")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("save places: %w", err)
	}
	defer os.Remove(beside.Name()) // gone already if all went well
	_, err = beside.Write(text)
	if err := errors.Join(err, beside.Close()); err != nil {
		return fmt.Errorf("save places: %w", err)
	}
	return os.Rename(beside.Name(), path)
}
