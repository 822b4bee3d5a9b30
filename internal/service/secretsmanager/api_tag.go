package secretsmanager

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/store"
)

func (s *Service) tagResource(ctx context.Context, call *api.Call, in *secretsmanagerapi.TagResourceRequest) (*secretsmanagerapi.TagResourceOutput, error) {
	more, err := tagsFrom(in.Tags)
	if err != nil {
		return nil, err
	}
	_, err = s.change(ctx, call, in.SecretId, func(_ store.Reader, own *Secret) error {
		own.Spec.Tags = own.Spec.Tags.With(more)
		if err := own.Spec.Tags.Validate(); err != nil {
			return secretsmanagerapi.NewInvalidParameterException("%v", err)
		}
		return nil
	})
	return nil, err
}

func (s *Service) untagResource(ctx context.Context, call *api.Call, in *secretsmanagerapi.UntagResourceRequest) (*secretsmanagerapi.UntagResourceOutput, error) {
	_, err := s.change(ctx, call, in.SecretId, func(_ store.Reader, own *Secret) error {
		own.Spec.Tags = own.Spec.Tags.Without(in.TagKeys...)
		return nil
	})
	return nil, err
}

func (s *Service) rotateSecret(_ context.Context, call *api.Call, in *secretsmanagerapi.RotateSecretRequest) (*secretsmanagerapi.RotateSecretResponse, error) {
	if _, err := findLive(s.store.Snapshot(), call, in.SecretId); err != nil {
		return nil, err
	}
	return nil, secretsmanagerapi.NewInvalidRequestException("Rotation is not built in this region: there is no Lambda to rotate with.")
}

func (s *Service) cancelRotateSecret(_ context.Context, call *api.Call, in *secretsmanagerapi.CancelRotateSecretRequest) (*secretsmanagerapi.CancelRotateSecretResponse, error) {
	if _, err := findLive(s.store.Snapshot(), call, in.SecretId); err != nil {
		return nil, err
	}
	return nil, secretsmanagerapi.NewInvalidRequestException("You tried to cancel the rotation of a secret that has none.")
}
