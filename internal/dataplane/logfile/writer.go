package logfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// ErrBusy indicates that another writer has the stream open.
var ErrBusy = errors.New("another writer has the stream open")

// ErrTooLong indicates a message of more than MaxMessage bytes.
var ErrTooLong = fmt.Errorf("message longer than %d bytes", MaxMessage)

// A Writer appends events to a stream. It may be used by several goroutines.
type Writer struct {
	dir   string
	lock  *os.File
	limit int64 // of a segment, in bytes

	mu      sync.Mutex
	file    *os.File // the newest segment
	number  uint64
	size    int64
	written span
	frames  []byte // scratch
}

// OpenWriter opens the stream in dir for appending and makes the folder if
// there is none. It returns ErrBusy while another Writer, of this or another
// process, has it open.
func OpenWriter(dir string) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open stream: %w", err)
	}
	lock, err := lockStream(dir)
	if err != nil {
		return nil, fmt.Errorf("open stream %s: %w", dir, err)
	}
	w := &Writer{dir: dir, lock: lock, limit: segmentSize}
	if err := w.openNewest(); err != nil {
		w.Close()
		return nil, fmt.Errorf("open stream %s: %w", dir, err)
	}
	return w, nil
}

func lockStream(dir string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ErrBusy
		}
		return nil, fmt.Errorf("lock: %w", err)
	}
	return lock, nil
}

// openNewest opens the last segment behind its last whole frame, or the first
// segment of a new stream.
func (w *Writer) openNewest() error {
	numbers, err := segments(w.dir)
	if err != nil {
		return err
	}
	if len(numbers) == 0 {
		return w.create(1, emptySpan())
	}
	number := numbers[len(numbers)-1]
	info, err := os.Stat(segmentPath(w.dir, number))
	if err != nil {
		return err
	}
	if info.Size() < headerSize { // died before the header was whole
		before, err := w.spanOf(number - 1)
		if err != nil {
			return err
		}
		return w.create(number, before)
	}
	return w.resume(number)
}

// resume opens a segment that has events and cuts its torn tail.
func (w *Writer) resume(number uint64) error {
	file, err := os.OpenFile(segmentPath(w.dir, number), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	size, written, err := wholeFrames(file, number)
	if err == nil {
		err = file.Truncate(size)
	}
	if err != nil {
		file.Close()
		return err
	}
	w.file, w.number, w.size, w.written = file, number, size, written
	return nil
}

// spanOf finds the span of a segment that is not open, the hard way.
func (w *Writer) spanOf(number uint64) (span, error) {
	file, index, err := openSegment(w.dir, number)
	if errors.Is(err, fs.ErrNotExist) {
		return emptySpan(), nil
	}
	if err != nil {
		return span{}, err
	}
	defer file.Close()
	if index != nil {
		return index.span(), nil
	}
	_, written, err := wholeFrames(file, number)
	return written, err
}

// wholeFrames walks a segment to the end of its last whole frame.
func wholeFrames(file *os.File, number uint64) (size int64, written span, err error) {
	win := window{file: file}
	written = emptySpan()
	for at := (Position{number, headerSize}); ; {
		e, err := win.frameAt(at, false)
		if errors.Is(err, errDamaged) {
			return at.Offset, written, nil
		}
		if err != nil {
			return 0, span{}, err
		}
		written.add(e.Time.UnixMilli())
		at = e.Next()
	}
}

// create makes the next segment and turns to it.
func (w *Writer) create(number uint64, before span) error {
	file, err := os.OpenFile(segmentPath(w.dir, number), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("create segment: %w", err)
	}
	if _, err := file.WriteAt(encodeHeader(before), 0); err != nil {
		file.Close()
		return fmt.Errorf("create segment: %w", err)
	}
	if w.file != nil {
		w.file.Close()
	}
	w.file, w.number, w.size, w.written = file, number, headerSize, emptySpan()
	return nil
}

// Append adds one event that happened at t. When it returns nil the event
// survives the death of this process.
func (w *Writer) Append(t time.Time, message []byte) error {
	return w.AppendAll([]Event{{Time: t, Message: message}})
}

// AppendAll adds events in the given order with as few writes as it can. Only
// Time and Message count. On an error a first part of them may be there.
func (w *Writer) AppendAll(events []Event) error {
	for _, e := range events {
		if len(e.Message) > MaxMessage {
			return fmt.Errorf("append to %s: %w", w.dir, ErrTooLong)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return fmt.Errorf("append to %s: %w", w.dir, os.ErrClosed)
	}
	arrival := time.Now().UnixMilli()
	for len(events) > 0 {
		n, err := w.appendSome(events, arrival)
		if err != nil {
			return fmt.Errorf("append to %s: %w", w.dir, err)
		}
		events = events[n:]
	}
	return nil
}

// appendSome writes as many of the events as fit into the current segment, at
// least one, and returns their number.
func (w *Writer) appendSome(events []Event, arrival int64) (int, error) {
	if w.size > headerSize && w.size+overhead+int64(len(events[0].Message)) > w.limit {
		if err := w.create(w.number+1, w.written); err != nil {
			return 0, err
		}
	}
	n, times := 0, w.written
	w.frames = w.frames[:0]
	for _, e := range events {
		if n > 0 && w.size+int64(len(w.frames)+overhead+len(e.Message)) > w.limit {
			break
		}
		ms := e.Time.UnixMilli()
		w.frames = appendFrame(w.frames, ms, arrival, e.Message)
		times.add(ms)
		n++
	}
	if err := w.write(w.frames); err != nil {
		return 0, err
	}
	w.written = times
	return n, nil
}

// write adds whole frames to the segment; what a failed write left is cut off,
// as when the disk is full.
func (w *Writer) write(frames []byte) error {
	if _, err := w.file.WriteAt(frames, w.size); err != nil {
		return errors.Join(err, w.file.Truncate(w.size))
	}
	w.size += int64(len(frames))
	return nil
}

// sealSize is the least size of a segment that Close seals.
const sealSize = 64 << 10

// Close ends writing and lets another writer open the stream. A segment of some
// size is sealed: its span goes into a new one's header, so that queries for
// other times need not look through it.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var err error
	if w.file != nil {
		if w.size >= sealSize {
			err = w.create(w.number+1, w.written)
		}
		err = errors.Join(err, w.file.Close())
		w.file = nil
	}
	return errors.Join(err, w.lock.Close())
}
