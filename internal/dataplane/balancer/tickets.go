package balancer

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	ticketFile  = "tickets.json"
	ticketLife  = 12 * time.Hour // how long a key is used for new tickets
	ticketsKept = 3              // keys whose tickets are still good
)

// tickets are the keys that clients' TLS sessions are sealed with. They are kept
// in the balancer's directory, so that clients resume their sessions with the
// next run.
type tickets struct {
	dir string

	mu   sync.Mutex // guards keys
	keys []ticketKey
}

// A ticketKey is the secret that every listener's key is derived from.
type ticketKey struct {
	Secret []byte
	Made   time.Time
}

// openTickets reads the keys in dir; what cannot be read is made anew.
func openTickets(dir string) *tickets {
	t := &tickets{dir: dir}
	data, err := os.ReadFile(filepath.Join(dir, ticketFile))
	if err != nil || json.Unmarshal(data, &t.keys) != nil {
		t.keys = nil
	}
	return t
}

// rotate makes a new key when the newest is old, and reports whether it did.
func (t *tickets) rotate(now time.Time) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.keys) > 0 && now.Sub(t.keys[0].Made) < ticketLife {
		return false, nil
	}
	secret := make([]byte, sha256.Size)
	rand.Read(secret)
	t.keys = append([]ticketKey{{secret, now}}, t.keys...)
	t.keys = t.keys[:min(len(t.keys), ticketsKept)]
	return true, t.save()
}

func (t *tickets) save() error {
	data, err := json.Marshal(t.keys)
	if err != nil {
		return fmt.Errorf("session ticket keys: %w", err)
	}
	path := filepath.Join(t.dir, ticketFile)
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a balancer without a directory keeps nothing
		}
		return fmt.Errorf("session ticket keys: write: %w", err)
	}
	return os.Rename(path+".new", path)
}

// keysFor returns the keys for one purpose, the newest first: a ticket that one
// listener gave out opens at no other.
func (t *tickets) keysFor(purpose string) (keys [][32]byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range t.keys {
		mac := hmac.New(sha256.New, k.Secret)
		mac.Write([]byte(purpose))
		keys = append(keys, [32]byte(mac.Sum(nil)))
	}
	return keys
}
