package kms

import (
	"context"
	"encoding/base64"
	"maps"
	"regexp"
	"slices"

	"apex/internal/api"
	"apex/internal/api/kmsapi"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/store"
)

var grantName = regexp.MustCompile(`^[a-zA-Z0-9:/_-]+$`)

func (s *Service) createGrant(ctx context.Context, call *api.Call, in *kmsapi.CreateGrantRequest) (*kmsapi.CreateGrantResponse, error) {
	if err := validGrant(in); err != nil {
		return nil, err
	}
	var g Grant
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		k, err := findKey(tx, call, in.KeyId)
		if err == nil {
			err = k.usable(call.Now)
		}
		if err == nil {
			err = dry(in.DryRun)
		}
		if err != nil {
			return err
		}
		wanted := newGrant(&k, call, in)
		for _, old := range Grants.Prefix(tx, k.Key+"/") {
			if in.Name != nil && sameGrant(&old.Spec, &wanted.Spec) {
				g = old
				return nil
			}
		}
		g = wanted
		adopt(tx, k, call.Now)
		Grants.Put(tx, g)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &kmsapi.CreateGrantResponse{GrantId: &g.Spec.ID, GrantToken: &g.Spec.Token}, nil
}

func newGrant(k *Key, call *api.Call, in *kmsapi.CreateGrantRequest) Grant {
	id := awsid.Hex(64)
	g := Grant{Key: k.Key + "/" + id, Spec: GrantSpec{
		ID: id, KeyID: k.Spec.ID, Token: base64.StdEncoding.EncodeToString([]byte(k.Key + "/" + id)), Name: api.Val(in.Name),
		Grantee: api.Val(in.GranteePrincipal), Retiring: api.Val(in.RetiringPrincipal), Operations: in.Operations, Created: call.Now,
	}}
	if in.Constraints != nil {
		g.Spec.Subset, g.Spec.Equals = in.Constraints.EncryptionContextSubset, in.Constraints.EncryptionContextEquals
	}
	return g
}

func validGrant(in *kmsapi.CreateGrantRequest) error {
	for _, principal := range []*string{in.GranteePrincipal, in.RetiringPrincipal} {
		if principal == nil {
			continue
		}
		if a, err := arn.Parse(*principal); err != nil || a.Service != "iam" && a.Service != "sts" {
			return kmsapi.NewInvalidArnException("Principal %s is not an ARN of IAM or STS", *principal)
		}
	}
	if in.Name != nil && !grantName.MatchString(*in.Name) {
		return invalid("Name: want letters, digits and :/_-")
	}
	return nil
}

// sameGrant reports whether a named grant is that of an earlier, equal call: such
// a call is answered with the grant that is there.
func sameGrant(a, b *GrantSpec) bool {
	return a.Name == b.Name && a.Grantee == b.Grantee && a.Retiring == b.Retiring &&
		slices.Equal(a.Operations, b.Operations) && maps.Equal(a.Subset, b.Subset) && maps.Equal(a.Equals, b.Equals)
}

func (s *Service) listGrants(_ context.Context, call *api.Call, in *kmsapi.ListGrantsRequest) (*kmsapi.ListGrantsResponse, error) {
	snap := s.store.Snapshot()
	k, err := findKey(snap, call, in.KeyId)
	if err != nil {
		return nil, err
	}
	var all []kmsapi.GrantListEntry
	for _, g := range Grants.Prefix(snap, k.Key+"/") {
		if api.Or(in.GrantId, g.Spec.ID) == g.Spec.ID && api.Or(in.GranteePrincipal, g.Spec.Grantee) == g.Spec.Grantee {
			all = append(all, grantEntry(&k, &g, call))
		}
	}
	return pageOfGrants(all, in.Marker, in.Limit)
}

func pageOfGrants(all []kmsapi.GrantListEntry, marker *string, limit *int64) (*kmsapi.ListGrantsResponse, error) {
	grants, next, err := page(all, func(e kmsapi.GrantListEntry) string { return *e.KeyId + *e.GrantId }, marker, api.Or(limit, 50))
	return &kmsapi.ListGrantsResponse{Grants: grants, NextMarker: next, Truncated: truncated(next)}, err
}

func grantEntry(k *Key, g *Grant, call *api.Call) kmsapi.GrantListEntry {
	e := kmsapi.GrantListEntry{
		KeyId: api.Ptr(k.ARN()), GrantId: &g.Spec.ID, Name: &g.Spec.Name, CreationDate: &g.Spec.Created, GranteePrincipal: &g.Spec.Grantee,
		IssuingAccount: api.Ptr(call.Account), Operations: g.Spec.Operations,
	}
	if g.Spec.Retiring != "" {
		e.RetiringPrincipal = &g.Spec.Retiring
	}
	if g.Spec.Subset != nil || g.Spec.Equals != nil {
		e.Constraints = &kmsapi.GrantConstraints{EncryptionContextSubset: g.Spec.Subset, EncryptionContextEquals: g.Spec.Equals}
	}
	return e
}

func (s *Service) listRetirableGrants(_ context.Context, call *api.Call, in *kmsapi.ListRetirableGrantsRequest) (*kmsapi.ListGrantsResponse, error) {
	snap := s.store.Snapshot()
	var all []kmsapi.GrantListEntry
	for _, g := range Grants.Prefix(snap, scopeOf(call).Prefix()) {
		if k, ok := Keys.Get(snap, scopeOf(call).Key(g.Spec.KeyID)); ok && g.Spec.Retiring == api.Val(in.RetiringPrincipal) {
			all = append(all, grantEntry(&k, &g, call))
		}
	}
	return pageOfGrants(all, in.Marker, in.Limit)
}

// retireGrant takes a grant's token, or its key and its ID.
func (s *Service) retireGrant(ctx context.Context, call *api.Call, in *kmsapi.RetireGrantRequest) (*kmsapi.RetireGrantOutput, error) {
	if (in.GrantToken != nil) == (in.GrantId != nil) || (in.GrantId != nil) != (in.KeyId != nil) {
		return nil, invalid("Give either GrantToken, or both KeyId and GrantId.")
	}
	if in.GrantToken == nil {
		return nil, s.removeGrant(ctx, call, in.KeyId, in.GrantId, in.DryRun)
	}
	key, err := base64.StdEncoding.DecodeString(*in.GrantToken)
	if err != nil {
		return nil, kmsapi.NewInvalidGrantTokenException("The grant token is invalid.")
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		if g, ok := Grants.Get(tx, string(key)); !ok || g.Spec.Token != *in.GrantToken {
			return kmsapi.NewInvalidGrantTokenException("The grant token is invalid.")
		}
		Grants.Delete(tx, string(key))
		return dry(in.DryRun)
	})
}

func (s *Service) revokeGrant(ctx context.Context, call *api.Call, in *kmsapi.RevokeGrantRequest) (*kmsapi.RevokeGrantOutput, error) {
	return nil, s.removeGrant(ctx, call, in.KeyId, in.GrantId, in.DryRun)
}

func (s *Service) removeGrant(ctx context.Context, call *api.Call, id, grant *string, dryRun *bool) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		k, err := findKey(tx, call, id)
		if err != nil {
			return err
		}
		if !Grants.Delete(tx, k.Key+"/"+api.Val(grant)) {
			return kmsapi.NewNotFoundException("Grant ID %s not found", api.Val(grant))
		}
		return dry(dryRun)
	})
}
