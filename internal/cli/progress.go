package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"apex/internal/graph"
	"apex/internal/graph/apply"
)

// A progress shows how a run goes: a line for each thing that came to an end,
// and on a terminal, below these, one redrawn line for each that is under way.
type progress struct {
	out    io.Writer
	live   bool // out is a terminal that can be redrawn
	colour bool
	width  int

	mu     sync.Mutex
	active map[graph.ID]working
	drawn  int // lines below the done ones
	quit   chan struct{}
	ended  sync.WaitGroup
}

type working struct {
	apply.Event
	since time.Time
}

// redraw is how often the live lines count on.
const redraw = 100 * time.Millisecond

func newProgress(out io.Writer) *progress {
	p := &progress{out: out, active: map[graph.ID]working{}, quit: make(chan struct{})}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		p.live, p.colour = true, os.Getenv("NO_COLOR") == ""
		p.width, _, _ = term.GetSize(int(f.Fd()))
		p.width = cmp.Or(p.width, 80)
		p.ended.Go(p.run)
	}
	return p
}

// run redraws the live lines until close.
func (p *progress) run() {
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for {
		select {
		case <-p.quit:
			return
		case <-tick.C:
			p.mu.Lock()
			p.draw("")
			p.mu.Unlock()
		}
	}
}

// close takes the live lines away.
func (p *progress) close() {
	close(p.quit)
	p.ended.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.active)
	p.draw("")
}

// line says that something came to an end.
func (p *progress) line(text string, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draw(fmt.Sprintf("%s (%s)\n", text, seconds(took)))
}

// event shows an event of apply.
func (p *progress) event(e apply.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Phase {
	case apply.Working:
		p.active[e.ID] = working{e, time.Now()}
	case apply.Building, apply.Waiting:
		p.active[e.ID] = working{e, time.Now().Add(-e.Elapsed)}
		if !p.live {
			p.draw(strings.TrimSpace(fmt.Sprintf("%-9s %s %s", e.Phase, e.ID, e.Detail)) + "\n")
		}
	default:
		delete(p.active, e.ID)
		p.draw(p.done(e))
	}
}

// done is the line for a resource that came to an end; what was found as it
// should be needs none.
func (p *progress) done(e apply.Event) string {
	switch e.Phase {
	case apply.Unchanged:
		return ""
	case apply.Failed:
		return fmt.Sprintf("%s %s %s\n", p.paint("31", "failed   "), e.ID, e.Name)
	}
	return fmt.Sprintf("%s %s %s (%s)\n", p.paint("32", fmt.Sprintf("%-9s", e.Phase)), e.ID, e.Name, seconds(e.Elapsed))
}

func (p *progress) paint(colour, text string) string {
	if !p.colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// draw replaces the live lines by text, which may be empty, and new live lines.
func (p *progress) draw(text string) {
	if !p.live {
		io.WriteString(p.out, text)
		return
	}
	var b strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\x1b[J", p.drawn)
	}
	b.WriteString(text)
	lines := p.activeLines()
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	p.drawn = len(lines)
	io.WriteString(p.out, b.String())
}

// maxLive bounds the live lines, so that they fit on any screen.
const maxLive = 12

// activeLines are the live lines: the longest under way first.
func (p *progress) activeLines() []string {
	var list []working
	for _, w := range p.active {
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b working) int {
		return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.ID, b.ID))
	})
	var lines []string
	for _, w := range list[:min(len(list), maxLive)] {
		line := fmt.Sprintf("%5.1f s  %s %s", time.Since(w.since).Seconds(), w.ID, w.Detail)
		if runes := []rune(line); len(runes) >= p.width {
			line = string(runes[:p.width-1])
		}
		lines = append(lines, line)
	}
	return lines
}
