package secretsmanager

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

// suffix is the length of what an ARN has behind the secret's name: a dash and
// six characters.
const suffix = 7

// lookup finds a secret by its name, its ARN, or its ARN without the suffix.
func lookup(r store.Reader, scope arn.Scope, id string) (Secret, bool) {
	if !strings.HasPrefix(id, "arn:") {
		return Secrets.Get(r, scope.Key(id))
	}
	name, ok := strings.CutPrefix(id, scope.ARN("secretsmanager", "secret:"))
	if !ok {
		return Secret{}, false
	}
	if len(name) > suffix {
		if s, ok := Secrets.Get(r, scope.Key(name[:len(name)-suffix])); ok && s.Spec.ARN == id {
			return s, true
		}
	}
	return Secrets.Get(r, scope.Key(name))
}

// findAny returns the secret that a call names, whether it is to be deleted or not.
func findAny(r store.Reader, call *api.Call, id *string) (Secret, error) {
	s, ok := lookup(r, scopeOf(call), api.Val(id))
	if !ok {
		return Secret{}, secretsmanagerapi.NewResourceNotFoundException("Secrets Manager can't find the specified secret.")
	}
	return s, nil
}

// findLive returns the secret that a call names unless it is to be deleted.
func findLive(r store.Reader, call *api.Call, id *string) (Secret, error) {
	s, err := findAny(r, call, id)
	if err == nil && !s.Spec.Deleted.IsZero() {
		err = secretsmanagerapi.NewInvalidRequestException("You can't perform this operation on the secret because it was marked for deletion.")
	}
	return s, err
}

// change edits a live secret in one transaction and returns it as it was left.
func (s *Service) change(ctx context.Context, call *api.Call, id *string, edit func(store.Reader, *Secret) error) (out Secret, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		found, err := findLive(tx, call, id)
		if err != nil {
			return err
		}
		Secrets.Modify(tx, found.Key, func(own *Secret) {
			if err = edit(tx, own); err == nil {
				out = *own
			}
		})
		return err
	})
	return out, err
}
