package balancer

import (
	"net/netip"
	"time"
)

// A State is what is true of a balancer.
type State struct {
	PID       int
	Revision  uint64 // grows when a socket, a target's health or its draining changes
	Config    string // the digest of the Config that is served
	Sockets   []SocketState
	Groups    []GroupState
	Counters  Counters
	StartedAt time.Time
}

// A SocketState is one address that a listener should be open at.
type SocketState struct {
	Listener  string
	Namespace string `json:",omitempty"`
	Addr      netip.AddrPort
	Error     string `json:",omitempty"` // why it is not open
}

// A GroupState is the health and the figures of one group.
type GroupState struct {
	ID       string
	Open     bool `json:",omitempty"` // too few targets are healthy: requests go to all
	Targets  []TargetState
	Counters TargetCounters // of all its targets, those that have left as well
}

// A TargetState is the health of one target.
type TargetState struct {
	Addr      netip.AddrPort
	Zone      string `json:",omitempty"`
	Health    Health
	Reason    Reason `json:",omitempty"`
	Detail    string `json:",omitempty"` // of ReasonMismatch: the status seen
	InFlight  int64
	Counters  TargetCounters
	Drained   bool `json:",omitempty"` // draining, and nothing is in flight any more
	Anomalous bool `json:",omitempty"` // it fails far more often than its peers,
	Mitigated bool `json:",omitempty"` // and gets fewer requests for it
}

// Health says whether a target gets requests.
type Health string

// The states of a target.
const (
	Initial   Health = "initial"
	Healthy   Health = "healthy"
	Unhealthy Health = "unhealthy"
	Draining  Health = "draining"
)

// A Reason says why a target is not healthy.
type Reason string

// The reasons.
const (
	ReasonRegistering Reason = "registering" // no check has ended yet
	ReasonChecking    Reason = "checking"    // failed, but not often enough yet to be unhealthy
	ReasonMismatch    Reason = "mismatch"    // answered with another status
	ReasonTimeout     Reason = "timeout"
	ReasonFailed      Reason = "failed" // connection refused, cut, or not HTTP
	ReasonDisabled    Reason = "disabled"
)

// Unopened returns the sockets that could not be opened.
func (s *State) Unopened() (failed []SocketState) {
	for _, sock := range s.Sockets {
		if sock.Error != "" {
			failed = append(failed, sock)
		}
	}
	return failed
}

// Target returns a target's state.
func (s *State) Target(group string, addr netip.AddrPort) (TargetState, bool) {
	for _, g := range s.Groups {
		for _, t := range g.Targets {
			if g.ID == group && t.Addr == addr {
				return t, true
			}
		}
	}
	return TargetState{}, false
}
