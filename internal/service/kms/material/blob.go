package material

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"
)

// A ciphertext under a symmetric key is, byte by byte:
//
//	 1  version: 1
//	16  the key's UUID
//	12  the account that owns the key, in digits
//	32  the key material's id
//	12  nonce
//	 n  AES-256-GCM of the plaintext, with its tag of 16 bytes
//
// Authenticated with it are all bytes before the nonce, and the encryption
// context. The AES key is derived (HKDF-SHA256) from the key's root secret and
// the material's id: to rotate a key is to choose another id.
const (
	blobVersion = 1
	uuidSize    = 16
	accountSize = 12
	idSize      = 32
	headSize    = 1 + uuidSize + accountSize + idSize
)

// ErrCiphertext says that a ciphertext was changed, was made for another
// encryption context, or is none of ours.
var ErrCiphertext = errors.New("ciphertext does not open")

// A Label says under which key a ciphertext is.
type Label struct {
	Key      string // a UUID
	Account  string // twelve digits
	Material string // 64 hexadecimal digits
}

// ReadLabel returns a ciphertext's label; it says nothing of whether it opens.
func ReadLabel(blob []byte) (Label, error) {
	if len(blob) < headSize || blob[0] != blobVersion {
		return Label{}, ErrCiphertext
	}
	rest := blob[1:]
	id := hex.EncodeToString(rest[:uuidSize])
	account := string(rest[uuidSize : uuidSize+accountSize])
	if strings.Trim(account, "0123456789") != "" {
		return Label{}, ErrCiphertext
	}
	return Label{
		Key:      id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:],
		Account:  account,
		Material: hex.EncodeToString(rest[uuidSize+accountSize : headSize-1]),
	}, nil
}

func (l Label) head() ([]byte, error) {
	uuid, err := hex.DecodeString(strings.ReplaceAll(l.Key, "-", ""))
	id, err2 := hex.DecodeString(l.Material)
	if err != nil || err2 != nil || len(uuid) != uuidSize || len(l.Account) != accountSize || len(id) != idSize {
		return nil, errors.New("label of a ciphertext: malformed")
	}
	return slices.Concat([]byte{blobVersion}, uuid, []byte(l.Account), id), nil
}

// Encrypt encrypts under the key whose root secret is given, and binds the
// ciphertext to the context.
func Encrypt(root []byte, label Label, plaintext []byte, context map[string]string) ([]byte, error) {
	head, err := label.head()
	if err != nil {
		return nil, err
	}
	aead, err := aeadOf(root, label.Material)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	out := slices.Concat(head, nonce)
	return aead.Seal(out, nonce, plaintext, authenticated(head, context)), nil
}

// Decrypt undoes Encrypt, or returns ErrCiphertext.
func Decrypt(root, blob []byte, context map[string]string) ([]byte, error) {
	label, err := ReadLabel(blob)
	if err != nil {
		return nil, err
	}
	aead, err := aeadOf(root, label.Material)
	if err != nil {
		return nil, err
	}
	body := blob[headSize:]
	if len(body) < aead.NonceSize() {
		return nil, ErrCiphertext
	}
	plain, err := aead.Open(nil, body[:aead.NonceSize()], body[aead.NonceSize():], authenticated(blob[:headSize], context))
	if err != nil {
		return nil, ErrCiphertext
	}
	return plain, nil
}

func aeadOf(root []byte, id string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, root, nil, "kms material "+id, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// authenticated writes the head and the context, each text behind its length so
// that no two contexts are written alike.
func authenticated(head []byte, context map[string]string) []byte {
	out := slices.Clone(head)
	for _, k := range slices.Sorted(maps.Keys(context)) {
		for _, text := range []string{k, context[k]} {
			out = binary.BigEndian.AppendUint32(out, uint32(len(text)))
			out = append(out, text...)
		}
	}
	return out
}

// NewID returns a random id of key material.
func NewID() string {
	id := make([]byte, idSize)
	rand.Read(id)
	return hex.EncodeToString(id)
}
