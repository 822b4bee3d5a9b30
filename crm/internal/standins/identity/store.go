package identity

import (
	"context"
	"maps"
	"sync"
	"time"
)

// A Store keeps what the stand-in knows: values by kind and key, each until
// it expires.
type Store interface {
	Get(ctx context.Context, kind, key string) (value []byte, ok bool, err error)
	// All returns every value of a kind by its key.
	All(ctx context.Context, kind string) (map[string][]byte, error)
	// Add keeps a value unless the key is taken.
	Add(ctx context.Context, kind, key string, value []byte, expires time.Time) (added bool, err error)
	Put(ctx context.Context, kind, key string, value []byte) error
	Delete(ctx context.Context, kind, key string) error
}

// The kinds of values.
const (
	kindAccount = "account" // by uid
	kindEmail   = "email"   // the uid, by address
	kindRefresh = "refresh" // a grant, by the token's sum
	kindCode    = "code"    // a grant, by the code's sum
	kindVisit   = "visit"   // somebody at Google, by the state's sum
	kindConsent = "consent" // whom Google vouches for, by its code's sum
	kindKey     = "key"     // a signing key, by its id
)

// forever is when what never expires does.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Memory is a Store that ends with the process.
type Memory struct {
	mu    sync.Mutex
	kinds map[string]map[string]kept
}

type kept struct {
	value   []byte
	expires time.Time
}

// NewMemory makes an empty one.
func NewMemory() *Memory { return &Memory{kinds: map[string]map[string]kept{}} }

func (m *Memory) of(kind string) map[string]kept {
	all := m.kinds[kind]
	if all == nil {
		all = map[string]kept{}
		m.kinds[kind] = all
	}
	maps.DeleteFunc(all, func(_ string, k kept) bool { return !time.Now().Before(k.expires) })
	return all
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, kind, key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.of(kind)[key]
	return k.value, ok, nil
}

// All implements Store.
func (m *Memory) All(_ context.Context, kind string) (map[string][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[string][]byte{}
	for key, k := range m.of(kind) {
		all[key] = k.value
	}
	return all, nil
}

// Add implements Store.
func (m *Memory) Add(_ context.Context, kind, key string, value []byte, expires time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.of(kind)
	if _, taken := all[key]; taken {
		return false, nil
	}
	all[key] = kept{value, expires}
	return true, nil
}

// Put implements Store.
func (m *Memory) Put(_ context.Context, kind, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.of(kind)
	k, ok := all[key]
	if !ok {
		k.expires = forever
	}
	all[key] = kept{value, k.expires}
	return nil
}

// Delete implements Store.
func (m *Memory) Delete(_ context.Context, kind, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.of(kind), key)
	return nil
}
