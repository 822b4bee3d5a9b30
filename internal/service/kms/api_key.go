package kms

import (
	"context"
	"slices"
	"time"

	"apex/internal/api"
	"apex/internal/api/kmsapi"
	"apex/internal/awsid"
	"apex/internal/service/kms/material"
	"apex/internal/store"
)

func (s *Service) createKey(ctx context.Context, call *api.Call, in *kmsapi.CreateKeyRequest) (*kmsapi.CreateKeyResponse, error) {
	spec, usage, err := kindOf(in)
	if err != nil {
		return nil, err
	}
	tags, err := newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	document := api.Or(in.Policy, defaultPolicy(scopeOf(call)))
	if err := validPolicy(document, api.Val(in.BypassPolicyLockoutSafetyCheck)); err != nil {
		return nil, err
	}
	id := awsid.UUID()
	k := Key{Key: scopeOf(call).Key(id), Spec: KeySpec{
		ID: id, Description: api.Val(in.Description), Usage: usage, Kind: spec.Name,
		Origin: api.Or(in.Origin, kmsapi.OriginTypeAwsKms), Policy: document, Tags: tags, Created: call.Now,
		Material: material.NewID(),
	}}
	if k.Spec.Origin == kmsapi.OriginTypeAwsKms {
		secret, err := spec.Generate()
		if err != nil {
			return nil, err
		}
		k.Spec.Secret = s.seal(&k, secret)
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		Keys.Put(tx, k)
		return nil
	})
	return &kmsapi.CreateKeyResponse{KeyMetadata: metadata(&k, call)}, err
}

func (s *Service) seal(k *Key, secret []byte) []byte {
	return s.sealer.Seal(secret, []byte("kms/"+k.Key))
}

// kindOf returns what kind of key a request wants, and for what.
func kindOf(in *kmsapi.CreateKeyRequest) (*material.Spec, string, error) {
	kind := api.Or(in.KeySpec, api.Or(in.CustomerMasterKeySpec, material.Symmetric))
	origin := api.Or(in.Origin, kmsapi.OriginTypeAwsKms)
	switch {
	case in.KeySpec != nil && in.CustomerMasterKeySpec != nil:
		return nil, "", invalid("You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.")
	case api.Val(in.MultiRegion):
		return nil, "", kmsapi.NewUnsupportedOperationException("MultiRegion: multi-Region keys are not built.")
	case in.CustomKeyStoreId != nil || in.XksKeyId != nil || origin == kmsapi.OriginTypeAwsCloudhsm || origin == kmsapi.OriginTypeExternalKeyStore:
		return nil, "", kmsapi.NewUnsupportedOperationException("CustomKeyStoreId: custom key stores are not built.")
	case origin == kmsapi.OriginTypeExternal && kind != material.Symmetric:
		return nil, "", kmsapi.NewUnsupportedOperationException("Origin: key material of keys of the spec %s cannot be imported.", kind)
	}
	spec, err := material.Find(kind)
	if err != nil {
		return nil, "", kmsapi.NewUnsupportedOperationException("KeySpec %s is not built.", kind)
	}
	if in.KeyUsage == nil && kind != material.Symmetric {
		return nil, "", invalid("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
	}
	usage := api.Or(in.KeyUsage, material.EncryptDecrypt)
	if !slices.Contains(spec.Usages, usage) {
		return nil, "", invalid("KeyUsage %s is not compatible with KeySpec %s", usage, kind)
	}
	return spec, usage, nil
}

// metadata is a key as the API shows it.
func metadata(k *Key, call *api.Call) *kmsapi.KeyMetadata {
	spec, state := &k.Spec, k.state(call.Now)
	out := &kmsapi.KeyMetadata{
		AWSAccountId: api.Ptr(k.label().Account), KeyId: &spec.ID, Arn: api.Ptr(k.ARN()), CreationDate: &spec.Created,
		Enabled: api.Ptr(state == enabled), Description: &spec.Description, KeyUsage: &spec.Usage, KeyState: &state,
		Origin: &spec.Origin, KeyManager: api.Ptr(kmsapi.KeyManagerTypeCustomer), KeySpec: &spec.Kind,
		CustomerMasterKeySpec: &spec.Kind, MultiRegion: api.Ptr(false),
	}
	if spec.Managed != "" {
		out.KeyManager = api.Ptr(kmsapi.KeyManagerTypeAws)
	}
	if state == pendingDeletion {
		out.DeletionDate = &spec.Deletion
	}
	if spec.Kind == material.Symmetric && k.hasMaterial(call.Now) {
		out.CurrentKeyMaterialId = api.Ptr(k.material())
	}
	if spec.Import != nil && k.hasMaterial(call.Now) {
		out.ExpirationModel = api.Ptr(kmsapi.ExpirationModelTypeKeyMaterialDoesNotExpire)
		if !spec.Import.Until.IsZero() {
			out.ExpirationModel, out.ValidTo = api.Ptr(kmsapi.ExpirationModelTypeKeyMaterialExpires), &spec.Import.Until
		}
	}
	out.EncryptionAlgorithms, out.SigningAlgorithms, out.KeyAgreementAlgorithms, out.MacAlgorithms = k.algorithms()
	return out
}

// algorithms returns those that the key may be used with, by use.
func (k *Key) algorithms() (encryption, signing, agreement, mac []string) {
	spec, err := material.Find(k.Spec.Kind)
	if err != nil {
		return nil, nil, nil, nil
	}
	switch k.Spec.Usage {
	case material.EncryptDecrypt:
		return spec.Encryption, nil, nil, nil
	case material.SignVerify:
		return nil, spec.Signing, nil, nil
	case material.KeyAgreement:
		return nil, nil, spec.Agreement, nil
	}
	return nil, nil, nil, spec.MAC
}

func (s *Service) describeKey(ctx context.Context, call *api.Call, in *kmsapi.DescribeKeyRequest) (*kmsapi.DescribeKeyResponse, error) {
	k, err := s.look(ctx, call, api.Val(in.KeyId))
	if err != nil {
		return nil, err
	}
	return &kmsapi.DescribeKeyResponse{KeyMetadata: metadata(&k, call)}, nil
}

func (s *Service) listKeys(_ context.Context, call *api.Call, in *kmsapi.ListKeysRequest) (*kmsapi.ListKeysResponse, error) {
	var all []kmsapi.KeyListEntry
	for _, k := range Keys.Prefix(s.store.Snapshot(), scopeOf(call).Prefix()) {
		all = append(all, kmsapi.KeyListEntry{KeyId: &k.Spec.ID, KeyArn: api.Ptr(k.ARN())})
	}
	keys, next, err := page(all, func(e kmsapi.KeyListEntry) string { return *e.KeyId }, in.Marker, api.Or(in.Limit, 100))
	return &kmsapi.ListKeysResponse{Keys: keys, NextMarker: next, Truncated: truncated(next)}, err
}

func (s *Service) updateKeyDescription(ctx context.Context, call *api.Call, in *kmsapi.UpdateKeyDescriptionRequest) (*kmsapi.UpdateKeyDescriptionOutput, error) {
	_, err := s.change(ctx, call, in.KeyId, func(k *Key) error {
		k.Spec.Description = api.Val(in.Description)
		return k.changeable()
	})
	return nil, err
}

func (s *Service) enableKey(ctx context.Context, call *api.Call, in *kmsapi.EnableKeyRequest) (*kmsapi.EnableKeyOutput, error) {
	_, err := s.change(ctx, call, in.KeyId, func(k *Key) error {
		k.Spec.Disabled = false
		return k.usable(call.Now)
	})
	return nil, err
}

func (s *Service) disableKey(ctx context.Context, call *api.Call, in *kmsapi.DisableKeyRequest) (*kmsapi.DisableKeyOutput, error) {
	_, err := s.change(ctx, call, in.KeyId, func(k *Key) error {
		k.Spec.Disabled = false
		err := k.usable(call.Now)
		k.Spec.Disabled = true
		return err
	})
	return nil, err
}

// The days that a key waits for its deletion (source: KMS API reference,
// ScheduleKeyDeletion).
const (
	minWindow = 7
	maxWindow = 30
)

func (s *Service) scheduleKeyDeletion(ctx context.Context, call *api.Call, in *kmsapi.ScheduleKeyDeletionRequest) (*kmsapi.ScheduleKeyDeletionResponse, error) {
	days := int(api.Or(in.PendingWindowInDays, maxWindow))
	if days < minWindow || days > maxWindow {
		return nil, invalid("PendingWindowInDays: %d is not between %d and %d", days, minWindow, maxWindow)
	}
	k, err := s.change(ctx, call, in.KeyId, func(k *Key) error {
		if err := k.changeable(); err != nil {
			return err
		}
		k.Spec.Deletion, k.Spec.Window = call.Now.AddDate(0, 0, days), days
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &kmsapi.ScheduleKeyDeletionResponse{
		KeyId: api.Ptr(k.ARN()), DeletionDate: &k.Spec.Deletion, KeyState: api.Ptr(pendingDeletion), PendingWindowInDays: api.Ptr(int64(days)),
	}, nil
}

// cancelKeyDeletion leaves the key disabled, as on AWS.
func (s *Service) cancelKeyDeletion(ctx context.Context, call *api.Call, in *kmsapi.CancelKeyDeletionRequest) (*kmsapi.CancelKeyDeletionResponse, error) {
	k, err := s.change(ctx, call, in.KeyId, func(k *Key) error {
		if k.changeable() == nil {
			return kmsapi.NewKMSInvalidStateException("%s is not pending deletion.", k.ARN())
		}
		k.Spec.Deletion, k.Spec.Window, k.Spec.Disabled = time.Time{}, 0, true
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &kmsapi.CancelKeyDeletionResponse{KeyId: api.Ptr(k.ARN())}, nil
}
