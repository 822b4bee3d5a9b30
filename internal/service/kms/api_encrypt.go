package kms

import (
	"context"
	"errors"
	"slices"

	"apex/internal/api"
	"apex/internal/api/kmsapi"
	"apex/internal/service/kms/material"
)

// forUse returns a key that is enabled, has the usage, and can be used with the
// algorithm.
func (s *Service) forUse(ctx context.Context, call *api.Call, id *string, usage, algorithm string) (Key, error) {
	k, err := s.look(ctx, call, api.Val(id))
	if bad := new(api.Error); errors.As(err, &bad) && bad.Code == "InvalidArnException" {
		return k, kmsapi.NewNotFoundException("%s", bad.Message) // of cryptography AWS KMS has no such error
	}
	if err != nil {
		return k, err
	}
	if err := k.usable(call.Now); err != nil {
		return k, err
	}
	if k.Spec.Usage != usage {
		return k, kmsapi.NewInvalidKeyUsageException("%s key usage is %s which is not valid for %s.", k.ARN(), k.Spec.Usage, call.Route.Name)
	}
	encryption, signing, agreement, mac := k.algorithms()
	if !slices.Contains(slices.Concat(encryption, signing, agreement, mac), algorithm) {
		return k, kmsapi.NewInvalidKeyUsageException("Algorithm %s is incompatible with key spec %s.", algorithm, k.Spec.Kind)
	}
	return k, nil
}

// dry answers a call that only asks whether it would succeed.
func dry(run *bool) error {
	if api.Val(run) {
		return kmsapi.NewDryRunOperationException("The request would have succeeded, but the DryRun option is set.")
	}
	return nil
}

func noEnclave(r *kmsapi.RecipientInfo) error {
	if r != nil {
		return kmsapi.NewUnsupportedOperationException("Recipient: attestation documents are not built.")
	}
	return nil
}

func (s *Service) encrypt(ctx context.Context, call *api.Call, in *kmsapi.EncryptRequest) (*kmsapi.EncryptResponse, error) {
	algorithm := api.Or(in.EncryptionAlgorithm, material.Symmetric)
	k, err := s.forUse(ctx, call, in.KeyId, material.EncryptDecrypt, algorithm)
	if err == nil {
		err = dry(in.DryRun)
	}
	if err != nil {
		return nil, err
	}
	blob, err := s.seals(&k, algorithm, in.Plaintext, in.EncryptionContext)
	return &kmsapi.EncryptResponse{CiphertextBlob: blob, KeyId: api.Ptr(k.ARN()), EncryptionAlgorithm: &algorithm}, err
}

// seals encrypts under a key that forUse returned.
func (s *Service) seals(k *Key, algorithm string, plaintext []byte, context map[string]string) ([]byte, error) {
	secret, err := secretOf(s.sealer, k)
	if err != nil {
		return nil, err
	}
	if algorithm == material.Symmetric {
		return material.Encrypt(secret, k.label(), plaintext, context)
	}
	if len(context) > 0 {
		return nil, invalid("EncryptionContext is not supported by asymmetric keys.")
	}
	blob, err := material.EncryptRSA(secret, algorithm, plaintext)
	if errors.Is(err, material.ErrInput) {
		return nil, invalid("Plaintext: %d bytes are too many for %s with %s", len(plaintext), k.Spec.Kind, algorithm)
	}
	return blob, err
}

func (s *Service) decrypt(ctx context.Context, call *api.Call, in *kmsapi.DecryptRequest) (*kmsapi.DecryptResponse, error) {
	if err := noEnclave(in.Recipient); err != nil {
		return nil, err
	}
	algorithm := api.Or(in.EncryptionAlgorithm, material.Symmetric)
	k, plain, err := s.opens(ctx, call, in.KeyId, algorithm, in.CiphertextBlob, in.EncryptionContext)
	if err == nil {
		err = dry(in.DryRun)
	}
	if err != nil {
		return nil, err
	}
	out := &kmsapi.DecryptResponse{KeyId: api.Ptr(k.ARN()), Plaintext: plain, EncryptionAlgorithm: &algorithm}
	if algorithm == material.Symmetric {
		out.KeyMaterialId = materialOf(in.CiphertextBlob)
	}
	return out, nil
}

func materialOf(blob []byte) *string {
	label, err := material.ReadLabel(blob)
	if err != nil {
		return nil
	}
	return &label.Material
}

// opens decrypts; a ciphertext under a symmetric key says which key it is.
func (s *Service) opens(ctx context.Context, call *api.Call, id *string, algorithm string, blob []byte, context map[string]string) (Key, []byte, error) {
	if algorithm != material.Symmetric {
		return s.opensRSA(ctx, call, id, algorithm, blob, context)
	}
	k, err := keyOf(s.store.Snapshot(), scopeOf(call), blob)
	if id != nil {
		named, nameErr := s.forUse(ctx, call, id, material.EncryptDecrypt, algorithm)
		switch {
		case nameErr != nil:
			return k, nil, nameErr
		case err == nil && named.Key != k.Key:
			return k, nil, kmsapi.NewIncorrectKeyException("The key ID in the request does not identify a CMK that can perform this operation.")
		}
	}
	if err != nil {
		return k, nil, err
	}
	if err := k.usable(call.Now); err != nil {
		return k, nil, err
	}
	plain, err := openBlob(s.sealer, &k, blob, context)
	return k, plain, err
}

func (s *Service) opensRSA(ctx context.Context, call *api.Call, id *string, algorithm string, blob []byte, context map[string]string) (Key, []byte, error) {
	if id == nil {
		return Key{}, nil, invalid("KeyId is required for asymmetric keys.")
	}
	if len(context) > 0 {
		return Key{}, nil, invalid("EncryptionContext is not supported by asymmetric keys.")
	}
	k, err := s.forUse(ctx, call, id, material.EncryptDecrypt, algorithm)
	if err != nil {
		return k, nil, err
	}
	secret, err := secretOf(s.sealer, &k)
	if err != nil {
		return k, nil, err
	}
	plain, err := material.DecryptRSA(secret, algorithm, blob)
	if errors.Is(err, material.ErrCiphertext) {
		return k, nil, kmsapi.NewInvalidCiphertextException("The ciphertext does not open under the key.")
	}
	return k, plain, err
}

func (s *Service) reEncrypt(ctx context.Context, call *api.Call, in *kmsapi.ReEncryptRequest) (*kmsapi.ReEncryptResponse, error) {
	from := api.Or(in.SourceEncryptionAlgorithm, material.Symmetric)
	source, plain, err := s.opens(ctx, call, in.SourceKeyId, from, in.CiphertextBlob, in.SourceEncryptionContext)
	if err != nil {
		return nil, err
	}
	to := api.Or(in.DestinationEncryptionAlgorithm, material.Symmetric)
	k, err := s.forUse(ctx, call, in.DestinationKeyId, material.EncryptDecrypt, to)
	if err == nil {
		err = dry(in.DryRun)
	}
	if err != nil {
		return nil, err
	}
	blob, err := s.seals(&k, to, plain, in.DestinationEncryptionContext)
	out := &kmsapi.ReEncryptResponse{
		CiphertextBlob: blob, SourceKeyId: api.Ptr(source.ARN()), KeyId: api.Ptr(k.ARN()),
		SourceEncryptionAlgorithm: &from, DestinationEncryptionAlgorithm: &to,
	}
	if from == material.Symmetric {
		out.SourceKeyMaterialId = materialOf(in.CiphertextBlob)
	}
	if to == material.Symmetric {
		out.DestinationKeyMaterialId = materialOf(blob)
	}
	return out, err
}
