package iam

import (
	"apex/internal/api"
	"apex/internal/api/kmsapi"
	"apex/internal/arn"
	"apex/internal/service/kms"
	"apex/internal/store"
)

// ciphertextDemands returns what the calls that bring a ciphertext must be
// allowed: it names the key that it is to be opened with. For other calls, and
// for ciphertexts that name no key, it returns nil.
func ciphertextDemands(r store.Reader, call *api.Call, in any) []demand {
	scope := arn.Scope{Account: call.Account, Region: call.Region}
	switch in := in.(type) {
	case *kmsapi.DecryptRequest:
		if key, err := kms.KeyOf(r, scope, in.CiphertextBlob); err == nil {
			return []demand{{action: "kms:Decrypt", resource: key}}
		}
	case *kmsapi.ReEncryptRequest:
		to := api.Val(in.DestinationKeyId)
		if _, err := arn.Parse(to); err != nil {
			to = keyOrAlias(names{reader: r, scope: scope}, to)
		}
		if key, err := kms.KeyOf(r, scope, in.CiphertextBlob); err == nil {
			return []demand{{action: "kms:ReEncryptFrom", resource: key}, {action: "kms:ReEncryptTo", resource: to}}
		}
	}
	return nil
}
