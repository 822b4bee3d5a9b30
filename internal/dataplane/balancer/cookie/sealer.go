package cookie

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// KeySize is the number of bytes in a key.
const KeySize = 32

// A Sealer seals and opens values: AES-256-GCM. It is safe for concurrent use.
type Sealer struct {
	aead cipher.AEAD
	key  []byte
}

// NewSealer returns the Sealer of a key. Without a key it makes one, so that
// what it seals dies with the process.
func NewSealer(key []byte) (*Sealer, error) {
	if len(key) == 0 {
		key = make([]byte, KeySize)
		rand.Read(key)
	}
	if len(key) != KeySize {
		return nil, fmt.Errorf("cookie key: %d bytes, want %d", len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("cookie key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("cookie key: %w", err)
	}
	return &Sealer{aead: aead, key: key}, nil
}

// Seal returns data in characters that a cookie's value may have.
func (s *Sealer) Seal(name string, data []byte) string {
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(data)+s.aead.Overhead())
	rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, data, []byte(name)))
}

// Open returns what Seal was given for a cookie of the same name.
func (s *Sealer) Open(name string, value []byte) ([]byte, bool) {
	raw := make([]byte, base64.RawURLEncoding.DecodedLen(len(value)))
	n, err := base64.RawURLEncoding.Decode(raw, value)
	if size := s.aead.NonceSize(); err == nil && n > size {
		data, err := s.aead.Open(raw[size:size], raw[:size], raw[size:n], []byte(name))
		return data, err == nil
	}
	return nil, false
}

// Derive returns a key for another purpose: always the same for the same one.
func (s *Sealer) Derive(purpose string) [32]byte {
	return sha256.Sum256(append([]byte(purpose+"\x00"), s.key...))
}
