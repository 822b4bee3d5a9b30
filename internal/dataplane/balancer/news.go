package balancer

import (
	"context"
	"sync"
)

// news is a number that grows, and a way to wait until it does.
type news struct {
	mu   sync.Mutex
	rev  uint64
	next chan struct{} // closed when rev grows
}

func newNews() *news { return &news{rev: 1, next: make(chan struct{})} }

func (n *news) bump() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rev++
	close(n.next)
	n.next = make(chan struct{})
}

func (n *news) revision() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.rev
}

// await returns when the number is beyond after, or ctx ends.
func (n *news) await(ctx context.Context, after uint64) {
	for {
		n.mu.Lock()
		rev, next := n.rev, n.next
		n.mu.Unlock()
		if rev > after {
			return
		}
		select {
		case <-next:
		case <-ctx.Done():
			return
		}
	}
}
