package iam

import (
	"context"
	"time"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/seal"
	"apex/internal/store"
)

// Bootstrap returns the key of the account's administrator, and makes it at the
// first call.
func (s *Service) Bootstrap(ctx context.Context, account string, now time.Time) (id, secret string, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		for _, k := range keysOf(tx, account, "") {
			plain, err := s.sealer.Open(k.Spec.Sealed, []byte(k.ID))
			id, secret = k.ID, string(plain)
			return err
		}
		var k AccessKey
		k, secret = s.newAccessKey(&api.Call{Account: account, Now: now}, "")
		id = k.ID
		AccessKeys.Put(tx, k)
		return nil
	})
	return id, secret, err
}

// Lookup finds the credential of a user's or administrator's access key.
func Lookup(r store.Reader, sealer *seal.Sealer, id string) (api.Credential, bool) {
	k, ok := AccessKeys.Get(r, id)
	if !ok || !k.Spec.Active {
		return api.Credential{}, false
	}
	secret, err := sealer.Open(k.Spec.Sealed, []byte(id))
	if err != nil {
		return api.Credential{}, false
	}
	c := api.Credential{Secret: string(secret), Account: k.Spec.Account, Principal: api.Principal{AccessKeyID: id}}
	if k.Spec.User == "" {
		c.Principal.ARN, c.Principal.ID, c.Principal.Root = RootARN(k.Spec.Account), k.Spec.Account, true
		return c, true
	}
	u, ok := Users.Get(r, key(k.Spec.Account, k.Spec.User))
	c.Principal.ARN, c.Principal.ID = u.Spec.ARN, u.Spec.ID
	return c, ok
}

// RootARN names the administrator of an account.
func RootARN(account string) string { return arn.Scope{Account: account}.ARN("iam", "root") }
