package balancer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A journal is a series of files of records in one directory. The file that is
// written is "<start>.open"; when it is old or large enough it becomes
// "<start>_<end>.log", which is never touched again: whoever delivers it removes
// it. Times are UTC in JournalTime's layout. No file is empty. What a killed
// balancer left open is closed by the next run, which finds all but the last
// second of it.
type journal struct {
	dir string

	mu     sync.Mutex // guards what follows
	on     bool
	every  time.Duration
	limit  int64
	buf    []byte
	file   *os.File
	start  time.Time
	size   int64
	lost   int64 // records that could not be written
	unsent int64 // records in buf
}

// JournalTime is the layout of the times in the names of journal files.
const JournalTime = "20060102T150405.000Z"

const (
	journalBuffer = 64 << 10
	openSuffix    = ".open"
)

func newJournal(dir string) *journal { return &journal{dir: dir} }

// set switches the journal on or off, and says when a file is closed.
func (j *journal) set(on bool, every time.Duration, limit int64, now time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.every, j.limit = every, limit
	if on == j.on {
		return nil
	}
	if !on {
		j.on = false
		return j.close(now)
	}
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.on = true
	return j.adopt(now)
}

// adopt closes the files that an earlier run left open.
func (j *journal) adopt(now time.Time) error {
	left, err := filepath.Glob(filepath.Join(j.dir, "*"+openSuffix))
	for _, path := range left {
		err = os.Rename(path, strings.TrimSuffix(path, openSuffix)+"_"+now.UTC().Format(JournalTime)+".log")
	}
	return err
}

// write appends one record, which line appends to a buffer.
func (j *journal) write(line func([]byte) []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.on {
		return
	}
	j.buf = append(line(j.buf), '\n')
	j.unsent++
	if len(j.buf) >= journalBuffer {
		j.flush(time.Now())
	}
}

// flush writes down what is buffered, in a new file if none is open.
func (j *journal) flush(now time.Time) error {
	if len(j.buf) == 0 {
		return nil
	}
	err := j.open(now)
	if err == nil {
		_, err = j.file.Write(j.buf)
	}
	if err != nil {
		j.lost += j.unsent
	}
	j.size += int64(len(j.buf))
	j.buf, j.unsent = j.buf[:0], 0
	if err == nil && j.size >= j.limit {
		return j.finish(now)
	}
	return err
}

func (j *journal) open(now time.Time) (err error) {
	if j.file != nil {
		return nil
	}
	j.start, j.size = now, 0
	j.file, err = os.OpenFile(j.path(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	return err
}

func (j *journal) path() string {
	return filepath.Join(j.dir, j.start.UTC().Format(JournalTime)+openSuffix)
}

// finish closes the file under its last name.
func (j *journal) finish(now time.Time) error {
	if j.file == nil {
		return nil
	}
	path := j.path()
	err := j.file.Close()
	j.file = nil
	if renamed := os.Rename(path, strings.TrimSuffix(path, openSuffix)+"_"+now.UTC().Format(JournalTime)+".log"); renamed != nil {
		return renamed
	}
	return err
}

func (j *journal) close(now time.Time) error {
	if err := j.flush(now); err != nil {
		return err
	}
	return j.finish(now)
}

// tend writes down what is buffered, and closes the file if it is old enough.
func (j *journal) tend(now time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.flush(now); err != nil {
		return err
	}
	if j.file != nil && now.Sub(j.start) >= j.every {
		return j.finish(now)
	}
	return nil
}

// shut closes the file that is open.
func (j *journal) shut(now time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.close(now)
}

func (j *journal) lostRecords() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lost
}
