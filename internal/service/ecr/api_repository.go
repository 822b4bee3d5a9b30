package ecr

import (
	"context"
	"iter"
	"regexp"
	"slices"
	"strconv"

	"apex/internal/api"
	"apex/internal/api/ecrapi"
	"apex/internal/arn"
	"apex/internal/page"
	"apex/internal/service/kms"
	"apex/internal/store"
)

// The modes of tag mutability, for short.
const (
	mutable       = ecrapi.ImageTagMutabilityMutable
	mutableExcept = ecrapi.ImageTagMutabilityMutableWithExclusion
)

var namePattern = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`)

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

// find returns the repository that a call names. A registry is an account; a
// caller sees its own only.
func find(r store.Reader, call *api.Call, registryID, name *string) (Repository, error) {
	repository, ok := Repositories.Get(r, scopeOf(call).Key(api.Val(name)))
	if !ok || api.Or(registryID, call.Account) != call.Account {
		return Repository{}, ecrapi.NewRepositoryNotFoundException("The repository with name '%s' does not exist in the registry with id '%s'",
			api.Val(name), api.Or(registryID, call.Account))
	}
	return repository, nil
}

// change edits the repository that a call names in one transaction, and returns
// it as it was left.
func (s *Service) change(ctx context.Context, call *api.Call, registryID, name *string, edit func(*Repository) error) (out Repository, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		found, err := find(tx, call, registryID, name)
		if err != nil {
			return err
		}
		Repositories.Modify(tx, found.Key, func(own *Repository) {
			if err = edit(own); err == nil {
				out = *own
			}
		})
		return err
	})
	return out, err
}

func (s *Service) createRepository(ctx context.Context, call *api.Call, in *ecrapi.CreateRepositoryRequest) (*ecrapi.CreateRepositoryResponse, error) {
	name := *in.RepositoryName
	if !namePattern.MatchString(name) {
		return nil, ecrapi.NewInvalidParameterException("Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '%s''", namePattern)
	}
	tags, err := tagsFrom(in.Tags)
	if err != nil {
		return nil, err
	}
	mutability, err := mutabilityFrom(in.ImageTagMutability, in.ImageTagMutabilityExclusionFilters)
	if err != nil {
		return nil, err
	}
	encryption, err := s.encryptionFrom(call, in.EncryptionConfiguration)
	if err != nil {
		return nil, err
	}
	made := Repository{Key: scopeOf(call).Key(name), Spec: RepositorySpec{
		Name: name, Created: call.Now, Tags: tags, Mutability: mutability, Encryption: encryption,
	}}
	if in.ImageScanningConfiguration != nil {
		made.Spec.ScanOnPush = api.Val(in.ImageScanningConfiguration.ScanOnPush)
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := Repositories.Get(tx, made.Key); ok {
			return ecrapi.NewRepositoryAlreadyExistsException("The repository with name '%s' already exists in the registry with id '%s'", name, call.Account)
		}
		Repositories.Put(tx, made)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ecrapi.CreateRepositoryResponse{Repository: api.Ptr(s.describe(made))}, nil
}

func mutabilityFrom(mode *string, filters []ecrapi.ImageTagMutabilityExclusionFilter) (Mutability, error) {
	m := Mutability{Mode: api.Or(mode, mutable)}
	excepts := m.Mode == mutableExcept || m.Mode == ecrapi.ImageTagMutabilityImmutableWithExclusion
	if excepts != (len(filters) > 0) {
		return m, ecrapi.NewInvalidParameterException("Invalid parameter at 'imageTagMutabilityExclusionFilters' failed to satisfy constraint: 'given with, and only with, a mode WITH_EXCLUSION'")
	}
	for _, f := range filters {
		m.Except = append(m.Except, *f.Filter)
	}
	return m, nil
}

// managedKey encrypts with KMS where no key is named.
const managedKey = "alias/aws/ecr"

func (s *Service) encryptionFrom(call *api.Call, in *ecrapi.EncryptionConfiguration) (Encryption, error) {
	if in == nil || api.Val(in.EncryptionType) == ecrapi.EncryptionTypeAes256 {
		return Encryption{Type: ecrapi.EncryptionTypeAes256}, nil
	}
	key, err := kms.Usable(s.store.Snapshot(), s.env, scopeOf(call), api.Or(in.KmsKey, managedKey))
	if err != nil {
		return Encryption{}, ecrapi.NewKmsException("%v", err)
	}
	return Encryption{*in.EncryptionType, key.ARN()}, nil
}

// describe is a repository as the API shows it.
func (s *Service) describe(r Repository) ecrapi.Repository {
	scope, name := arn.SplitKey(r.Key)
	out := ecrapi.Repository{
		RepositoryArn: api.Ptr(repositoryARN(r.Key)), RegistryId: &scope.Account, RepositoryName: &name,
		RepositoryUri: api.Ptr(s.host + "/" + name), CreatedAt: &r.Spec.Created, ImageTagMutability: &r.Spec.Mutability.Mode,
		ImageScanningConfiguration:         &ecrapi.ImageScanningConfiguration{ScanOnPush: &r.Spec.ScanOnPush},
		EncryptionConfiguration:            &ecrapi.EncryptionConfiguration{EncryptionType: &r.Spec.Encryption.Type},
		ImageTagMutabilityExclusionFilters: exclusions(r.Spec.Mutability),
	}
	if r.Spec.Encryption.KMSKey != "" {
		out.EncryptionConfiguration.KmsKey = &r.Spec.Encryption.KMSKey
	}
	return out
}

func exclusions(m Mutability) []ecrapi.ImageTagMutabilityExclusionFilter {
	var out []ecrapi.ImageTagMutabilityExclusionFilter
	for _, pattern := range m.Except {
		out = append(out, ecrapi.ImageTagMutabilityExclusionFilter{
			Filter: &pattern, FilterType: api.Ptr(ecrapi.ImageTagMutabilityExclusionFilterTypeWildcard),
		})
	}
	return out
}

func (s *Service) describeRepositories(_ context.Context, call *api.Call, in *ecrapi.DescribeRepositoriesRequest) (*ecrapi.DescribeRepositoriesResponse, error) {
	snap, out := s.store.Snapshot(), &ecrapi.DescribeRepositoriesResponse{Repositories: []ecrapi.Repository{}}
	for _, name := range in.RepositoryNames {
		repository, err := find(snap, call, in.RegistryId, &name)
		if err != nil {
			return nil, err
		}
		out.Repositories = append(out.Repositories, s.describe(repository))
	}
	if in.RepositoryNames != nil {
		return out, nil
	}
	all, next, ok := page.Rows(func(after string) iter.Seq2[string, Repository] {
		return Repositories.After(snap, scopeOf(call).Prefix(), after)
	}, func(Repository) bool { return true }, in.NextToken, int(api.Or(in.MaxResults, 100)))
	if !ok {
		return nil, badToken()
	}
	for _, repository := range all {
		out.Repositories = append(out.Repositories, s.describe(repository))
	}
	out.NextToken = next
	return out, nil
}

// page cuts a list. The token is the place where the next page begins.
func paged[T any](all []T, key func(*T) string, token *string, limit int64) ([]T, *string, error) {
	items, next, ok := page.Sorted(all, key, token, int(limit))
	if !ok {
		return nil, nil, badToken()
	}
	return items, next, nil
}

func badToken() error {
	return ecrapi.NewInvalidParameterException("Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid nextToken'")
}

// cut returns a part of a list that does not change.
func cut[T any](all []T, token *string, limit int64) ([]T, *string, error) {
	start := 0
	if token != nil {
		n, err := strconv.Atoi(*token)
		if err != nil || n < 0 {
			return nil, nil, badToken()
		}
		start = min(n, len(all))
	}
	rest := all[start:]
	if int64(len(rest)) <= limit {
		return rest, nil, nil
	}
	return rest[:limit], api.Ptr(strconv.Itoa(start + int(limit))), nil
}

func (s *Service) deleteRepository(ctx context.Context, call *api.Call, in *ecrapi.DeleteRepositoryRequest) (*ecrapi.DeleteRepositoryResponse, error) {
	var gone Repository
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if gone, err = find(tx, call, in.RegistryId, in.RepositoryName); err != nil {
			return err
		}
		images := imagesOf(tx, gone.Key)
		if len(images) > 0 && !api.Val(in.Force) {
			return ecrapi.NewRepositoryNotEmptyException("The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images", gone.Spec.Name, call.Account)
		}
		for _, image := range images {
			Images.Delete(tx, image.Key)
		}
		var layers []string
		for key := range Layers.Prefix(tx, gone.Key+"#") {
			layers = append(layers, key)
		}
		for _, key := range layers {
			Layers.Delete(tx, key)
		}
		Repositories.Delete(tx, gone.Key)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ecrapi.DeleteRepositoryResponse{Repository: api.Ptr(s.describe(gone))}, nil
}

func (s *Service) putImageTagMutability(ctx context.Context, call *api.Call, in *ecrapi.PutImageTagMutabilityRequest) (*ecrapi.PutImageTagMutabilityResponse, error) {
	mutability, err := mutabilityFrom(in.ImageTagMutability, in.ImageTagMutabilityExclusionFilters)
	if err != nil {
		return nil, err
	}
	_, err = s.change(ctx, call, in.RegistryId, in.RepositoryName, func(own *Repository) error {
		own.Spec.Mutability = mutability
		return nil
	})
	return &ecrapi.PutImageTagMutabilityResponse{
		RegistryId: &call.Account, RepositoryName: in.RepositoryName, ImageTagMutability: &mutability.Mode,
		ImageTagMutabilityExclusionFilters: exclusions(mutability),
	}, err
}

func (s *Service) putImageScanningConfiguration(ctx context.Context, call *api.Call, in *ecrapi.PutImageScanningConfigurationRequest) (*ecrapi.PutImageScanningConfigurationResponse, error) {
	scan := api.Val(in.ImageScanningConfiguration.ScanOnPush)
	_, err := s.change(ctx, call, in.RegistryId, in.RepositoryName, func(own *Repository) error {
		own.Spec.ScanOnPush = scan
		return nil
	})
	return &ecrapi.PutImageScanningConfigurationResponse{
		RegistryId: &call.Account, RepositoryName: in.RepositoryName,
		ImageScanningConfiguration: &ecrapi.ImageScanningConfiguration{ScanOnPush: &scan},
	}, err
}

func (s *Service) batchGetRepositoryScanningConfiguration(_ context.Context, call *api.Call, in *ecrapi.BatchGetRepositoryScanningConfigurationRequest) (*ecrapi.BatchGetRepositoryScanningConfigurationResponse, error) {
	snap, out := s.store.Snapshot(), &ecrapi.BatchGetRepositoryScanningConfigurationResponse{}
	names := slices.Clone(in.RepositoryNames)
	for i := range names {
		repository, err := find(snap, call, nil, &names[i])
		if err != nil {
			out.Failures = append(out.Failures, ecrapi.RepositoryScanningConfigurationFailure{
				RepositoryName: &names[i], FailureCode: api.Ptr(ecrapi.ScanningConfigurationFailureCodeRepositoryNotFound), FailureReason: api.Ptr("The repository does not exist"),
			})
			continue
		}
		frequency := ecrapi.ScanFrequencyManual
		if repository.Spec.ScanOnPush {
			frequency = ecrapi.ScanFrequencyScanOnPush
		}
		out.ScanningConfigurations = append(out.ScanningConfigurations, ecrapi.RepositoryScanningConfiguration{
			RepositoryArn: api.Ptr(repositoryARN(repository.Key)), RepositoryName: &names[i],
			ScanOnPush: &repository.Spec.ScanOnPush, ScanFrequency: &frequency,
		})
	}
	return out, nil
}
