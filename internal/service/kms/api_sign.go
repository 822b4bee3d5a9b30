package kms

import (
	"context"
	"errors"

	"apex/internal/api"
	"apex/internal/api/kmsapi"
	"apex/internal/service/kms/material"
)

// secretFor returns a key and its secret for an operation with an algorithm.
func (s *Service) secretFor(ctx context.Context, call *api.Call, id *string, usage, algorithm string, dryRun *bool) (Key, []byte, error) {
	k, err := s.forUse(ctx, call, id, usage, algorithm)
	if err == nil {
		err = dry(dryRun)
	}
	if err != nil {
		return k, nil, err
	}
	secret, err := secretOf(s.sealer, &k)
	return k, secret, err
}

func (s *Service) sign(ctx context.Context, call *api.Call, in *kmsapi.SignRequest) (*kmsapi.SignResponse, error) {
	algorithm := api.Val(in.SigningAlgorithm)
	k, secret, err := s.secretFor(ctx, call, in.KeyId, material.SignVerify, algorithm, in.DryRun)
	if err != nil {
		return nil, err
	}
	signature, err := material.Sign(secret, algorithm, in.Message, isDigest(in.MessageType))
	if errors.Is(err, material.ErrInput) {
		return nil, badMessage(algorithm)
	}
	return &kmsapi.SignResponse{KeyId: api.Ptr(k.ARN()), Signature: signature, SigningAlgorithm: &algorithm}, err
}

func isDigest(kind *string) bool { return api.Val(kind) == kmsapi.MessageTypeDigest }

func badMessage(algorithm string) error {
	return invalid("Message: it has not the type or the length that %s signs", algorithm)
}

func (s *Service) verify(ctx context.Context, call *api.Call, in *kmsapi.VerifyRequest) (*kmsapi.VerifyResponse, error) {
	algorithm := api.Val(in.SigningAlgorithm)
	k, secret, err := s.secretFor(ctx, call, in.KeyId, material.SignVerify, algorithm, in.DryRun)
	if err != nil {
		return nil, err
	}
	ok, err := material.Verify(secret, algorithm, in.Message, isDigest(in.MessageType), in.Signature)
	switch {
	case errors.Is(err, material.ErrInput):
		return nil, badMessage(algorithm)
	case err != nil:
		return nil, err
	case !ok:
		return nil, kmsapi.NewKMSInvalidSignatureException("The signature is not that of the message under %s.", k.ARN())
	}
	return &kmsapi.VerifyResponse{KeyId: api.Ptr(k.ARN()), SignatureValid: api.Ptr(true), SigningAlgorithm: &algorithm}, nil
}

func (s *Service) generateMAC(ctx context.Context, call *api.Call, in *kmsapi.GenerateMacRequest) (*kmsapi.GenerateMacResponse, error) {
	k, secret, err := s.secretFor(ctx, call, in.KeyId, material.GenerateVerifyMAC, api.Val(in.MacAlgorithm), in.DryRun)
	if err != nil {
		return nil, err
	}
	return &kmsapi.GenerateMacResponse{
		Mac: material.MAC(secret, api.Val(in.MacAlgorithm), in.Message), MacAlgorithm: in.MacAlgorithm, KeyId: api.Ptr(k.ARN()),
	}, nil
}

func (s *Service) verifyMAC(ctx context.Context, call *api.Call, in *kmsapi.VerifyMacRequest) (*kmsapi.VerifyMacResponse, error) {
	k, secret, err := s.secretFor(ctx, call, in.KeyId, material.GenerateVerifyMAC, api.Val(in.MacAlgorithm), in.DryRun)
	if err != nil {
		return nil, err
	}
	if !material.SameMAC(in.Mac, material.MAC(secret, api.Val(in.MacAlgorithm), in.Message)) {
		return nil, kmsapi.NewKMSInvalidMacException("The MAC is not that of the message under %s.", k.ARN())
	}
	return &kmsapi.VerifyMacResponse{KeyId: api.Ptr(k.ARN()), MacValid: api.Ptr(true), MacAlgorithm: in.MacAlgorithm}, nil
}

func (s *Service) getPublicKey(ctx context.Context, call *api.Call, in *kmsapi.GetPublicKeyRequest) (*kmsapi.GetPublicKeyResponse, error) {
	k, err := s.look(ctx, call, api.Val(in.KeyId))
	if err != nil {
		return nil, err
	}
	if spec, err := material.Find(k.Spec.Kind); err != nil || !spec.Asymmetric() {
		return nil, kmsapi.NewUnsupportedOperationException("%s key spec is %s which has no public key.", k.ARN(), k.Spec.Kind)
	}
	if err := k.usable(call.Now); err != nil {
		return nil, err
	}
	secret, err := secretOf(s.sealer, &k)
	if err != nil {
		return nil, err
	}
	public, err := material.Public(secret)
	out := &kmsapi.GetPublicKeyResponse{
		KeyId: api.Ptr(k.ARN()), PublicKey: public, CustomerMasterKeySpec: &k.Spec.Kind, KeySpec: &k.Spec.Kind, KeyUsage: &k.Spec.Usage,
	}
	out.EncryptionAlgorithms, out.SigningAlgorithms, out.KeyAgreementAlgorithms, _ = k.algorithms()
	return out, err
}

func (s *Service) deriveSharedSecret(ctx context.Context, call *api.Call, in *kmsapi.DeriveSharedSecretRequest) (*kmsapi.DeriveSharedSecretResponse, error) {
	if err := noEnclave(in.Recipient); err != nil {
		return nil, err
	}
	k, secret, err := s.secretFor(ctx, call, in.KeyId, material.KeyAgreement, api.Val(in.KeyAgreementAlgorithm), in.DryRun)
	if err != nil {
		return nil, err
	}
	shared, err := material.Agree(secret, in.PublicKey)
	if errors.Is(err, material.ErrInput) {
		return nil, invalid("PublicKey: want a key on the curve of %s, in DER", k.Spec.Kind)
	}
	return &kmsapi.DeriveSharedSecretResponse{
		KeyId: api.Ptr(k.ARN()), SharedSecret: shared, KeyAgreementAlgorithm: in.KeyAgreementAlgorithm, KeyOrigin: &k.Spec.Origin,
	}, err
}
