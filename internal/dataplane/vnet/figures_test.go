package vnet

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apex/internal/dataplane/nat"
	"apex/internal/dataplane/supervisor"
	"apex/internal/dataplane/vnet/netns"
)

// figures waits until the agent has counted what is wanted under the gateway's
// address.
func (l *lab) figures(what string, holds func(Figures, nat.Counters) bool) Figures {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), 20*time.Second)
	defer cancel()
	for {
		f, err := l.Figures(ctx, "v1")
		if err == nil && holds(f, f.Sources[addr(natOne)]) {
			return f
		}
		if ctx.Err() != nil {
			l.Fatalf("%s: %+v, %v", what, f, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestAgentCountsWhatItsGatewaysCarry(t *testing.T) {
	l := newLab(t)
	l.serve("internet", webServer+":80")
	l.apply(seed("v1"))
	if f := l.figures("the first answer", func(Figures, nat.Counters) bool { return true }); len(f.Sources) != 0 || f.Since.IsZero() {
		t.Errorf("before anything has passed: %+v", f)
	}
	said := int64(len(l.answers("v1-ecs1", webServer+":80")))
	f := l.figures("the connection", func(_ Figures, c nat.Counters) bool { return c.Established == 1 && c.Active == 0 })
	got := f.Sources[addr(natOne)]
	if over := got.ToSource.Bytes - said; said == 0 || over < 0 || over > 1 || got.FromDestination.Bytes < said || got.Attempts != 1 {
		t.Errorf("after %d bytes: %+v", said, got)
	}
	if got.FromSource.Packets == 0 || got.ToDestination.Packets == 0 {
		t.Errorf("no packets: %+v", got)
	}
	if _, ok := f.Sources[addr(natTwo)]; ok {
		t.Error("a gateway that was not used has figures")
	}
}

func TestAgentCountsDatagrams(t *testing.T) {
	l := newLab(t)
	l.apply(seed("v1"))
	server, err := netns.ListenPacket(l.at("internet"), webServer+":123")
	check(t, err)
	defer server.Close()
	conn, err := DialerIn(l.at("v1-ecs1")).DialContext(t.Context(), "udp4", webServer+":123")
	check(t, err)
	defer conn.Close()
	check(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	check(t, server.SetDeadline(time.Now().Add(20*time.Second)))
	for range 3 {
		_, err = conn.Write(make([]byte, 100))
		check(t, err)
		data := make([]byte, 200)
		_, from, err := server.ReadFromUDPAddrPort(data)
		check(t, err)
		_, err = server.WriteToUDPAddrPort(make([]byte, 150), from)
		check(t, err)
		_, err = conn.Read(data)
		check(t, err)
	}
	asked, answered := nat.Traffic{Bytes: 300, Packets: 3}, nat.Traffic{Bytes: 450, Packets: 3}
	want := nat.Counters{FromSource: asked, ToDestination: asked, FromDestination: answered, ToSource: answered}
	l.figures("three datagrams each way", func(_ Figures, c nat.Counters) bool { return c == want })
}

// An agent that was killed counts from nothing, and says since when.
func TestFiguresBeginAnewWithTheAgent(t *testing.T) {
	l := newLab(t)
	l.serve("internet", webServer+":80")
	l.apply(seed("v1"))
	l.answers("v1-ecs1", webServer+":80")
	before := l.figures("the connection", func(_ Figures, c nat.Counters) bool { return c.Established == 1 })
	state, err := supervisor.Observe(l.opts.agentDir("v1"))
	check(t, err)
	check(t, unix.Kill(state.PID, unix.SIGKILL))
	after := l.figures("the next agent", func(f Figures, _ nat.Counters) bool { return !f.Since.Equal(before.Since) })
	if !after.Since.After(before.Since) || len(after.Sources) != 0 {
		t.Errorf("the next agent says %+v", after)
	}
}

// Who connects and says nothing asks for the config: so did regions that knew no
// other question.
func TestSilenceLoadsTheConfig(t *testing.T) {
	l := newLab(t)
	l.apply(seed("v1"))
	path, done, err := controlPath(l.opts.agentDir("v1"))
	check(t, err)
	defer done()
	conn, err := net.Dial("unix", path)
	check(t, err)
	defer conn.Close()
	check(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	if said, err := io.ReadAll(conn); err != nil || string(said) != "ok" {
		t.Errorf("the agent says %q, %v", said, err)
	}
	if _, err := l.Figures(t.Context(), "v2"); err == nil {
		t.Error("figures of a network that is not there")
	}
}
