package kms

import (
	"time"

	"apex/internal/api"
	"apex/internal/api/kmsapi"
	"apex/internal/seal"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves the keys of all scopes.
type Service struct {
	store  *store.Store
	sealer *seal.Sealer
	now    func() time.Time
}

// New returns the service.
func New(env service.Env) *Service {
	return &Service{store: env.Store, sealer: env.Sealer, now: env.Now}
}

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	const (
		specs    = "no multi-Region keys, custom key stores, ECC_SECG_P256K1, SM2 or ML-DSA: they are refused"
		enclaves = "attestation documents of enclaves are refused"
		imports  = "into SYMMETRIC_DEFAULT keys; wrapped by RSAES_OAEP"
	)
	return []api.Route{
		kmsapi.CreateKey.Handle(s.createKey).Limited(specs),
		kmsapi.DescribeKey.Handle(s.describeKey),
		kmsapi.ListKeys.Handle(s.listKeys),
		kmsapi.UpdateKeyDescription.Handle(s.updateKeyDescription),
		kmsapi.EnableKey.Handle(s.enableKey),
		kmsapi.DisableKey.Handle(s.disableKey),
		kmsapi.ScheduleKeyDeletion.Handle(s.scheduleKeyDeletion),
		kmsapi.CancelKeyDeletion.Handle(s.cancelKeyDeletion),
		kmsapi.CreateAlias.Handle(s.createAlias),
		kmsapi.UpdateAlias.Handle(s.updateAlias),
		kmsapi.DeleteAlias.Handle(s.deleteAlias),
		kmsapi.ListAliases.Handle(s.listAliases),
		kmsapi.TagResource.Handle(s.tagResource),
		kmsapi.UntagResource.Handle(s.untagResource),
		kmsapi.ListResourceTags.Handle(s.listResourceTags),
		kmsapi.GetKeyPolicy.Handle(s.getKeyPolicy),
		kmsapi.PutKeyPolicy.Handle(s.putKeyPolicy),
		kmsapi.ListKeyPolicies.Handle(s.listKeyPolicies),
		kmsapi.EnableKeyRotation.Handle(s.enableKeyRotation),
		kmsapi.DisableKeyRotation.Handle(s.disableKeyRotation),
		kmsapi.GetKeyRotationStatus.Handle(s.getKeyRotationStatus),
		kmsapi.RotateKeyOnDemand.Handle(s.rotateKeyOnDemand),
		kmsapi.ListKeyRotations.Handle(s.listKeyRotations),
		kmsapi.Encrypt.Handle(s.encrypt),
		kmsapi.Decrypt.Handle(s.decrypt).Limited(enclaves),
		kmsapi.ReEncrypt.Handle(s.reEncrypt),
		kmsapi.GenerateDataKey.Handle(s.generateDataKey).Limited(enclaves),
		kmsapi.GenerateDataKeyWithoutPlaintext.Handle(s.generateDataKeyWithoutPlaintext),
		kmsapi.GenerateDataKeyPair.Handle(s.generateDataKeyPair).Limited(enclaves),
		kmsapi.GenerateDataKeyPairWithoutPlaintext.Handle(s.generateDataKeyPairWithoutPlaintext),
		kmsapi.GenerateRandom.Handle(s.generateRandom).Limited(enclaves),
		kmsapi.GenerateMac.Handle(s.generateMAC),
		kmsapi.VerifyMac.Handle(s.verifyMAC),
		kmsapi.Sign.Handle(s.sign),
		kmsapi.Verify.Handle(s.verify),
		kmsapi.GetPublicKey.Handle(s.getPublicKey),
		kmsapi.DeriveSharedSecret.Handle(s.deriveSharedSecret).Limited(enclaves),
		kmsapi.GetParametersForImport.Handle(s.getParametersForImport).Limited(imports),
		kmsapi.ImportKeyMaterial.Handle(s.importKeyMaterial).Limited(imports),
		kmsapi.DeleteImportedKeyMaterial.Handle(s.deleteImportedKeyMaterial),
		kmsapi.CreateGrant.Handle(s.createGrant).Limited(grants),
		kmsapi.ListGrants.Handle(s.listGrants).Limited(grants),
		kmsapi.ListRetirableGrants.Handle(s.listRetirableGrants).Limited(grants),
		kmsapi.RetireGrant.Handle(s.retireGrant).Limited(grants),
		kmsapi.RevokeGrant.Handle(s.revokeGrant).Limited(grants),
	}
}

const grants = "a grant allows its principal at once; grant tokens are not looked at"
