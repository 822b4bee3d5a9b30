package kms

import (
	"context"
	"regexp"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/kmsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

var uuidPattern = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// lookup returns the key that a key ID, a key's ARN, an alias's name or an alias's
// ARN names, whatever its state. Its error is that of AWS KMS.
func lookup(r store.Reader, scope arn.Scope, id string) (Key, error) {
	if strings.HasPrefix(id, "arn:") {
		a, err := arn.Parse(id)
		switch {
		case err != nil || a.Service != signingName:
			return Key{}, kmsapi.NewInvalidArnException("Invalid arn %s", id)
		case a.Region != scope.Region:
			return Key{}, kmsapi.NewNotFoundException("Invalid arn %s", a.Region)
		}
		scope, id = a.Scope(), strings.TrimPrefix(a.Resource, "key/")
	}
	if strings.HasPrefix(id, "alias/") {
		return findAlias(r, scope, id)
	}
	if !uuidPattern.MatchString(id) {
		return Key{}, kmsapi.NewNotFoundException("Invalid keyId '%s'", id)
	}
	if k, ok := Keys.Get(r, scope.Key(id)); ok {
		return k, nil
	}
	if k, ok := managedByID(scope, id); ok {
		return k, nil
	}
	return Key{}, kmsapi.NewNotFoundException("Key '%s' does not exist", scope.ARN(signingName, "key/"+id))
}

func findAlias(r store.Reader, scope arn.Scope, name string) (Key, error) {
	if a, ok := Aliases.Get(r, scope.Key(name)); ok {
		if k, ok := Keys.Get(r, scope.Key(a.Spec.Target)); ok {
			return k, nil
		}
	}
	if made, ok := managedKey(scope, name); ok {
		if k, ok := Keys.Get(r, made.Key); ok {
			return k, nil
		}
		return made, nil
	}
	return Key{}, kmsapi.NewNotFoundException("Alias %s is not found.", scope.ARN(signingName, name))
}

// findKey is lookup for the operations that take no alias.
func findKey(r store.Reader, call *api.Call, id *string) (Key, error) {
	name := api.Val(id)
	if strings.HasPrefix(name, "alias/") || strings.HasPrefix(name, "arn:") && strings.Contains(name, ":alias/") {
		return Key{}, kmsapi.NewNotFoundException("Invalid keyId '%s'", name)
	}
	return lookup(r, scopeOf(call), name)
}

// The states of a key.
const (
	enabled         = kmsapi.KeyStateEnabled
	disabled        = kmsapi.KeyStateDisabled
	pendingDeletion = kmsapi.KeyStatePendingDeletion
	pendingImport   = kmsapi.KeyStatePendingImport
)

func (k *Key) state(now time.Time) string {
	switch {
	case !k.Spec.Deletion.IsZero():
		return pendingDeletion
	case !k.hasMaterial(now):
		return pendingImport
	case k.Spec.Disabled:
		return disabled
	}
	return enabled
}

func (k *Key) hasMaterial(now time.Time) bool {
	if k.Spec.Managed != "" {
		return true
	}
	expired := k.Spec.Import != nil && !k.Spec.Import.Until.IsZero() && !now.Before(k.Spec.Import.Until)
	return len(k.Spec.Secret) > 0 && !expired
}

// usable refuses cryptography with a key that is not enabled.
func (k *Key) usable(now time.Time) error {
	switch k.state(now) {
	case disabled:
		return kmsapi.NewDisabledException("%s is disabled.", k.ARN())
	case pendingDeletion:
		return kmsapi.NewKMSInvalidStateException("%s is pending deletion.", k.ARN())
	case pendingImport:
		return kmsapi.NewKMSInvalidStateException("%s is pending import.", k.ARN())
	}
	return nil
}

// changeable refuses changes to a key that is to be deleted.
func (k *Key) changeable() error {
	if !k.Spec.Deletion.IsZero() {
		return kmsapi.NewKMSInvalidStateException("%s is pending deletion.", k.ARN())
	}
	return nil
}

// own refuses changes to a key that AWS manages.
func (k *Key) own(call *api.Call) error {
	if k.Spec.Managed != "" {
		return api.Invalid("AccessDeniedException", "User: %s is not authorized to perform: kms:%s on resource: %s because AWS manages this key", call.Principal.ARN, call.Route.Name, k.ARN())
	}
	return nil
}

// change edits a customer's key in one transaction and returns it as it was left.
func (s *Service) change(ctx context.Context, call *api.Call, id *string, edit func(*Key) error) (out Key, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		k, err := findKey(tx, call, id)
		if err == nil {
			err = k.own(call)
		}
		if err != nil {
			return err
		}
		Keys.Modify(tx, k.Key, func(k *Key) {
			if err = edit(k); err == nil {
				out = *k
			}
		})
		return err
	})
	return out, err
}

// look finds a key for reading; one that AWS manages is made at the first look.
func (s *Service) look(ctx context.Context, call *api.Call, id string) (Key, error) {
	k, err := lookup(s.store.Snapshot(), scopeOf(call), id)
	if err != nil || !k.Spec.Created.IsZero() {
		return k, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		k = adopt(tx, k, call.Now)
		return nil
	})
	return k, err
}

func invalid(format string, args ...any) *api.Error {
	return api.Invalid("ValidationException", format, args...)
}
