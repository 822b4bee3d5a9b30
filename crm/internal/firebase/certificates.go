package firebase

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"apexai/crm/internal/problem"
)

const (
	fetchWithin  = 5 * time.Second
	refetchEvery = time.Minute // for a key that is not among those known
	maxAnswer    = 1 << 20
)

// Certificates are the issuer's public keys, kept as long as their answer
// says. A key that is not among them may be a new one, so it has them fetched
// again; not more than once a minute, as anybody can invent keys.
type Certificates struct {
	URL    string
	Client *http.Client
	Now    func() time.Time

	mu      sync.Mutex // also makes concurrent callers share one fetch
	keys    map[string]*rsa.PublicKey
	fresh   time.Time // until when
	fetched time.Time
}

// Key returns the key of an id, if there is one.
func (c *Certificates) Key(ctx context.Context, id string) (*rsa.PublicKey, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.Now()
	key, ok := c.keys[id]
	if now.Before(c.fresh) && (ok || now.Sub(c.fetched) < refetchEvery) {
		return key, ok, nil
	}
	if err := c.fetch(context.WithoutCancel(ctx), now); err != nil { // others wait for it too
		return nil, false, problem.Unavailable("the identity provider's certificates cannot be read", err)
	}
	key, ok = c.keys[id]
	return key, ok, nil
}

func (c *Certificates) fetch(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return fmt.Errorf("certificates %s: %w", c.URL, err)
	}
	response, err := c.Client.Do(request)
	if err != nil {
		return fmt.Errorf("certificates: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("certificates %s: answered %s", c.URL, response.Status)
	}
	var texts map[string]string
	if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&texts); err != nil {
		return fmt.Errorf("certificates %s: %w", c.URL, err)
	}
	keys, err := parse(texts)
	if err != nil {
		return fmt.Errorf("certificates %s: %w", c.URL, err)
	}
	c.keys, c.fetched, c.fresh = keys, now, now.Add(max(maxAge(response.Header.Get("Cache-Control")), refetchEvery))
	return nil
}

func parse(texts map[string]string) (map[string]*rsa.PublicKey, error) {
	keys := map[string]*rsa.PublicKey{}
	for id, text := range texts {
		block, _ := pem.Decode([]byte(text))
		if block == nil {
			return nil, fmt.Errorf("key %.40q: not PEM", id)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("key %.40q: %w", id, err)
		}
		key, ok := certificate.PublicKey.(*rsa.PublicKey)
		if !ok || key.N.BitLen() < 2048 {
			return nil, fmt.Errorf("key %.40q: not RSA of 2,048 bits or more", id)
		}
		keys[id] = key
	}
	if len(keys) == 0 {
		return nil, errors.New("there are none")
	}
	return keys, nil
}

// maxAge is how long an answer may be kept: not at all if it does not say.
func maxAge(header string) time.Duration {
	const most = 24 * time.Hour
	for directive := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		if seconds, err := strconv.Atoi(value); strings.EqualFold(name, "max-age") && err == nil && seconds > 0 {
			return min(time.Duration(min(seconds, 1<<30))*time.Second, most)
		}
	}
	return 0
}
