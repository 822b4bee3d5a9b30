package secretsmanager

import (
	"context"
	"regexp"
	"time"

	"apex/internal/api"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/awsid"
	"apex/internal/store"
	"apex/internal/tag"
)

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9/_+=.@-]{1,512}$`)

func (s *Service) createSecret(ctx context.Context, call *api.Call, in *secretsmanagerapi.CreateSecretRequest) (*secretsmanagerapi.CreateSecretResponse, error) {
	name := api.Val(in.Name)
	if !namePattern.MatchString(name) {
		return nil, secretsmanagerapi.NewInvalidParameterException("Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
	}
	replicas, err := withReplicas(nil, call, in.AddReplicaRegions)
	if err != nil {
		return nil, err
	}
	tags, err := tagsFrom(in.Tags)
	if err != nil {
		return nil, err
	}
	given, err := valueFrom(in.SecretString, in.SecretBinary)
	if err != nil {
		return nil, err
	}
	token := tokenFrom(in.ClientRequestToken)
	var made Secret
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		key := scopeOf(call).Key(name)
		if old, ok := Secrets.Get(tx, key); ok {
			made = old
			return s.createdBefore(tx, old, token, given)
		}
		made = Secret{Key: key, Spec: SecretSpec{
			Name: name, ARN: scopeOf(call).ARN("secretsmanager", "secret:"+name+"-"+awsid.Hex(suffix-1)),
			Description: api.Val(in.Description), KMSKeyID: api.Val(in.KmsKeyId), Tags: tags, Replicas: replicas,
			Created: call.Now, Changed: call.Now,
		}}
		if given != nil {
			v, err := s.newVersion(tx, call, &made, token, *given)
			if err != nil {
				return err
			}
			made.Spec.add(v, nil)
		}
		Secrets.Put(tx, made)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &secretsmanagerapi.CreateSecretResponse{ARN: &made.Spec.ARN, Name: &made.Spec.Name}
	if given != nil {
		out.VersionId = &token
	}
	return out, nil
}

// createdBefore decides about a secret that is there already: the same request
// sent twice is no fault.
func (s *Service) createdBefore(r store.Reader, old Secret, token string, given *value) error {
	if !old.Spec.Deleted.IsZero() {
		return secretsmanagerapi.NewInvalidRequestException("You can't create this secret because a secret with this name is already scheduled for deletion.")
	}
	if given != nil {
		if v, ok := old.Spec.byID(token); ok {
			if had, err := openVersion(r, s.env, &old, v); err == nil && had.equal(*given) {
				return nil
			}
		}
	}
	return secretsmanagerapi.NewResourceExistsException("The operation failed because the secret %s already exists.", old.Spec.Name)
}

func (s *Service) describeSecret(_ context.Context, call *api.Call, in *secretsmanagerapi.DescribeSecretRequest) (*secretsmanagerapi.DescribeSecretResponse, error) {
	secret, err := findAny(s.store.Snapshot(), call, in.SecretId)
	if err != nil {
		return nil, err
	}
	e := entryOf(secret)
	return &secretsmanagerapi.DescribeSecretResponse{
		ARN: e.ARN, Name: e.Name, Description: e.Description, KmsKeyId: e.KmsKeyId,
		LastChangedDate: e.LastChangedDate, LastAccessedDate: e.LastAccessedDate, DeletedDate: e.DeletedDate,
		Tags: e.Tags, VersionIdsToStages: e.SecretVersionsToStages, OwningService: e.OwningService, CreatedDate: e.CreatedDate,
		PrimaryRegion: primaryOf(secret, call), ReplicationStatus: replicationOf(secret),
	}, nil
}

// entryOf is a secret as lists show it.
func entryOf(secret Secret) secretsmanagerapi.SecretListEntry {
	spec := secret.Spec
	return secretsmanagerapi.SecretListEntry{
		ARN: &spec.ARN, Name: &spec.Name, Description: optional(spec.Description), KmsKeyId: optional(spec.KMSKeyID),
		LastChangedDate: date(spec.Changed), LastAccessedDate: date(spec.Accessed), DeletedDate: date(spec.Purge),
		Tags: tagsOf(spec.Tags), SecretVersionsToStages: spec.stages(), OwningService: optional(spec.Owner), CreatedDate: date(spec.Created),
	}
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func date(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (s *Service) updateSecret(ctx context.Context, call *api.Call, in *secretsmanagerapi.UpdateSecretRequest) (*secretsmanagerapi.UpdateSecretResponse, error) {
	given, err := valueFrom(in.SecretString, in.SecretBinary)
	if err != nil {
		return nil, err
	}
	token := tokenFrom(in.ClientRequestToken)
	secret, err := s.change(ctx, call, in.SecretId, func(r store.Reader, own *Secret) error {
		own.Spec.Description = api.Or(in.Description, own.Spec.Description)
		own.Spec.KMSKeyID = api.Or(in.KmsKeyId, own.Spec.KMSKeyID)
		if given != nil {
			if err := s.addVersion(r, call, own, token, *given, []string{Current}); err != nil {
				return err
			}
		}
		own.Spec.Changed = call.Now
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &secretsmanagerapi.UpdateSecretResponse{ARN: &secret.Spec.ARN, Name: &secret.Spec.Name}
	if given != nil {
		out.VersionId = &token
	}
	return out, nil
}

// The recovery window in days (source: AWS's model, DeleteSecret).
const (
	minWindow     = 7
	maxWindow     = 30
	defaultWindow = 30
)

func (s *Service) deleteSecret(ctx context.Context, call *api.Call, in *secretsmanagerapi.DeleteSecretRequest) (*secretsmanagerapi.DeleteSecretResponse, error) {
	force := api.Val(in.ForceDeleteWithoutRecovery)
	days := api.Or(in.RecoveryWindowInDays, defaultWindow)
	switch {
	case force && in.RecoveryWindowInDays != nil:
		return nil, secretsmanagerapi.NewInvalidParameterException("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
	case days < minWindow || days > maxWindow:
		return nil, secretsmanagerapi.NewInvalidParameterException("RecoveryWindowInDays value must be between %d and %d days (inclusive).", minWindow, maxWindow)
	}
	out := &secretsmanagerapi.DeleteSecretResponse{}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		secret, err := findAny(tx, call, in.SecretId)
		if err != nil && force { // gone already is what the caller wants
			out.Name, out.ARN, out.DeletionDate = in.SecretId, in.SecretId, &call.Now
			return nil
		}
		if err == nil {
			err = deletable(secret, force)
		}
		if err != nil {
			return err
		}
		out.Name, out.ARN, out.DeletionDate = &secret.Spec.Name, &secret.Spec.ARN, &call.Now
		if force {
			Secrets.Delete(tx, secret.Key)
			return nil
		}
		purge := call.Now.AddDate(0, 0, int(days))
		out.DeletionDate = &purge
		Secrets.Modify(tx, secret.Key, func(own *Secret) { own.Spec.Deleted, own.Spec.Purge = call.Now, purge })
		return nil
	})
	return out, err
}

func deletable(secret Secret, force bool) error {
	switch {
	case secret.Spec.Owner != "":
		return secretsmanagerapi.NewInvalidRequestException("You can't delete the secret %s: it is managed by %s.", secret.Spec.Name, secret.Spec.Owner)
	case len(secret.Spec.Replicas) > 0:
		return secretsmanagerapi.NewInvalidRequestException("You can't delete secret %s that still has replica regions.", secret.Spec.Name)
	case !secret.Spec.Deleted.IsZero() && !force:
		return secretsmanagerapi.NewInvalidRequestException("You tried to perform the operation on a secret that's currently marked deleted.")
	}
	return nil
}

func (s *Service) restoreSecret(ctx context.Context, call *api.Call, in *secretsmanagerapi.RestoreSecretRequest) (*secretsmanagerapi.RestoreSecretResponse, error) {
	var secret Secret
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if secret, err = findAny(tx, call, in.SecretId); err != nil {
			return err
		}
		Secrets.Modify(tx, secret.Key, func(own *Secret) { own.Spec.Deleted, own.Spec.Purge = time.Time{}, time.Time{} })
		return nil
	})
	return &secretsmanagerapi.RestoreSecretResponse{ARN: &secret.Spec.ARN, Name: &secret.Spec.Name}, err
}

// tagsFrom checks the tags of a request.
func tagsFrom(list []secretsmanagerapi.Tag) (tag.Tags, error) {
	tags := tag.Tags{}
	for _, t := range list {
		tags[api.Val(t.Key)] = api.Val(t.Value)
	}
	if err := tags.Validate(); err != nil {
		return nil, secretsmanagerapi.NewInvalidParameterException("%v", err)
	}
	return tags, nil
}

func tagsOf(tags tag.Tags) []secretsmanagerapi.Tag {
	var out []secretsmanagerapi.Tag
	for k, v := range tags.All() {
		out = append(out, secretsmanagerapi.Tag{Key: &k, Value: &v})
	}
	return out
}
