package iam

import (
	"context"
	"crypto/rand"
	"encoding/base64"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/store"
)

// maxKeys is the quota of access keys of one user (IAM quotas).
const maxKeys = 2

// newAccessKey makes a key of AWS's form and returns it with its secret, which is
// kept sealed and never shown again.
func (s *Service) newAccessKey(call *api.Call, user string) (AccessKey, string) {
	b := make([]byte, 30)
	rand.Read(b)
	id, secret := uniqueID("AKIA")[:20], base64.StdEncoding.EncodeToString(b)
	return AccessKey{ID: id, Spec: AccessKeySpec{
		Account: call.Account, User: user, Active: true, Created: call.Now,
		Sealed: s.sealer.Seal([]byte(secret), []byte(id)),
	}}, secret
}

func (s *Service) createAccessKey(ctx context.Context, call *api.Call, in *iamapi.CreateAccessKeyRequest) (*iamapi.CreateAccessKeyResponse, error) {
	name := api.Or(in.UserName, userName(call.Principal.ARN))
	k, secret := s.newAccessKey(call, name)
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		u, err := users.find(tx, call, name)
		if err != nil {
			return err
		}
		if len(keysOf(tx, call.Account, name)) >= maxKeys {
			return iamapi.NewLimitExceededException("Cannot exceed quota for AccessKeysPerUser: %d", maxKeys)
		}
		k.Spec.User = u.Spec.Name
		AccessKeys.Put(tx, k)
		return nil
	})
	return &iamapi.CreateAccessKeyResponse{AccessKey: &iamapi.AccessKey{
		UserName: &k.Spec.User, AccessKeyId: &k.ID, Status: api.Ptr(iamapi.StatusTypeActive),
		SecretAccessKey: &secret, CreateDate: &k.Spec.Created,
	}}, err
}

func (s *Service) listAccessKeys(_ context.Context, call *api.Call, in *iamapi.ListAccessKeysRequest) (*iamapi.ListAccessKeysResponse, error) {
	snap, name := s.store.Snapshot(), api.Or(in.UserName, userName(call.Principal.ARN))
	if in.UserName != nil {
		if _, err := users.find(snap, call, name); err != nil {
			return nil, err
		}
	}
	out := &iamapi.ListAccessKeysResponse{AccessKeyMetadata: []iamapi.AccessKeyMetadata{}, IsTruncated: api.Ptr(false)}
	for _, k := range keysOf(snap, call.Account, name) {
		out.AccessKeyMetadata = append(out.AccessKeyMetadata, iamapi.AccessKeyMetadata{
			UserName: &k.Spec.User, AccessKeyId: &k.ID, Status: api.Ptr(status(k)), CreateDate: &k.Spec.Created,
		})
	}
	return out, nil
}

func status(k AccessKey) string {
	if k.Spec.Active {
		return iamapi.StatusTypeActive
	}
	return iamapi.StatusTypeInactive
}

func (s *Service) updateAccessKey(ctx context.Context, call *api.Call, in *iamapi.UpdateAccessKeyRequest) (*iamapi.UpdateAccessKeyOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		if err := ownKey(tx, call, in.UserName, *in.AccessKeyId); err != nil {
			return err
		}
		AccessKeys.Modify(tx, *in.AccessKeyId, func(k *AccessKey) { k.Spec.Active = *in.Status == iamapi.StatusTypeActive })
		return nil
	})
}

func (s *Service) deleteAccessKey(ctx context.Context, call *api.Call, in *iamapi.DeleteAccessKeyRequest) (*iamapi.DeleteAccessKeyOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		if err := ownKey(tx, call, in.UserName, *in.AccessKeyId); err != nil {
			return err
		}
		AccessKeys.Delete(tx, *in.AccessKeyId)
		return nil
	})
}

// ownKey checks that the key is one of the named user, or of the caller.
func ownKey(r store.Reader, call *api.Call, user *string, id string) error {
	k, ok := AccessKeys.Get(r, id)
	if !ok || k.Spec.Account != call.Account || k.Spec.User != api.Or(user, userName(call.Principal.ARN)) {
		return iamapi.NewNoSuchEntityException("The Access Key with id %s cannot be found.", id)
	}
	return nil
}

// getAccessKeyLastUsed answers as for a key that nobody used: uses are not kept.
func (s *Service) getAccessKeyLastUsed(_ context.Context, _ *api.Call, in *iamapi.GetAccessKeyLastUsedRequest) (*iamapi.GetAccessKeyLastUsedResponse, error) {
	k, ok := AccessKeys.Get(s.store.Snapshot(), *in.AccessKeyId)
	if !ok {
		return nil, api.Errorf("AccessDenied", 403, "The access key %s is not one of this region.", *in.AccessKeyId)
	}
	return &iamapi.GetAccessKeyLastUsedResponse{
		UserName: &k.Spec.User, AccessKeyLastUsed: &iamapi.AccessKeyLastUsed{ServiceName: api.Ptr("N/A"), Region: api.Ptr("N/A")},
	}, nil
}
