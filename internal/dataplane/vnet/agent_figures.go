package vnet

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"apex/internal/dataplane/nat"
)

// Figures are what a network's agent has counted since it began.
type Figures struct {
	Since time.Time // when this agent began; a later one counts from nothing
	// Sources are the addresses under which the network's packets went outside;
	// one that was not used is missing.
	Sources map[netip.Addr]nat.Counters
}

// What an agent may be asked for; nothing at all means to load its config.
const askFigures = "figures"

// The bounds of a conversation with an agent.
const (
	questionPatience = time.Second
	answerLimit      = 4 << 20
)

// answer is the agent's end of the control socket.
func (a *agent) answer(_ context.Context, c net.Conn) {
	if question(c) == askFigures {
		_ = json.NewEncoder(c).Encode(Figures{Since: a.since, Sources: a.gateway.Counters()}) // who asked may be gone
		return
	}
	if err := a.load(); err != nil {
		fmt.Fprint(c, err)
		return
	}
	fmt.Fprint(c, "ok")
}

// question reads what is asked. Silence is the question for the config.
func question(c net.Conn) string {
	if err := c.SetReadDeadline(time.Now().Add(questionPatience)); err != nil {
		return ""
	}
	said, err := io.ReadAll(io.LimitReader(c, 64))
	if err != nil {
		return ""
	}
	return string(said)
}

// Figures asks a network's agent for what it has counted.
func (n *Network) Figures(ctx context.Context, id string) (Figures, error) {
	var f Figures
	said, err := ask(ctx, n.opts.agentDir(id), askFigures)
	if err == nil {
		err = json.Unmarshal([]byte(said), &f)
	}
	if err != nil {
		return Figures{}, fmt.Errorf("figures of network %s: %w", id, err)
	}
	return f, nil
}
