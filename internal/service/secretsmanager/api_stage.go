package secretsmanager

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/page"
	"apex/internal/store"
)

func (s *Service) updateSecretVersionStage(ctx context.Context, call *api.Call, in *secretsmanagerapi.UpdateSecretVersionStageRequest) (*secretsmanagerapi.UpdateSecretVersionStageResponse, error) {
	secret, err := s.change(ctx, call, in.SecretId, func(_ store.Reader, own *Secret) error {
		if err := movable(&own.Spec, *in.VersionStage, in.RemoveFromVersionId, in.MoveToVersionId); err != nil {
			return err
		}
		own.Spec.move(*in.VersionStage, api.Val(in.MoveToVersionId))
		own.Spec.Changed = call.Now
		return nil
	})
	return &secretsmanagerapi.UpdateSecretVersionStageResponse{ARN: &secret.Spec.ARN, Name: &secret.Spec.Name}, err
}

// movable checks a move of a label. Who moves a label must say from where, so
// that two who move it at once do not undo each other.
func movable(spec *SecretSpec, stage string, from, to *string) error {
	holder, held := spec.byStage(stage)
	for _, id := range []*string{from, to} {
		if id == nil {
			continue
		}
		if _, ok := spec.byID(*id); !ok {
			return secretsmanagerapi.NewResourceNotFoundException("Secrets Manager can't find the specified secret version: %s", *id)
		}
	}
	switch {
	case from == nil && to == nil:
		return secretsmanagerapi.NewInvalidParameterException("You must provide RemoveFromVersionId or MoveToVersionId.")
	case from != nil && (!held || holder.ID != *from):
		return secretsmanagerapi.NewInvalidParameterException("The staging label %s isn't attached to version %s.", stage, *from)
	case from == nil && held && holder.ID != *to:
		return secretsmanagerapi.NewInvalidParameterException("The parameter RemoveFromVersionId can't be empty. Staging label %s is currently attached to version %s, so you must explicitly reference that version in RemoveFromVersionId.", stage, holder.ID)
	case to == nil && stage == Current:
		return secretsmanagerapi.NewInvalidParameterException("You can only move staging label %s to a different secret version. It can't be completely removed.", Current)
	}
	return nil
}

func (s *Service) listSecretVersionIDs(_ context.Context, call *api.Call, in *secretsmanagerapi.ListSecretVersionIdsRequest) (*secretsmanagerapi.ListSecretVersionIdsResponse, error) {
	secret, err := findAny(s.store.Snapshot(), call, in.SecretId)
	if err != nil {
		return nil, err
	}
	out := &secretsmanagerapi.ListSecretVersionIdsResponse{ARN: &secret.Spec.ARN, Name: &secret.Spec.Name}
	for _, v := range secret.Spec.Versions {
		if len(v.Stages) > 0 || api.Val(in.IncludeDeprecated) {
			out.Versions = append(out.Versions, secretsmanagerapi.SecretVersionsListEntry{
				VersionId: &v.ID, VersionStages: v.Stages, CreatedDate: &v.Created, LastAccessedDate: date(secret.Spec.Accessed),
			})
		}
	}
	out.Versions, out.NextToken, err = paged(out.Versions, func(v *secretsmanagerapi.SecretVersionsListEntry) string {
		return page.Oldest(*v.CreatedDate, *v.VersionId)
	}, in.NextToken, api.Or(in.MaxResults, 100))
	return out, err
}

// page cuts a list. The token is the place where the next page begins.
func paged[T any](all []T, key func(*T) string, token *string, limit int64) ([]T, *string, error) {
	items, next, ok := page.Sorted(all, key, token, int(limit))
	if !ok {
		return nil, nil, secretsmanagerapi.NewInvalidNextTokenException("The NextToken value is invalid.")
	}
	return items, next, nil
}
