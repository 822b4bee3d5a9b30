package vnet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"apex/internal/dataplane/supervisor"
	"apex/internal/dataplane/vnet/netns"
)

// A Network holds the virtual networks of one home. Its methods may be called
// by several goroutines; calls for one network take turns.
type Network struct {
	opts Options
	mu   sync.Mutex
	open map[string]*router
}

// Open prepares to manage networks. It changes nothing.
func Open(opts Options) *Network {
	return &Network{opts: opts, open: map[string]*router{}}
}

// Close lets go of the kernel's sockets. The networks stay.
func (n *Network) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	var faults error
	for id, r := range n.open {
		faults = errors.Join(faults, r.close())
		delete(n.open, id)
	}
	return faults
}

// Apply brings a network about: its router and rules, then its interfaces, then
// its agent. When some interfaces fault the others are there all the same;
// Observe says which.
func (n *Network) Apply(ctx context.Context, cfg Config) error {
	r := n.router(cfg.ID)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.apply(ctx, n.opts, cfg); err != nil {
		return fmt.Errorf("apply network %s: %w", cfg.ID, err)
	}
	return nil
}

// Delete removes a network with everything in it. What is gone is no error.
func (n *Network) Delete(ctx context.Context, id string) error {
	r := n.router(id)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.remove(ctx, n.opts); err != nil {
		return fmt.Errorf("delete network %s: %w", id, err)
	}
	n.mu.Lock()
	delete(n.open, id)
	n.mu.Unlock()
	return nil
}

func (n *Network) router(id string) *router {
	n.mu.Lock()
	defer n.mu.Unlock()
	r, ok := n.open[id]
	if !ok {
		r = &router{id: id, hash: n.opts.Hash}
		n.open[id] = r
	}
	return r
}

// A State is what there is of a network.
type State struct {
	Exists     bool
	Interfaces []string // ids of those that packets can reach, sorted
	Agent      supervisor.State
}

// Observe looks at what the kernel has of a network.
func (n *Network) Observe(id string) (State, error) {
	if !netns.Exists(namespace(n.opts.Hash, id)) {
		return State{}, nil
	}
	r := n.router(id)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.connect(); err != nil {
		return State{}, fmt.Errorf("observe network %s: %w", id, err)
	}
	if err := r.look(); err != nil {
		return State{}, fmt.Errorf("observe network %s: %w", id, err)
	}
	agent, err := supervisor.Observe(n.opts.agentDir(id))
	if err != nil {
		return State{}, fmt.Errorf("observe network %s: %w", id, err)
	}
	state := State{Exists: true, Agent: agent}
	for id := range r.attached {
		state.Interfaces = append(state.Interfaces, id)
	}
	slices.Sort(state.Interfaces)
	return state, nil
}

// Attached reports whether packets can reach an interface, by what the last
// Apply or Observe of its network found.
func (n *Network) Attached(network, id string) bool {
	r := n.router(network)
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.attached[id]
	return ok
}

// Prune removes the networks and the interfaces that keep refuses, by id: what
// a crash or an older state has left.
func (n *Network) Prune(ctx context.Context, keep func(id string) bool) error {
	names, err := netns.List(prefix(n.opts.Hash))
	if err != nil {
		return err
	}
	var faults error
	for _, name := range names {
		if id := strings.TrimPrefix(name, prefix(n.opts.Hash)); !keep(id) {
			faults = errors.Join(faults, stopAgent(ctx, n.opts.agentDir(id)), netns.Delete(name))
		}
	}
	return faults
}

// Sweep ends every agent below runDir and removes every namespace of the home
// that hash stands for. The next Apply builds them anew.
func Sweep(ctx context.Context, hash, runDir string) error {
	entries, err := os.ReadDir(runDir)
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("sweep networks: %w", err)
	}
	var faults error
	for _, e := range entries {
		faults = errors.Join(faults, stopAgent(ctx, Options{RunDir: runDir}.agentDir(e.Name())))
	}
	names, err := netns.List(prefix(hash))
	faults = errors.Join(faults, err)
	for _, name := range names {
		faults = errors.Join(faults, netns.Delete(name))
	}
	return faults
}
