package logfile

import (
	"errors"
	"os"
	"sync"
	"time"
)

// A Sweeper keeps streams small: it deletes what is too old and compresses what is
// full. It remembers what it saw, so that a stream that did not change costs two
// looks at the file system. The zero value is ready.
type Sweeper struct {
	mu   sync.Mutex
	seen map[string]sight
}

// A sight is what a stream was when it had been swept.
type sight struct {
	listed time.Time // when its folder last got or lost a file
	newest uint64
	size   int64     // of the newest segment
	due    time.Time // the last event of the oldest segment; zero: nothing can expire
	bytes  int64
}

// Sweep deletes the segments of the stream in dir whose events all happened before
// the given time, compresses the full ones, and returns the stream's size in bytes.
// It calls release first if even the newest segment is to go, which no writer may
// then hold.
func (s *Sweeper) Sweep(dir string, before time.Time, release func()) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, known := s.seen[dir]
	if known && old.unchanged(dir) && (old.due.IsZero() || !old.due.Before(before)) {
		return old.bytes, nil
	}
	info, err := Stat(dir)
	if err == nil && !info.Last.IsZero() && info.Last.Before(before) {
		release()
	}
	err = errors.Join(err, DeleteBefore(dir, before), Pack(dir))
	now, fault := sightOf(dir)
	if err = errors.Join(err, fault); err != nil {
		delete(s.seen, dir)
		return now.bytes, err
	}
	if s.seen == nil {
		s.seen = map[string]sight{}
	}
	s.seen[dir] = now
	return now.bytes, nil
}

// Forget drops what is remembered of a stream that is no more.
func (s *Sweeper) Forget(dir string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.seen, dir)
}

// sightOf looks at the stream. What decides whether it changed is taken first, so
// that an event written meanwhile is seen as a change.
func sightOf(dir string) (sight, error) {
	folder, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return sight{}, nil
	}
	if err != nil {
		return sight{}, err
	}
	numbers, err := segments(dir)
	if err != nil || len(numbers) == 0 {
		return sight{listed: folder.ModTime()}, err
	}
	s := sight{listed: folder.ModTime(), newest: numbers[len(numbers)-1]}
	s.size = sizeOf(segmentPath(dir, s.newest))
	info, err := Stat(dir)
	s.bytes, s.due = info.Bytes, info.Last
	if oldest, full := segmentSpan(dir, numbers[0]); full {
		s.due = time.UnixMilli(oldest.last)
	}
	return s, err
}

func (s sight) unchanged(dir string) bool {
	folder, err := os.Stat(dir)
	if err != nil {
		return os.IsNotExist(err) && s == sight{}
	}
	return folder.ModTime().Equal(s.listed) && (s.newest == 0 || sizeOf(segmentPath(dir, s.newest)) == s.size)
}

// sizeOf returns the size of a file in bytes, 0 for none.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
