package material

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"testing"
)

var label = Label{Key: "01234567-89ab-4def-8123-456789abcdef", Account: "000000000000", Material: NewID()}

func TestACiphertextOpensUnderItsKeyMaterialAndContextOnly(t *testing.T) {
	root, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	secret, context := []byte("hunter2"), map[string]string{"app": "crm", "env": "dev"}
	blob, err := Encrypt(root, label, secret, context)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ReadLabel(blob); err != nil || got != label {
		t.Errorf("label %+v, %v; want %+v", got, err, label)
	}
	if got, err := Decrypt(root, blob, context); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("opened %q, %v", got, err)
	}
	for name, try := range map[string]func() ([]byte, error){
		"another root":    func() ([]byte, error) { return Decrypt(other, blob, context) },
		"no context":      func() ([]byte, error) { return Decrypt(root, blob, nil) },
		"moved context":   func() ([]byte, error) { return Decrypt(root, blob, map[string]string{"appc": "rm", "env": "dev"}) },
		"half a context":  func() ([]byte, error) { return Decrypt(root, blob, map[string]string{"app": "crm"}) },
		"cut off":         func() ([]byte, error) { return Decrypt(root, blob[:len(blob)-1], context) },
		"nothing":         func() ([]byte, error) { return Decrypt(root, nil, context) },
		"only the head":   func() ([]byte, error) { return Decrypt(root, blob[:headSize], context) },
		"another account": func() ([]byte, error) { return Decrypt(root, flipped(blob, 20), context) },
		"another key":     func() ([]byte, error) { return Decrypt(root, flipped(blob, 3), context) },
	} {
		if got, err := try(); !errors.Is(err, ErrCiphertext) {
			t.Errorf("%s: %q, %v; want ErrCiphertext", name, got, err)
		}
	}
}

func flipped(blob []byte, at int) []byte {
	out := bytes.Clone(blob)
	out[at] ^= 1
	return out
}

// Each spec's keys do all that the spec says, and another message or signature
// does not pass.
func TestEverySpecDoesWhatItSays(t *testing.T) {
	message := []byte("message")
	for _, spec := range specs {
		if spec.Name == "RSA_3072" || spec.Name == "RSA_4096" {
			continue // as RSA_2048, and slow to make
		}
		t.Run(spec.Name, func(t *testing.T) {
			key, err := spec.Generate()
			if err != nil {
				t.Fatal(err)
			}
			for _, algorithm := range spec.Signing {
				signs(t, key, algorithm, message)
			}
			for _, algorithm := range spec.MAC {
				if len(MAC(key, algorithm, message)) != len(key) {
					t.Errorf("%s: %d bytes", algorithm, len(MAC(key, algorithm, message)))
				}
			}
			if !spec.Asymmetric() {
				return
			}
			public, err := Public(key)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := x509.ParsePKIXPublicKey(public); err != nil {
				t.Errorf("public key: %v", err)
			}
			for _, algorithm := range spec.Encryption {
				blob, err := EncryptRSA(key, algorithm, message)
				if got, openErr := DecryptRSA(key, algorithm, blob); err != nil || openErr != nil || !bytes.Equal(got, message) {
					t.Errorf("%s: %q, %v, %v", algorithm, got, err, openErr)
				}
				if _, err := EncryptRSA(key, algorithm, make([]byte, 215)); !errors.Is(err, ErrInput) {
					t.Errorf("%s of too much: %v", algorithm, err)
				}
			}
			if spec.Agreement != nil {
				agrees(t, spec, key)
			}
		})
	}
}

func signs(t *testing.T, key []byte, algorithm string, message []byte) {
	t.Helper()
	digest := algorithm == ed25519Digest
	if digest {
		message = make([]byte, 64)
	}
	signature, err := Sign(key, algorithm, message, digest)
	if err != nil {
		t.Fatalf("%s: %v", algorithm, err)
	}
	if ok, err := Verify(key, algorithm, message, digest, signature); err != nil || !ok {
		t.Errorf("%s: %t, %v", algorithm, ok, err)
	}
	if ok, _ := Verify(key, algorithm, flipped(message, 0), digest, signature); ok {
		t.Errorf("%s: another message passes", algorithm)
	}
	if hashOf(algorithm).Size() == sha256.Size {
		sum := sha256.Sum256(message)
		if ok, err := Verify(key, algorithm, sum[:], true, signature); err != nil || !ok {
			t.Errorf("%s: by its digest: %t, %v", algorithm, ok, err)
		}
		if _, err := Sign(key, algorithm, sum[1:], true); !errors.Is(err, ErrInput) {
			t.Errorf("%s of a digest that is too short: %v", algorithm, err)
		}
	}
}

func agrees(t *testing.T, spec *Spec, mine []byte) {
	t.Helper()
	theirs, err := spec.Generate()
	if err != nil {
		t.Fatal(err)
	}
	myPublic, _ := Public(mine)
	theirPublic, _ := Public(theirs)
	a, err := Agree(mine, theirPublic)
	b, err2 := Agree(theirs, myPublic)
	if err != nil || err2 != nil || !bytes.Equal(a, b) || len(a) == 0 {
		t.Errorf("%x and %x, %v, %v", a, b, err, err2)
	}
	if _, err := Agree(mine, []byte("no key")); !errors.Is(err, ErrInput) {
		t.Errorf("with no key: %v", err)
	}
}

func FuzzDecrypt(f *testing.F) {
	root := bytes.Repeat([]byte{1}, 32)
	blob, err := Encrypt(root, label, []byte("x"), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(blob)
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if plain, err := Decrypt(root, b, nil); err == nil && !bytes.Equal(b, blob) {
			t.Errorf("%x opened as %q", b, plain)
		}
	})
}
