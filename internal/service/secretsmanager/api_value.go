package secretsmanager

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/awsid"
	"apex/internal/service/kms"
	"apex/internal/store"
)

// valueFrom returns the value that a request carries, nil if none.
func valueFrom(text *string, bytes []byte) (*value, error) {
	switch {
	case text != nil && bytes != nil:
		return nil, secretsmanagerapi.NewInvalidParameterException("You can't specify both a binary secret value and a string secret value in the same secret.")
	case text != nil:
		return &value{content: []byte(*text)}, nil
	case bytes != nil:
		return &value{content: bytes, binary: true}, nil
	}
	return nil, nil
}

// tokenFrom returns the request's token, which becomes the version's ID. SDKs
// always send one.
func tokenFrom(token *string) string {
	if token != nil {
		return *token
	}
	return awsid.UUID()
}

// addVersion gives a secret a new value. A version of that ID with the same
// value is no fault: a request may be sent twice.
func (s *Service) addVersion(r store.Reader, call *api.Call, secret *Secret, id string, v value, stages []string) error {
	if secret.Spec.Owner != "" {
		return secretsmanagerapi.NewInvalidRequestException("You can't change the value of the secret %s: it is managed by %s.", secret.Spec.Name, secret.Spec.Owner)
	}
	old, ok := secret.Spec.byID(id)
	if !ok {
		made, err := s.newVersion(r, call, secret, id, v)
		if err == nil {
			secret.Spec.add(made, stages)
		}
		return err
	}
	if had, err := openVersion(r, s.env, secret, old); err != nil || !had.equal(v) {
		return secretsmanagerapi.NewResourceExistsException("You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.", id, secret.Spec.ARN)
	}
	return nil
}

func (s *Service) putSecretValue(ctx context.Context, call *api.Call, in *secretsmanagerapi.PutSecretValueRequest) (*secretsmanagerapi.PutSecretValueResponse, error) {
	given, err := valueFrom(in.SecretString, in.SecretBinary)
	if err != nil {
		return nil, err
	}
	if given == nil {
		return nil, secretsmanagerapi.NewInvalidRequestException("You must provide either SecretString or SecretBinary.")
	}
	id, stages := tokenFrom(in.ClientRequestToken), in.VersionStages
	if stages == nil {
		stages = []string{Current}
	}
	secret, err := s.change(ctx, call, in.SecretId, func(r store.Reader, own *Secret) error {
		return s.addVersion(r, call, own, id, *given, stages)
	})
	if err != nil {
		return nil, err
	}
	v, _ := secret.Spec.byID(id)
	return &secretsmanagerapi.PutSecretValueResponse{ARN: &secret.Spec.ARN, Name: &secret.Spec.Name, VersionId: &id, VersionStages: v.Stages}, nil
}

func (s *Service) getSecretValue(ctx context.Context, call *api.Call, in *secretsmanagerapi.GetSecretValueRequest) (*secretsmanagerapi.GetSecretValueResponse, error) {
	secret, err := findLive(s.store.Snapshot(), call, in.SecretId)
	if err != nil {
		return nil, err
	}
	v, err := choose(&secret.Spec, in.VersionId, in.VersionStage)
	if err != nil {
		return nil, err
	}
	e, err := s.valueEntry(ctx, call, secret, v)
	if err != nil {
		return nil, err
	}
	return &secretsmanagerapi.GetSecretValueResponse{
		ARN: e.ARN, Name: e.Name, VersionId: e.VersionId, VersionStages: e.VersionStages,
		CreatedDate: e.CreatedDate, SecretBinary: e.SecretBinary, SecretString: e.SecretString,
	}, nil
}

// choose finds the version that a request asks for: by ID, by label, or by both
// if they agree; without either, the current one.
func choose(spec *SecretSpec, id, stage *string) (Version, error) {
	if id == nil {
		label := api.Or(stage, Current)
		v, ok := spec.byStage(label)
		if !ok {
			return v, secretsmanagerapi.NewResourceNotFoundException("Secrets Manager can't find the specified secret value for staging label: %s", label)
		}
		return v, nil
	}
	v, ok := spec.byID(*id)
	if !ok {
		return v, secretsmanagerapi.NewResourceNotFoundException("Secrets Manager can't find the specified secret value for VersionId: %s", *id)
	}
	if stage != nil {
		if w, ok := spec.byStage(*stage); !ok || w.ID != v.ID {
			return v, secretsmanagerapi.NewInvalidRequestException("You provided a VersionStage that is not associated to the provided VersionId.")
		}
	}
	return v, nil
}

// valueEntry opens a version, and marks the secret as read that day.
func (s *Service) valueEntry(ctx context.Context, call *api.Call, secret Secret, v Version) (secretsmanagerapi.SecretValueEntry, error) {
	snap := s.store.Snapshot()
	if err := mayOpen(snap, s.env, kms.UserOf(call, "secretsmanager"), &secret, v); err != nil {
		return secretsmanagerapi.SecretValueEntry{}, err
	}
	content, err := openVersion(snap, s.env, &secret, v)
	if err != nil {
		return secretsmanagerapi.SecretValueEntry{}, secretsmanagerapi.NewDecryptionFailure("Secrets Manager can't decrypt the protected secret text using the provided KMS key.")
	}
	if day, changed := secret.Spec.touched(call.Now); changed {
		err := s.store.Update(ctx, func(tx *store.Tx) error {
			Secrets.Modify(tx, secret.Key, func(own *Secret) { own.Spec.Accessed = day })
			return nil
		})
		if err != nil {
			return secretsmanagerapi.SecretValueEntry{}, err
		}
	}
	e := secretsmanagerapi.SecretValueEntry{
		ARN: &secret.Spec.ARN, Name: &secret.Spec.Name, VersionId: &v.ID, VersionStages: v.Stages, CreatedDate: &v.Created,
	}
	if content.binary {
		e.SecretBinary = content.content
	} else {
		e.SecretString = api.Ptr(string(content.content))
	}
	return e, nil
}

func (s *Service) batchGetSecretValue(ctx context.Context, call *api.Call, in *secretsmanagerapi.BatchGetSecretValueRequest) (*secretsmanagerapi.BatchGetSecretValueResponse, error) {
	if (in.SecretIdList == nil) == (in.Filters == nil) {
		return nil, secretsmanagerapi.NewInvalidParameterException("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
	}
	snap, ids, out := s.store.Snapshot(), in.SecretIdList, &secretsmanagerapi.BatchGetSecretValueResponse{}
	if in.Filters != nil {
		page, next, err := listPage(snap, call, listQuery{filters: in.Filters, limit: api.Or(in.MaxResults, 20), token: in.NextToken})
		if err != nil {
			return nil, err
		}
		for _, secret := range page {
			ids = append(ids, secret.Spec.ARN)
		}
		out.NextToken = next
	}
	for _, id := range ids {
		e, err := s.currentValue(ctx, call, snap, id)
		if err != nil {
			out.Errors = append(out.Errors, secretsmanagerapi.APIErrorType{SecretId: &id, ErrorCode: &err.Code, Message: &err.Message})
			continue
		}
		out.SecretValues = append(out.SecretValues, e)
	}
	return out, nil
}

func (s *Service) currentValue(ctx context.Context, call *api.Call, r store.Reader, id string) (secretsmanagerapi.SecretValueEntry, *api.Error) {
	secret, err := findLive(r, call, &id)
	if err == nil {
		var v Version
		if v, err = choose(&secret.Spec, nil, nil); err == nil {
			var e secretsmanagerapi.SecretValueEntry
			if e, err = s.valueEntry(ctx, call, secret, v); err == nil {
				return e, nil
			}
		}
	}
	if known, ok := err.(*api.Error); ok {
		return secretsmanagerapi.SecretValueEntry{}, known
	}
	return secretsmanagerapi.SecretValueEntry{}, secretsmanagerapi.NewInternalServiceError("An error occurred on the server side.")
}
