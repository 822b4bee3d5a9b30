package kms

import (
	"context"
	"crypto/rand"

	"apex/internal/api"
	"apex/internal/api/kmsapi"
	"apex/internal/service/kms/material"
)

func (s *Service) generateDataKey(ctx context.Context, call *api.Call, in *kmsapi.GenerateDataKeyRequest) (*kmsapi.GenerateDataKeyResponse, error) {
	if err := noEnclave(in.Recipient); err != nil {
		return nil, err
	}
	size, err := sizeOf(in.KeySpec, in.NumberOfBytes)
	if err != nil {
		return nil, err
	}
	k, err := s.forUse(ctx, call, in.KeyId, material.EncryptDecrypt, material.Symmetric)
	if err == nil {
		err = dry(in.DryRun)
	}
	if err != nil {
		return nil, err
	}
	plain := make([]byte, size)
	rand.Read(plain)
	blob, err := s.seals(&k, material.Symmetric, plain, in.EncryptionContext)
	return &kmsapi.GenerateDataKeyResponse{CiphertextBlob: blob, Plaintext: plain, KeyId: api.Ptr(k.ARN()), KeyMaterialId: materialOf(blob)}, err
}

// sizeOf returns the bytes of a data key.
func sizeOf(spec *string, bytes *int64) (int64, error) {
	switch {
	case (spec == nil) == (bytes == nil):
		return 0, invalid("Please specify either number of bytes or key spec.")
	case bytes != nil:
		return *bytes, nil
	case *spec == kmsapi.DataKeySpecAes128:
		return 16, nil
	}
	return 32, nil
}

func (s *Service) generateDataKeyWithoutPlaintext(ctx context.Context, call *api.Call, in *kmsapi.GenerateDataKeyWithoutPlaintextRequest) (*kmsapi.GenerateDataKeyWithoutPlaintextResponse, error) {
	out, err := s.generateDataKey(ctx, call, &kmsapi.GenerateDataKeyRequest{
		KeyId: in.KeyId, EncryptionContext: in.EncryptionContext, NumberOfBytes: in.NumberOfBytes, KeySpec: in.KeySpec, DryRun: in.DryRun,
	})
	if err != nil {
		return nil, err
	}
	return &kmsapi.GenerateDataKeyWithoutPlaintextResponse{CiphertextBlob: out.CiphertextBlob, KeyId: out.KeyId, KeyMaterialId: out.KeyMaterialId}, nil
}

func (s *Service) generateDataKeyPair(ctx context.Context, call *api.Call, in *kmsapi.GenerateDataKeyPairRequest) (*kmsapi.GenerateDataKeyPairResponse, error) {
	if err := noEnclave(in.Recipient); err != nil {
		return nil, err
	}
	spec, err := material.Find(api.Val(in.KeyPairSpec))
	if err != nil {
		return nil, kmsapi.NewUnsupportedOperationException("KeyPairSpec %s is not built.", api.Val(in.KeyPairSpec))
	}
	k, err := s.forUse(ctx, call, in.KeyId, material.EncryptDecrypt, material.Symmetric)
	if err == nil {
		err = dry(in.DryRun)
	}
	if err != nil {
		return nil, err
	}
	private, err := spec.Generate()
	if err != nil {
		return nil, err
	}
	public, err := material.Public(private)
	if err != nil {
		return nil, err
	}
	blob, err := s.seals(&k, material.Symmetric, private, in.EncryptionContext)
	return &kmsapi.GenerateDataKeyPairResponse{
		PrivateKeyCiphertextBlob: blob, PrivateKeyPlaintext: private, PublicKey: public, KeyId: api.Ptr(k.ARN()), KeyPairSpec: in.KeyPairSpec,
	}, err
}

func (s *Service) generateDataKeyPairWithoutPlaintext(ctx context.Context, call *api.Call, in *kmsapi.GenerateDataKeyPairWithoutPlaintextRequest) (*kmsapi.GenerateDataKeyPairWithoutPlaintextResponse, error) {
	out, err := s.generateDataKeyPair(ctx, call, &kmsapi.GenerateDataKeyPairRequest{
		KeyId: in.KeyId, EncryptionContext: in.EncryptionContext, KeyPairSpec: in.KeyPairSpec, DryRun: in.DryRun,
	})
	if err != nil {
		return nil, err
	}
	return &kmsapi.GenerateDataKeyPairWithoutPlaintextResponse{
		PrivateKeyCiphertextBlob: out.PrivateKeyCiphertextBlob, PublicKey: out.PublicKey, KeyId: out.KeyId, KeyPairSpec: out.KeyPairSpec,
	}, nil
}

func (s *Service) generateRandom(_ context.Context, _ *api.Call, in *kmsapi.GenerateRandomRequest) (*kmsapi.GenerateRandomResponse, error) {
	switch {
	case in.Recipient != nil:
		return nil, noEnclave(in.Recipient)
	case in.CustomKeyStoreId != nil:
		return nil, kmsapi.NewCustomKeyStoreNotFoundException("Custom key store %s does not exist", *in.CustomKeyStoreId)
	case in.NumberOfBytes == nil:
		return nil, invalid("NumberOfBytes is required.")
	}
	plain := make([]byte, *in.NumberOfBytes)
	rand.Read(plain)
	return &kmsapi.GenerateRandomResponse{Plaintext: plain}, nil
}
