package auth

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"apex/internal/dataplane/balancer/route"
)

const (
	keysLast    = 10 * time.Minute // how long an issuer's keys are taken for true
	keysPause   = 5 * time.Second  // before they are fetched again for a key that is not among them
	maxKeysSize = 150 << 10
	askLimit    = 10 * time.Second // how long an issuer or a provider may take
)

// Keys are the key sets of issuers, by their address: fetched when they are
// needed and kept for a while. They may be used by many at once.
type Keys struct {
	client *http.Client
	mu     sync.Mutex // guards sets
	sets   map[string]*fetched
}

// fetched is one issuer's keys. Whoever needs a key that is not among them
// fetches them anew; only those who need one too wait.
type fetched struct {
	fetching sync.Mutex // held while they are fetched
	mu       sync.Mutex // guards what follows
	keys     keySet
	at       time.Time
	err      error
}

// look returns a key, and whether it is worth to fetch the keys for it.
func (f *fetched) look(id string, now time.Time) (key crypto.PublicKey, fetch bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, known := f.keys.find(id)
	age := now.Sub(f.at)
	return key, f.at.IsZero() || age > keysLast || !known && age > keysPause, f.err
}

// set notes how fetching went. Old keys serve on while the issuer cannot be
// reached.
func (f *fetched) set(keys keySet, err error, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = now
	if err == nil {
		f.keys = keys
	}
	if f.err = err; len(f.keys) > 0 {
		f.err = nil
	}
}

// NewKeys returns an empty store of keys.
func NewKeys() *Keys { return &Keys{client: newClient(), sets: map[string]*fetched{}} }

func newClient() *http.Client {
	return &http.Client{
		Timeout:       askLimit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Check looks whether a request's Authorization field holds a token that the
// rule takes; nil if it does.
func (k *Keys) Check(ctx context.Context, authorization string, rule *route.Token, now time.Time) *Fault {
	scheme, text, ok := strings.Cut(authorization, " ")
	if !ok || !strings.EqualFold(scheme, "bearer") {
		return noHeader
	}
	t, ok := parseToken(strings.TrimSpace(text))
	if !ok {
		return badFormat
	}
	key, err := k.find(ctx, rule.Keys, t.kid, now)
	switch {
	case err != nil:
		return noKeys
	case key == nil || !t.verified(key):
		return badSignature
	}
	return t.check(rule, now)
}

// find returns an issuer's key, nil if there is none of the id.
func (k *Keys) find(ctx context.Context, address, id string, now time.Time) (crypto.PublicKey, error) {
	f := k.of(address)
	if key, fetch, err := f.look(id, now); !fetch {
		return key, err
	}
	f.fetching.Lock()
	defer f.fetching.Unlock()
	if key, fetch, err := f.look(id, now); !fetch {
		return key, err // somebody else did
	}
	keys, err := k.fetch(ctx, address)
	f.set(keys, err, now)
	key, _, err := f.look(id, now)
	return key, err
}

func (k *Keys) of(address string) *fetched {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sets[address] == nil {
		k.sets[address] = &fetched{}
	}
	return k.sets[address]
}

func (k *Keys) fetch(ctx context.Context, address string) (keySet, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	body, status, err := ask(k.client, req, maxKeysSize)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("keys: status %d", status)
	}
	return parseKeys(body)
}

// ask sends a request and reads the answer, which may not be larger than most.
func ask(client *http.Client, req *http.Request, most int64) (body []byte, status int, err error) {
	resp, err := client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err == nil && int64(len(body)) > most {
		err = fmt.Errorf("answer of %s: more than %d bytes", req.URL.Host, most)
	}
	return body, resp.StatusCode, err
}
