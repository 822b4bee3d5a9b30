package kms

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"apex/internal/api"
	"apex/internal/api/kmsapi"
	"apex/internal/service/kms/material"
)

// importLife is how long an import token and its wrapping key are good for
// (source: KMS API reference, GetParametersForImport).
const importLife = 24 * time.Hour

// An importToken is what a caller brings back: sealed, so that the region need
// not keep it.
type importToken struct {
	Key       string
	Algorithm string
	Private   []byte
	Until     time.Time
}

func (s *Service) importable(call *api.Call, id *string) (Key, error) {
	k, err := findKey(s.store.Snapshot(), call, id)
	if err != nil {
		return k, err
	}
	if k.Spec.Origin != kmsapi.OriginTypeExternal {
		return k, kmsapi.NewUnsupportedOperationException("%s origin is %s which is not valid for this operation.", k.ARN(), k.Spec.Origin)
	}
	return k, k.changeable()
}

func (s *Service) getParametersForImport(_ context.Context, call *api.Call, in *kmsapi.GetParametersForImportRequest) (*kmsapi.GetParametersForImportResponse, error) {
	k, err := s.importable(call, in.KeyId)
	if err != nil {
		return nil, err
	}
	algorithm := api.Val(in.WrappingAlgorithm)
	if algorithm != "RSAES_OAEP_SHA_1" && algorithm != "RSAES_OAEP_SHA_256" {
		return nil, kmsapi.NewUnsupportedOperationException("WrappingAlgorithm %s is not built.", algorithm)
	}
	spec, err := material.Find(api.Val(in.WrappingKeySpec))
	if err != nil {
		return nil, kmsapi.NewUnsupportedOperationException("WrappingKeySpec %s is not built.", api.Val(in.WrappingKeySpec))
	}
	token := importToken{Key: k.Key, Algorithm: algorithm, Until: call.Now.Add(importLife)}
	if token.Private, err = spec.Generate(); err != nil {
		return nil, err
	}
	public, err := material.Public(token.Private)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(token)
	return &kmsapi.GetParametersForImportResponse{
		KeyId: api.Ptr(k.ARN()), ImportToken: s.sealer.Seal(text, []byte("kms/import")), PublicKey: public, ParametersValidTo: &token.Until,
	}, err
}

// unwrap opens what a caller imports.
func (s *Service) unwrap(k *Key, call *api.Call, in *kmsapi.ImportKeyMaterialRequest) ([]byte, error) {
	var token importToken
	text, err := s.sealer.Open(in.ImportToken, []byte("kms/import"))
	if err != nil || json.Unmarshal(text, &token) != nil || token.Key != k.Key {
		return nil, kmsapi.NewInvalidImportTokenException("The import token is not one of %s.", k.ARN())
	}
	if call.Now.After(token.Until) {
		return nil, kmsapi.NewExpiredImportTokenException("The import token expired at %s.", token.Until.UTC().Format(time.RFC3339))
	}
	secret, err := material.DecryptRSA(token.Private, token.Algorithm, in.EncryptedKeyMaterial)
	if err != nil {
		return nil, kmsapi.NewInvalidCiphertextException("The key material is not encrypted under the wrapping key.")
	}
	if len(secret) != 32 {
		return nil, kmsapi.NewIncorrectKeyMaterialException("The key material has %d bytes; want 32.", len(secret))
	}
	return secret, nil
}

func (s *Service) importKeyMaterial(ctx context.Context, call *api.Call, in *kmsapi.ImportKeyMaterialRequest) (*kmsapi.ImportKeyMaterialResponse, error) {
	k, err := s.importable(call, in.KeyId)
	if err != nil {
		return nil, err
	}
	expires := api.Or(in.ExpirationModel, kmsapi.ExpirationModelTypeKeyMaterialExpires) == kmsapi.ExpirationModelTypeKeyMaterialExpires
	if expires != (in.ValidTo != nil) {
		return nil, invalid("ValidTo must be given with KEY_MATERIAL_EXPIRES, and only with it")
	}
	if expires && !in.ValidTo.After(call.Now) {
		return nil, invalid("ValidTo must be in the future")
	}
	secret, err := s.unwrap(&k, call, in)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(secret)
	_, err = s.change(ctx, call, in.KeyId, func(k *Key) error {
		if k.Spec.Import != nil && !bytes.Equal(k.Spec.Import.Digest, digest[:]) {
			return kmsapi.NewIncorrectKeyMaterialException("The key material is not the one that was imported into %s before.", k.ARN())
		}
		k.Spec.Secret = s.seal(k, secret)
		k.Spec.Import = &Import{Digest: digest[:], Until: api.Val(in.ValidTo)}
		return nil
	})
	return nil, err
}

func (s *Service) deleteImportedKeyMaterial(ctx context.Context, call *api.Call, in *kmsapi.DeleteImportedKeyMaterialRequest) (*kmsapi.DeleteImportedKeyMaterialOutput, error) {
	if _, err := s.importable(call, in.KeyId); err != nil {
		return nil, err
	}
	_, err := s.change(ctx, call, in.KeyId, func(k *Key) error {
		k.Spec.Secret = nil
		return k.changeable()
	})
	return nil, err
}
