package task

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"apex/internal/dataplane/logfile"
)

// maxLine is the longest event; a longer line becomes several.
const maxLine = 256 << 10

// A sink takes a container's lines.
type sink interface {
	AppendAll(events []logfile.Event) error
	Close() error
}

// An output copies what a container prints to its log stream.
type output struct {
	stdout, stderr pipe
	sink           sink
	copying        sync.WaitGroup
	mu             sync.Mutex
	err            error // the first line that was lost
}

// A pipe's file is the container's end.
type pipe struct{ file, ours *os.File }

func openOutput(c Container) (*output, error) {
	o := &output{}
	if c.LogDir != "" {
		w, err := logfile.OpenWriter(c.LogDir)
		if err != nil {
			return nil, err
		}
		o.sink = w
	}
	for _, p := range []*pipe{&o.stdout, &o.stderr} {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, errors.Join(err, o.finish())
		}
		p.ours, p.file = r, w
		o.copying.Go(func() {
			defer r.Close()
			if c.EventStart == "" {
				o.note(copyLines(r, o.append))
				return
			}
			o.note(copyEvents(r, c.EventStart, func(event []byte) error { return o.append([][]byte{event}) }))
		})
	}
	return o, nil
}

// append writes lines that came together with one write.
func (o *output) append(lines [][]byte) error {
	if o.sink == nil {
		return nil
	}
	events, now := make([]logfile.Event, len(lines)), time.Now()
	for i, line := range lines {
		events[i] = logfile.Event{Time: now, Message: line}
	}
	return o.sink.AppendAll(events)
}

func (o *output) note(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		o.err = err
	}
}

// started lets go of the container's ends, so that the copying ends with it.
func (o *output) started() {
	for _, p := range []pipe{o.stdout, o.stderr} {
		if p.file != nil {
			p.file.Close()
		}
	}
}

// finish waits for the last line and returns the first error.
func (o *output) finish() error {
	o.started()
	o.copying.Wait()
	if o.sink != nil {
		o.note(o.sink.Close())
	}
	return o.err
}

// copyLines passes lines without their ends to take, those together that were read
// together: in pieces if a line is long, and the last one even if it has no end.
// Empty lines are left out: CloudWatch has no empty events. It reads on when take
// fails, so that the container never waits for a full disk, and returns the first
// failure.
func copyLines(r io.Reader, take func([][]byte) error) error {
	var failed error
	var batch [][]byte
	lines := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := lines.ReadSlice('\n')
		if line = bytes.TrimSuffix(line, []byte("\n")); len(line) > 0 {
			batch = append(batch, line)
		}
		if err == nil && hasLine(lines) {
			continue // it is read from the buffer, which stays as it is
		}
		if len(batch) > 0 {
			if err := take(batch); err != nil && failed == nil {
				failed = err
			}
			batch = batch[:0]
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return errors.Join(failed, err)
		}
	}
}

// hasLine reports whether a whole line was read already.
func hasLine(lines *bufio.Reader) bool {
	read, _ := lines.Peek(lines.Buffered()) // of what is there it cannot fail
	return bytes.IndexByte(read, '\n') >= 0
}
