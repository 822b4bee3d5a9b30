package kms

import (
	"errors"

	"apex/internal/api/kmsapi"
	"apex/internal/arn"
	"apex/internal/seal"
	"apex/internal/service"
	"apex/internal/service/kms/material"
	"apex/internal/store"
)

// Encrypt encrypts for another service under a symmetric key, which is named as
// in the API, and binds the ciphertext to the context. Whether the caller may use
// the key is not asked here. Its error is that of AWS KMS.
func Encrypt(r store.Reader, env service.Env, scope arn.Scope, keyID string, plaintext []byte, context map[string]string) ([]byte, error) {
	k, err := Usable(r, env, scope, keyID)
	if err != nil {
		return nil, err
	}
	secret, err := secretOf(env.Sealer, &k)
	if err != nil {
		return nil, err
	}
	return material.Encrypt(secret, k.label(), plaintext, context)
}

// Decrypt undoes Encrypt under the same context. The ciphertext names its key,
// which must be enabled.
func Decrypt(r store.Reader, env service.Env, scope arn.Scope, ciphertext []byte, context map[string]string) ([]byte, error) {
	k, err := keyOf(r, scope, ciphertext)
	if err != nil {
		return nil, err
	}
	if err := k.usable(env.Now()); err != nil {
		return nil, err
	}
	return openBlob(env.Sealer, &k, ciphertext, context)
}

// Usable returns the symmetric key that an ID names if it is enabled.
func Usable(r store.Reader, env service.Env, scope arn.Scope, keyID string) (Key, error) {
	k, err := lookup(r, scope, keyID)
	if err != nil {
		return Key{}, err
	}
	if k.Spec.Kind != material.Symmetric {
		return Key{}, kmsapi.NewInvalidKeyUsageException("%s is no symmetric encryption key.", k.ARN())
	}
	return k, k.usable(env.Now())
}

// KeyOf returns the ARN of the key that a ciphertext was made under.
func KeyOf(r store.Reader, scope arn.Scope, ciphertext []byte) (string, error) {
	k, err := keyOf(r, scope, ciphertext)
	if err != nil {
		return "", err
	}
	return k.ARN(), nil
}

func keyOf(r store.Reader, scope arn.Scope, ciphertext []byte) (Key, error) {
	label, err := material.ReadLabel(ciphertext)
	if err != nil {
		return Key{}, kmsapi.NewInvalidCiphertextException("The ciphertext is malformed.")
	}
	k, err := lookup(r, arn.Scope{Account: label.Account, Region: scope.Region}, label.Key)
	if err != nil {
		return Key{}, kmsapi.NewInvalidCiphertextException("The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.")
	}
	return k, nil
}

func openBlob(sealer *seal.Sealer, k *Key, ciphertext []byte, context map[string]string) ([]byte, error) {
	secret, err := secretOf(sealer, k)
	if err != nil {
		return nil, err
	}
	plain, err := material.Decrypt(secret, ciphertext, context)
	if errors.Is(err, material.ErrCiphertext) {
		return nil, kmsapi.NewInvalidCiphertextException("The ciphertext was changed, or the encryption context is not the one that it was made with.")
	}
	return plain, err
}

func (k *Key) label() material.Label {
	scope, id := arn.SplitKey(k.Key)
	return material.Label{Key: id, Account: scope.Account, Material: k.material()}
}

// secretOf opens a key's secret.
func secretOf(sealer *seal.Sealer, k *Key) ([]byte, error) {
	if k.Spec.Managed != "" {
		return sealer.Derive("kms/" + k.Key), nil
	}
	return sealer.Open(k.Spec.Secret, []byte("kms/"+k.Key))
}
