package authority_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"apex/internal/dataplane/authority"
)

var now = time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)

func open(t *testing.T, dir string) *authority.Authority {
	t.Helper()
	a, err := authority.Open(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// issue returns the certificate that a TLS server would show.
func issue(t *testing.T, a *authority.Authority, kind authority.KeyKind, names ...string) *x509.Certificate {
	t.Helper()
	made, err := a.Issue(authority.Request{Names: names, Key: kind, Now: now, Life: authority.MaxLife})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(made.Certificate, made.Key)
	if err != nil {
		t.Fatal(err)
	}
	if !pair.Leaf.NotAfter.Equal(made.NotAfter) || !pair.Leaf.NotBefore.Equal(made.NotBefore) {
		t.Errorf("valid %s to %s, said %s to %s", pair.Leaf.NotBefore, pair.Leaf.NotAfter, made.NotBefore, made.NotAfter)
	}
	return pair.Leaf
}

func verify(a *authority.Authority, leaf *x509.Certificate, name string, at time.Time) error {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.PEM())
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name, CurrentTime: at})
	return err
}

func TestIssuedIsTrusted(t *testing.T) {
	a := open(t, filepath.Join(t.TempDir(), "authority"))
	for _, kind := range []authority.KeyKind{authority.P256, authority.P384, authority.RSA2048} {
		leaf := issue(t, a, kind, "crm.localhost", "*.crm.localhost", "127.0.0.1")
		for _, name := range []string{"crm.localhost", "a.crm.localhost", "127.0.0.1"} {
			if err := verify(a, leaf, name, now); err != nil {
				t.Errorf("%s: %s: %v", kind, name, err)
			}
		}
		if verify(a, leaf, "other.localhost", now) == nil {
			t.Errorf("%s: accepted for a name that it does not hold", kind)
		}
		if verify(a, leaf, "crm.localhost", now.Add(authority.MaxLife)) == nil {
			t.Errorf("%s: accepted after its end", kind)
		}
	}
}

func TestAuthorityIsConstrained(t *testing.T) {
	a := open(t, filepath.Join(t.TempDir(), "authority"))
	for _, name := range []string{"bank.com", "localhost.bank.com", "10.0.0.1"} {
		if verify(a, issue(t, a, authority.P256, name), name, now) == nil {
			t.Errorf("%s: trusted, though it is somebody's", name)
		}
	}
}

func TestOpenAgainIsTheSame(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home", "authority")
	var wg sync.WaitGroup
	pems := make([][]byte, 8)
	for i := range pems {
		wg.Go(func() { pems[i] = open(t, dir).PEM() })
	}
	wg.Wait()
	for _, p := range pems {
		if !bytes.Equal(p, pems[0]) {
			t.Fatal("processes that opened it at once have different authorities")
		}
	}
	info, err := os.Stat(filepath.Join(dir, "ca-key.pem"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v, %v", info.Mode(), err)
	}
	left, _ := filepath.Glob(dir + ".*")
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestOpenRefusesAForeignKey(t *testing.T) {
	one, two := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "a")
	open(t, one)
	open(t, two)
	if err := os.Rename(filepath.Join(two, "ca-key.pem"), filepath.Join(one, "ca-key.pem")); err != nil {
		t.Fatal(err)
	}
	if _, err := authority.Open(one, now); err == nil {
		t.Error("opened with another authority's key")
	}
}

func TestIssueRefuses(t *testing.T) {
	a := open(t, filepath.Join(t.TempDir(), "authority"))
	for name, req := range map[string]authority.Request{
		"no name":  {Key: authority.P256, Now: now, Life: time.Hour},
		"too long": {Names: []string{"a.test"}, Key: authority.P256, Now: now, Life: authority.MaxLife + 1},
		"no life":  {Names: []string{"a.test"}, Key: authority.P256, Now: now},
		"no key":   {Names: []string{"a.test"}, Now: now, Life: time.Hour},
	} {
		if _, err := a.Issue(req); err == nil {
			t.Errorf("%s: issued", name)
		}
	}
}
