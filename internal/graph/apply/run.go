package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"apex/internal/graph"
)

// Options say what to apply and where.
type Options struct {
	Config aws.Config
	Graph  graph.Graph
	Dir    string            // the stack file's folder: builds are relative to it
	Values map[string]string // values of the stack's own secrets, by the variable that gives them
	Report func(Event)       // called from several goroutines
	// Partial says that the graph is a part of the stack: what it does not name
	// stays.
	Partial bool
	// Message is what task definitions that are made are tagged with, for whoever
	// reads the list of releases.
	Message string
}

// parallel is how many resources are worked on at once.
const parallel = 24

// Run makes AWS what the graph says and returns when every service is steady.
func Run(ctx context.Context, o Options) (Summary, error) {
	began := time.Now()
	r := &run{
		Options: o, clients: newClients(o.Config), done: map[graph.ID]chan struct{}{}, facts: map[graph.ID]fact{},
		slots: make(chan struct{}, parallel), builds: make(chan struct{}, 2),
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, res := range o.Graph.Resources {
		r.done[res.Base().ID] = make(chan struct{})
	}
	var wg sync.WaitGroup
	for _, res := range o.Graph.Resources {
		wg.Go(func() { r.work(ctx, cancel, res) })
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		r.summary.Elapsed = time.Since(began)
		return r.summary, err
	}
	var err error
	if !o.Partial {
		err = r.deleteOrphans(ctx)
	}
	r.summary.Elapsed = time.Since(began)
	return r.summary, err
}

// A run is one application of a graph.
type run struct {
	Options
	clients
	slots   chan struct{}              // bounds the calls at once
	builds  chan struct{}              // bounds the compilers at once
	done    map[graph.ID]chan struct{} // closed when the resource's fact is there
	mu      sync.Mutex
	facts   map[graph.ID]fact
	summary Summary
}

// A fact is what others need of a resource that exists.
type fact struct {
	ID  string // AWS's identifier
	ARN string
	// Host and Port are a server's address; Host is a load balancer's DNS name.
	Host string
	Port int
	// Value is the value of a secret by its fields, or under "" when it is text.
	Value map[string]string
}

// work waits for what the resource refers to, then makes it so.
func (r *run) work(ctx context.Context, cancel context.CancelCauseFunc, res graph.Resource) {
	id := res.Base().ID
	for _, ref := range graph.References(res) {
		select {
		case <-r.done[ref]:
		case <-ctx.Done():
			return
		}
	}
	began := time.Now()
	if err := r.ensure(ctx, res, began); err != nil {
		if ctx.Err() == nil {
			err = &Error{ID: id, Name: res.Base().Name, Err: err, Hint: hints[code(err)]}
			r.report(res, Failed, "", began, err)
			cancel(err)
		}
		return
	}
	close(r.done[id])
}

func (r *run) ensure(ctx context.Context, res graph.Resource, began time.Time) error {
	if !slow(res) {
		select {
		case r.slots <- struct{}{}:
			defer func() { <-r.slots }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r.report(res, Working, "", began, nil)
	f, phase, err := r.dispatch(ctx, res, began)
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.facts[res.Base().ID] = f
	r.summary.count(phase)
	r.mu.Unlock()
	r.report(res, phase, "", began, nil)
	return nil
}

// slow are the kinds that mostly wait, and so take no slot from the others.
func slow(res graph.Resource) bool {
	switch res.(type) {
	case graph.Image, graph.Service, graph.DBInstance, graph.ReplicationGroup, graph.LoadBalancer, graph.Certificate:
		return true
	}
	return false
}

func (r *run) report(res graph.Resource, p Phase, detail string, began time.Time, err error) {
	if r.Report != nil {
		r.Report(Event{ID: res.Base().ID, Name: res.Base().Name, Phase: p, Detail: detail, Elapsed: time.Since(began), Err: err})
	}
}

// fact returns what is known of a resource that this one refers to.
func (r *run) fact(id graph.ID) fact {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.facts[id]
}

// ids returns AWS's identifiers of resources.
func (r *run) ids(list []graph.ID) []string {
	out := make([]string, len(list))
	for i, id := range list {
		out[i] = r.fact(id).ID
	}
	return out
}

// errGone says that a resource went away while it was waited for.
var errGone = errors.New("it is gone")

// wait polls until ready says so, and reports what it waits for.
func (r *run) wait(ctx context.Context, res graph.Resource, began time.Time, every time.Duration, ready func() (ok bool, detail string, err error)) error {
	last := ""
	for {
		ok, detail, err := ready()
		if ok || err != nil {
			return err
		}
		if detail != last {
			r.report(res, Waiting, detail, began, nil)
			last = detail
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", detail, context.Cause(ctx))
		case <-time.After(every):
		}
	}
}

// sameSet reports whether two lists hold the same strings in any order.
func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
