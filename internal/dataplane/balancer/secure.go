package balancer

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// A TLS is how a listener's connections are encrypted. The Config that holds it
// is kept in a file that only the owner can read, with the keys in it, so that a
// balancer which dies can serve again when nobody is there to give it the keys.
type TLS struct {
	MinVersion, MaxVersion uint16        // as crypto/tls has them
	Ciphers                []uint16      `json:",omitempty"` // for TLS 1.2 and older; 1.3 has its own
	PostQuantum            bool          `json:",omitempty"` // agree on keys by X25519MLKEM768 too
	HTTP2                  bool          `json:",omitempty"` // offered to clients
	Mutual                 *Mutual       `json:",omitempty"` // nil: clients show nothing
	Certificates           []Certificate // the first is shown to clients that ask for no name we have
}

// A Certificate is who the balancer is to clients.
type Certificate struct {
	ID    string // what records call it
	Chain string // PEM, the server's own first
	Key   string // PEM
}

// A secured is a TLS made ready for use.
type secured struct {
	config  *tls.Config
	mutual  *Mutual
	purpose string // what its session tickets are good for: the listener
}

// secure returns a listener's TLS made ready; nil if it has none. One that was
// made ready before is used again, so that a Config that changes something else
// parses no certificates.
func (s *server) secure(l Listener) (*secured, error) {
	if l.TLS == nil {
		return nil, nil
	}
	id := l.ID + " " + l.TLS.digest()
	if ready := s.secured[id]; ready != nil {
		return ready, nil
	}
	ready, err := newSecured(l)
	if err != nil {
		return nil, err
	}
	if _, err := s.tickets.rotate(time.Now()); err != nil {
		s.log.Error("session tickets end with this run", "error", err)
	}
	ready.config.SetSessionTicketKeys(s.tickets.keysFor(ready.purpose))
	s.secured[id] = ready
	return ready, nil
}

// forgetSecured forgets what no table uses.
func (s *server) forgetSecured(tables map[socketKey]*table) {
	used := map[*secured]bool{}
	for _, t := range tables {
		used[t.secured] = true
	}
	maps.DeleteFunc(s.secured, func(_ string, ready *secured) bool { return !used[ready] })
}

// tendTickets changes the keys of session tickets when they are old.
func (s *server) tendTickets(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.secured) == 0 {
		return
	}
	fresh, err := s.tickets.rotate(now)
	if err != nil {
		s.log.Error("session tickets end with this run", "error", err)
	}
	if !fresh {
		return
	}
	for _, ready := range s.secured {
		ready.config.SetSessionTicketKeys(s.tickets.keysFor(ready.purpose))
	}
}

// digest is a short name of the settings: equal ones have the same.
func (t *TLS) digest() string {
	text, _ := json.Marshal(t) // nothing in it can fail
	sum := sha256.Sum256(text)
	return string(sum[:])
}

func newSecured(l Listener) (*secured, error) {
	set, err := newIdentities(l.TLS.Certificates)
	if err != nil {
		return nil, fmt.Errorf("listener %s: %w", l.ID, err)
	}
	config := &tls.Config{
		MinVersion: l.TLS.MinVersion, MaxVersion: l.TLS.MaxVersion, CipherSuites: l.TLS.Ciphers,
		NextProtos: []string{"http/1.1"}, GetCertificate: set.show,
	}
	if l.TLS.HTTP2 {
		config.NextProtos = []string{"h2", "http/1.1"}
	}
	if !l.TLS.PostQuantum {
		config.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384}
	}
	if err := l.TLS.Mutual.apply(config); err != nil {
		return nil, fmt.Errorf("listener %s: %w", l.ID, err)
	}
	return &secured{config: config, mutual: l.TLS.Mutual, purpose: l.ID}, nil
}

// validate says what a TLS cannot mean. It never shows a key.
func (t *TLS) validate() error {
	if t == nil {
		return nil
	}
	if t.MinVersion < tls.VersionTLS10 || t.MaxVersion < t.MinVersion {
		return fmt.Errorf("TLS versions %#x to %#x: not a range", t.MinVersion, t.MaxVersion)
	}
	if err := t.Mutual.apply(new(tls.Config)); err != nil {
		return err
	}
	_, err := newIdentities(t.Certificates)
	return err
}
