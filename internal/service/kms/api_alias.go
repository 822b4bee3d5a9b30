package kms

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/kmsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

var aliasPattern = regexp.MustCompile(`^alias/[a-zA-Z0-9/_-]+$`)

func validAlias(name string) error {
	switch {
	case !strings.HasPrefix(name, "alias/"):
		return invalid("Invalid identifier")
	case !aliasPattern.MatchString(name):
		return invalid("1 validation error detected: Value '%s' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^alias/[a-zA-Z0-9/_-]+$", name)
	case strings.HasPrefix(name, managedPrefix):
		return api.Invalid("NotAuthorizedException", "Names that begin with %s are AWS's own", managedPrefix)
	}
	return nil
}

// targetOf returns the key that an alias is to name: one of the caller's account.
func targetOf(r store.Reader, call *api.Call, id *string) (Key, error) {
	k, err := findKey(r, call, id)
	if err != nil {
		return k, err
	}
	if scope, _ := arn.SplitKey(k.Key); scope != scopeOf(call) {
		return k, kmsapi.NewNotFoundException("Key '%s' does not exist", k.ARN())
	}
	if err := k.own(call); err != nil {
		return k, err
	}
	return k, k.changeable()
}

func (s *Service) createAlias(ctx context.Context, call *api.Call, in *kmsapi.CreateAliasRequest) (*kmsapi.CreateAliasOutput, error) {
	name := api.Val(in.AliasName)
	if err := validAlias(name); err != nil {
		return nil, err
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		k, err := targetOf(tx, call, in.TargetKeyId)
		if err != nil {
			return err
		}
		a := Alias{Key: scopeOf(call).Key(name), Spec: AliasSpec{Name: name, Target: k.Spec.ID, Created: call.Now, Updated: call.Now}}
		if _, ok := Aliases.Get(tx, a.Key); ok {
			return kmsapi.NewAlreadyExistsException("An alias with the name %s already exists", a.ARN())
		}
		Aliases.Put(tx, a)
		return nil
	})
}

func aliasNotFound(call *api.Call, name string) error {
	return kmsapi.NewNotFoundException("Alias %s is not found.", scopeOf(call).ARN(signingName, name))
}

func (s *Service) updateAlias(ctx context.Context, call *api.Call, in *kmsapi.UpdateAliasRequest) (*kmsapi.UpdateAliasOutput, error) {
	name := api.Val(in.AliasName)
	if err := validAlias(name); err != nil {
		return nil, err
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		a, ok := Aliases.Get(tx, scopeOf(call).Key(name))
		if !ok {
			return aliasNotFound(call, name)
		}
		k, err := targetOf(tx, call, in.TargetKeyId)
		if err != nil {
			return err
		}
		if old, ok := Keys.Get(tx, scopeOf(call).Key(a.Spec.Target)); ok && (old.Spec.Usage != k.Spec.Usage || family(old) != family(k)) {
			return invalid("Alias %s cannot be changed to a key of another type or usage", a.ARN())
		}
		a.Spec.Target, a.Spec.Updated = k.Spec.ID, call.Now
		Aliases.Put(tx, a)
		return nil
	})
}

// family is the type of a key: symmetric, HMAC, or asymmetric ones of any spec.
func family(k Key) string {
	kind, _, _ := strings.Cut(k.Spec.Kind, "_")
	if kind == "RSA" || kind == "ECC" {
		return "asymmetric"
	}
	return kind
}

func (s *Service) deleteAlias(ctx context.Context, call *api.Call, in *kmsapi.DeleteAliasRequest) (*kmsapi.DeleteAliasOutput, error) {
	name := api.Val(in.AliasName)
	if err := validAlias(name); err != nil {
		return nil, err
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		if !Aliases.Delete(tx, scopeOf(call).Key(name)) {
			return aliasNotFound(call, name)
		}
		return nil
	})
}

func (s *Service) listAliases(_ context.Context, call *api.Call, in *kmsapi.ListAliasesRequest) (*kmsapi.ListAliasesResponse, error) {
	snap, target := s.store.Snapshot(), ""
	if in.KeyId != nil {
		k, err := findKey(snap, call, in.KeyId)
		if err != nil {
			return nil, err
		}
		target = k.Spec.ID
	}
	var all []kmsapi.AliasListEntry
	for _, a := range Aliases.Prefix(snap, scopeOf(call).Prefix()) {
		if target == "" || a.Spec.Target == target {
			all = append(all, kmsapi.AliasListEntry{
				AliasName: &a.Spec.Name, AliasArn: api.Ptr(a.ARN()), TargetKeyId: &a.Spec.Target,
				CreationDate: &a.Spec.Created, LastUpdatedDate: &a.Spec.Updated,
			})
		}
	}
	all = append(all, managedAliases(snap, scopeOf(call), target)...)
	name := func(e kmsapi.AliasListEntry) string { return *e.AliasName }
	slices.SortFunc(all, func(a, b kmsapi.AliasListEntry) int { return strings.Compare(name(a), name(b)) })
	aliases, next, err := page(all, name, in.Marker, api.Or(in.Limit, 50))
	return &kmsapi.ListAliasesResponse{Aliases: aliases, NextMarker: next, Truncated: truncated(next)}, err
}

// managedAliases lists AWS's own aliases; they name a key once it is made.
func managedAliases(r store.Reader, scope arn.Scope, target string) (out []kmsapi.AliasListEntry) {
	for _, service := range managedServices {
		alias := managedPrefix + service
		k, _ := managedKey(scope, alias)
		e := kmsapi.AliasListEntry{AliasName: &alias, AliasArn: api.Ptr(scope.ARN(signingName, alias))}
		if made, ok := Keys.Get(r, k.Key); ok {
			e.TargetKeyId, e.CreationDate, e.LastUpdatedDate = &made.Spec.ID, &made.Spec.Created, &made.Spec.Created
		}
		if target == "" || api.Val(e.TargetKeyId) == target {
			out = append(out, e)
		}
	}
	return out
}
