// Package seal encrypts what the region keeps secret at rest: secret values,
// passwords and secret access keys. AES-256-GCM under one key, which lies in a
// file of its own beside the store.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

const (
	keySize  = 32
	keyFile  = "seal.key"
	versionA = 1 // first byte of everything sealed: AES-256-GCM, 12-byte nonce
)

// ErrOpen says that a sealed value was changed, or was sealed under another key
// or for another context.
var ErrOpen = errors.New("sealed value does not open")

// A Sealer seals and opens values. It is safe for concurrent use.
type Sealer struct {
	aead cipher.AEAD
	key  []byte
}

// Open returns the Sealer of the key in dir; the first call makes the key, in a
// file that only its owner can read.
func Open(dir string) (*Sealer, error) {
	path := filepath.Join(dir, keyFile)
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = makeKey(dir, path)
	}
	if err != nil {
		return nil, fmt.Errorf("open sealing key: %w", err)
	}
	return New(key)
}

// New returns the Sealer of a key of 32 bytes.
func New(key []byte) (*Sealer, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("sealing key: %d bytes, want %d", len(key), keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Sealer{aead: aead, key: slices.Clone(key)}, nil
}

// Seal encrypts plaintext and binds it to context, such as the key of the object
// that holds it: it opens under the same context only.
func (s *Sealer) Seal(plaintext, context []byte) []byte {
	out := make([]byte, 1+s.aead.NonceSize(), 1+s.aead.NonceSize()+len(plaintext)+s.aead.Overhead())
	out[0] = versionA
	rand.Read(out[1:])
	return s.aead.Seal(out, out[1:], plaintext, context)
}

// Open returns what Seal was given, or ErrOpen.
func (s *Sealer) Open(sealed, context []byte) ([]byte, error) {
	head := 1 + s.aead.NonceSize()
	if len(sealed) < head || sealed[0] != versionA {
		return nil, ErrOpen
	}
	plain, err := s.aead.Open(nil, sealed[1:head], sealed[head:], context)
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// Derive returns a secret of 32 bytes for a purpose: always the same one, and one
// that says nothing of the sealing key or of the secret of another purpose.
func (s *Sealer) Derive(purpose string) []byte {
	secret, err := hkdf.Key(sha256.New, s.key, nil, purpose, keySize)
	if err != nil {
		panic(err) // never: 32 bytes are less than the most that HKDF gives
	}
	return secret
}

// makeKey writes a new key so that a crash leaves either none or all of it.
func makeKey(dir, path string) ([]byte, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	key := make([]byte, keySize)
	rand.Read(key)
	tmp, err := os.CreateTemp(dir, keyFile+".*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(key)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(tmp.Name(), path); errors.Is(err, fs.ErrExist) {
		return os.ReadFile(path) // another process was first
	} else if err != nil {
		return nil, err
	}
	return key, syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
