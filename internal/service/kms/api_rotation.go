package kms

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"apex/internal/api"
	"apex/internal/api/kmsapi"
	"apex/internal/service/kms/material"
)

const (
	defaultPeriod = 365 // days
	maxOnDemand   = 10  // rotations of a key that callers ask for (source: KMS API reference, RotateKeyOnDemand)
)

// rotatable refuses rotation of what cannot be rotated.
func (k *Key) rotatable(call *api.Call) error {
	if k.Spec.Kind != material.Symmetric || k.Spec.Origin != kmsapi.OriginTypeAwsKms {
		return kmsapi.NewUnsupportedOperationException("%s: only symmetric encryption keys whose material KMS made are rotated.", k.ARN())
	}
	return k.usable(call.Now)
}

func (s *Service) enableKeyRotation(ctx context.Context, call *api.Call, in *kmsapi.EnableKeyRotationRequest) (*kmsapi.EnableKeyRotationOutput, error) {
	_, err := s.change(ctx, call, in.KeyId, func(k *Key) error {
		if err := k.rotatable(call); err != nil {
			return err
		}
		if k.Spec.RotatesSince.IsZero() {
			k.Spec.RotatesSince, k.Spec.Period = call.Now, defaultPeriod
		}
		k.Spec.Period = int(api.Or(in.RotationPeriodInDays, int64(k.Spec.Period)))
		return nil
	})
	return nil, err
}

func (s *Service) disableKeyRotation(ctx context.Context, call *api.Call, in *kmsapi.DisableKeyRotationRequest) (*kmsapi.DisableKeyRotationOutput, error) {
	_, err := s.change(ctx, call, in.KeyId, func(k *Key) error {
		if err := k.rotatable(call); err != nil {
			return err
		}
		k.Spec.RotatesSince, k.Spec.Period = time.Time{}, 0
		return nil
	})
	return nil, err
}

func (s *Service) getKeyRotationStatus(_ context.Context, call *api.Call, in *kmsapi.GetKeyRotationStatusRequest) (*kmsapi.GetKeyRotationStatusResponse, error) {
	k, err := findKey(s.store.Snapshot(), call, in.KeyId)
	if err != nil {
		return nil, err
	}
	out := &kmsapi.GetKeyRotationStatusResponse{KeyId: api.Ptr(k.ARN()), KeyRotationEnabled: api.Ptr(false)}
	if due := nextRotation(&k); !due.IsZero() && k.Spec.Deletion.IsZero() {
		out.KeyRotationEnabled, out.NextRotationDate, out.RotationPeriodInDays = api.Ptr(true), &due, api.Ptr(int64(k.Spec.Period))
	}
	return out, nil
}

func (s *Service) rotateKeyOnDemand(ctx context.Context, call *api.Call, in *kmsapi.RotateKeyOnDemandRequest) (*kmsapi.RotateKeyOnDemandResponse, error) {
	k, err := s.change(ctx, call, in.KeyId, func(k *Key) error {
		if err := k.rotatable(call); err != nil {
			return err
		}
		if len(k.Spec.OnDemand) >= maxOnDemand {
			return kmsapi.NewLimitExceededException("%s was rotated on demand %d times, the most allowed.", k.ARN(), maxOnDemand)
		}
		k.Spec.OnDemand = append(k.Spec.OnDemand, Rotation{Material: material.NewID(), Date: call.Now})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &kmsapi.RotateKeyOnDemandResponse{KeyId: &k.Spec.ID}, nil
}

func (s *Service) listKeyRotations(_ context.Context, call *api.Call, in *kmsapi.ListKeyRotationsRequest) (*kmsapi.ListKeyRotationsResponse, error) {
	k, err := findKey(s.store.Snapshot(), call, in.KeyId)
	if err != nil {
		return nil, err
	}
	if k.Spec.Kind != material.Symmetric {
		return nil, kmsapi.NewUnsupportedOperationException("%s: keys of the spec %s are not rotated.", k.ARN(), k.Spec.Kind)
	}
	var all []kmsapi.RotationsListEntry
	for kind, list := range map[string][]Rotation{
		kmsapi.RotationTypeAutomatic: k.Status.Rotations, kmsapi.RotationTypeOnDemand: k.Spec.OnDemand,
	} {
		for _, r := range list {
			all = append(all, kmsapi.RotationsListEntry{KeyId: &k.Spec.ID, RotationDate: &r.Date, RotationType: &kind})
		}
	}
	slices.SortFunc(all, func(a, b kmsapi.RotationsListEntry) int {
		return cmp.Or(a.RotationDate.Compare(*b.RotationDate), cmp.Compare(*a.RotationType, *b.RotationType))
	})
	name := func(e kmsapi.RotationsListEntry) string { return strconv.FormatInt(e.RotationDate.UnixNano(), 10) }
	rotations, next, err := page(all, name, in.Marker, api.Or(in.Limit, 100))
	return &kmsapi.ListKeyRotationsResponse{Rotations: rotations, NextMarker: next, Truncated: truncated(next)}, err
}
