package auth

import (
	"crypto/sha256"
	"sync"
)

// maxGuesses is how many sessions a task remembers before it begins anew.
const maxGuesses = 10_000

// Guesses are which members sessions were of when they were last asked for, so
// that Redis can be asked for both at once. They are believed in nothing else:
// a session says itself whose it is.
type Guesses struct {
	mu      sync.Mutex
	members map[[sha256.Size]byte]string // the key of a member, by the sum of the session's token
}

// of is "" for a token that was not seen yet.
func (g *Guesses) of(token string) string {
	sum := sha256.Sum256([]byte(token))
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.members[sum]
}

func (g *Guesses) note(token, member string) {
	sum := sha256.Sum256([]byte(token))
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.members == nil || len(g.members) >= maxGuesses {
		g.members = map[[sha256.Size]byte]string{}
	}
	g.members[sum] = member
}
