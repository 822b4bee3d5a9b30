package seal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"apex/internal/seal"
)

func open(t *testing.T, dir string) *seal.Sealer {
	t.Helper()
	s, err := seal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealedValueOpensUnderItsKeyAndContextOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	s := open(t, dir)
	secret := []byte("correct horse")
	sealed := s.Seal(secret, []byte("secret/db"))
	if bytes.Contains(sealed, secret) {
		t.Error("the sealed value shows the secret")
	}
	if bytes.Equal(sealed, s.Seal(secret, []byte("secret/db"))) {
		t.Error("the same value sealed twice looks the same")
	}
	if got, err := open(t, dir).Open(sealed, []byte("secret/db")); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("after reopening: %q, %v", got, err)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, try := range map[string]func() ([]byte, error){
		"another context": func() ([]byte, error) { return s.Open(sealed, []byte("secret/other")) },
		"another key":     func() ([]byte, error) { return open(t, t.TempDir()).Open(sealed, []byte("secret/db")) },
		"changed":         func() ([]byte, error) { return s.Open(changed, []byte("secret/db")) },
		"cut":             func() ([]byte, error) { return s.Open(sealed[:5], []byte("secret/db")) },
		"empty":           func() ([]byte, error) { return s.Open(nil, nil) },
	} {
		if got, err := try(); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("%s: %q, %v; want ErrOpen", name, got, err)
		}
	}
}

func TestKeyIsMadeOnceAndForItsOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	sealers := make([]*seal.Sealer, 8)
	var wg sync.WaitGroup
	for i := range sealers {
		wg.Go(func() { sealers[i], _ = seal.Open(dir) })
	}
	wg.Wait()
	sealed := sealers[0].Seal([]byte("x"), nil)
	for i, s := range sealers {
		if _, err := s.Open(sealed, nil); err != nil {
			t.Errorf("sealer %d has another key", i)
		}
	}
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		if info, _ := f.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", f.Name(), info.Mode().Perm())
		}
	}
	if len(files) != 1 {
		t.Errorf("%d files are left, want the key alone", len(files))
	}
}

func TestShortKeyIsRefused(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "seal.key"), []byte("short"), 0o600)
	if _, err := seal.Open(dir); err == nil {
		t.Error("a key of 5 bytes was taken")
	}
}
