package task

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"sync"
	"time"
)

// eventWait is how long an event waits for another line.
const eventWait = time.Second

// copyEvents is copyLines for events of several lines: one begins at each line
// that start matches. An event is passed on when the next begins, when nothing
// comes for eventWait, or when it is as long as an event may be.
func copyEvents(r io.Reader, start string, take func([]byte) error) error {
	begins, err := regexp.Compile(start)
	if err != nil {
		return errors.Join(fmt.Errorf("start of events: %w", err), copyLines(r, each(take)))
	}
	e := &eventJoiner{begins: begins, take: take}
	e.timer = time.AfterFunc(eventWait, func() { e.pass() })
	defer e.timer.Stop()
	return errors.Join(copyLines(r, each(e.line)), e.pass())
}

// each takes lines that come together one by one, and returns the first failure.
func each(take func([]byte) error) func([][]byte) error {
	return func(lines [][]byte) error {
		var failed error
		for _, line := range lines {
			if err := take(line); err != nil && failed == nil {
				failed = err
			}
		}
		return failed
	}
}

// An eventJoiner holds the event that is not yet whole.
type eventJoiner struct {
	begins *regexp.Regexp
	take   func([]byte) error
	timer  *time.Timer

	mu    sync.Mutex // guards event: the timer passes it on too
	event []byte
	err   error // of an event that the timer passed on
}

func (e *eventJoiner) line(line []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	err := e.err
	e.err = nil
	if e.begins.Match(line) || len(e.event)+1+len(line) > maxLine {
		err = errors.Join(err, e.flush())
	}
	if len(e.event) > 0 {
		e.event = append(e.event, '\n')
	}
	e.event = append(e.event, line...)
	e.timer.Reset(eventWait)
	return err
}

// flush is called with the lock held.
func (e *eventJoiner) flush() error {
	if len(e.event) == 0 {
		return nil
	}
	err := e.take(e.event)
	e.event = e.event[:0]
	return err
}

// pass passes on what is there.
func (e *eventJoiner) pass() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	err := errors.Join(e.err, e.flush())
	e.err = err
	return err
}
