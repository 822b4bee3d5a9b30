package task

import (
	"context"
	"slices"
	"sync"
)

// A board holds the State while the supervisor runs. Each change is written to
// the directory before anybody who waits sees it.
type board struct {
	dir, notify string

	mu      sync.Mutex
	state   State
	changed chan struct{} // closed and replaced at each change
}

func newBoard(dir, notify string, s State) *board {
	return &board{dir: dir, notify: notify, state: s, changed: make(chan struct{})}
}

// update changes the state and publishes it. A disk that refuses does not stop
// the task: the next change writes again.
func (b *board) update(change func(*State)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	next := b.state
	next.Containers = slices.Clone(next.Containers)
	change(&next)
	next.Status = overall(next.Containers)
	err := writeJSON(statePath(b.dir), next)
	b.state = next
	close(b.changed)
	b.changed = make(chan struct{})
	tell(b.notify, next.ID)
	return err
}

// container changes the state of one container.
func (b *board) container(name string, change func(*ContainerState)) error {
	return b.update(func(s *State) {
		for i := range s.Containers {
			if s.Containers[i].Name == name {
				change(&s.Containers[i])
			}
		}
	})
}

func (b *board) now() (State, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state, b.changed
}

// wait returns when the condition holds or ctx ends.
func (b *board) wait(ctx context.Context, holds func(State) bool) error {
	for {
		s, changed := b.now()
		if holds(s) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
