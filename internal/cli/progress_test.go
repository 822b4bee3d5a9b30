package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"apex/internal/graph"
	"apex/internal/graph/apply"
)

func TestProgressInPlainLines(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out)
	for _, e := range []apply.Event{
		{ID: "VPC", Name: "shop-dev", Phase: apply.Working},
		{ID: "VPC", Name: "shop-dev", Phase: apply.Created, Elapsed: 120 * time.Millisecond},
		{ID: "Cluster", Name: "shop-dev", Phase: apply.Working},
		{ID: "Cluster", Name: "shop-dev", Phase: apply.Unchanged},
		{ID: "Service/web", Name: "web", Phase: apply.Waiting, Detail: "0 of 2 tasks run"},
		{ID: "Service/web", Name: "web", Phase: apply.Failed, Err: errors.New("no")},
	} {
		p.event(e)
	}
	p.line("region started", time.Second)
	p.close()
	want := "created   VPC shop-dev (0.1 s)\n" +
		"waiting   Service/web 0 of 2 tasks run\n" +
		"failed    Service/web web\n" +
		"region started (1.0 s)\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// live is a progress as on a terminal, without its clock.
func live(out *bytes.Buffer, width int) *progress {
	return &progress{out: out, live: true, width: width, active: map[graph.ID]working{}, quit: make(chan struct{})}
}

func TestProgressRedraws(t *testing.T) {
	var out bytes.Buffer
	p := live(&out, 40)
	p.event(apply.Event{ID: "VPC", Phase: apply.Waiting, Detail: strings.Repeat("long ", 20)})
	p.draw("")
	if line, _, _ := strings.Cut(out.String(), "\n"); len([]rune(line)) >= 40 {
		t.Errorf("a live line would wrap: %q", line)
	}
	out.Reset()
	p.event(apply.Event{ID: "VPC", Name: "shop-dev", Phase: apply.Created})
	if diff := cmp.Diff("\x1b[1A\x1b[Jcreated   VPC shop-dev (0.0 s)\n", out.String()); diff != "" {
		t.Errorf("the live line makes way for the done one (-want +got):\n%s", diff)
	}
}

func TestProgressFitsTheScreen(t *testing.T) {
	var out bytes.Buffer
	p := live(&out, 80)
	for i := range 3 * maxLive {
		p.event(apply.Event{ID: graph.ID(fmt.Sprintf("Subnet/%d", i)), Phase: apply.Working})
	}
	p.draw("")
	if p.drawn != maxLive {
		t.Errorf("%d live lines, want %d", p.drawn, maxLive)
	}
	p.close()
	if p.drawn != 0 {
		t.Errorf("close left %d live lines", p.drawn)
	}
}
