package ecr

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/ecrapi"
	"apex/internal/store"
)

func (s *Service) createRepositoryCreationTemplate(ctx context.Context, call *api.Call, in *ecrapi.CreateRepositoryCreationTemplateRequest) (*ecrapi.CreateRepositoryCreationTemplateResponse, error) {
	if _, err := tagsFrom(in.ResourceTags); err != nil {
		return nil, err
	}
	template := Template{scopeOf(call).Key(*in.Prefix), ecrapi.RepositoryCreationTemplate{
		Prefix: in.Prefix, Description: in.Description, EncryptionConfiguration: in.EncryptionConfiguration, ResourceTags: in.ResourceTags,
		ImageTagMutability: api.Ptr(api.Or(in.ImageTagMutability, mutable)), RepositoryPolicy: in.RepositoryPolicy, LifecyclePolicy: in.LifecyclePolicy,
		AppliedFor: in.AppliedFor, CustomRoleArn: in.CustomRoleArn, CreatedAt: &call.Now, UpdatedAt: &call.Now,
	}}
	if template.Spec.EncryptionConfiguration == nil {
		template.Spec.EncryptionConfiguration = &ecrapi.EncryptionConfigurationForRepositoryCreationTemplate{EncryptionType: api.Ptr(ecrapi.EncryptionTypeAes256)}
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := Templates.Get(tx, template.Key); ok {
			return ecrapi.NewTemplateAlreadyExistsException("The repository creation template with prefix '%s' already exists in the registry with id '%s'", *in.Prefix, call.Account)
		}
		Templates.Put(tx, template)
		return nil
	})
	return &ecrapi.CreateRepositoryCreationTemplateResponse{RegistryId: &call.Account, RepositoryCreationTemplate: &template.Spec}, err
}

func findTemplate(r store.Reader, call *api.Call, prefix *string) (Template, error) {
	template, ok := Templates.Get(r, scopeOf(call).Key(api.Val(prefix)))
	if !ok {
		return template, ecrapi.NewTemplateNotFoundException("The repository creation template with prefix '%s' does not exist in the registry with id '%s'", api.Val(prefix), call.Account)
	}
	return template, nil
}

// describeRepositoryCreationTemplates leaves out prefixes that have no template.
func (s *Service) describeRepositoryCreationTemplates(_ context.Context, call *api.Call, in *ecrapi.DescribeRepositoryCreationTemplatesRequest) (*ecrapi.DescribeRepositoryCreationTemplatesResponse, error) {
	snap, all := s.store.Snapshot(), []ecrapi.RepositoryCreationTemplate{}
	for _, prefix := range in.Prefixes {
		if template, err := findTemplate(snap, call, &prefix); err == nil {
			all = append(all, template.Spec)
		}
	}
	if in.Prefixes == nil {
		for _, template := range Templates.Prefix(snap, scopeOf(call).Prefix()) {
			all = append(all, template.Spec)
		}
	}
	templates, next, err := paged(all, func(t *ecrapi.RepositoryCreationTemplate) string { return *t.Prefix }, in.NextToken, api.Or(in.MaxResults, 100))
	return &ecrapi.DescribeRepositoryCreationTemplatesResponse{RegistryId: &call.Account, RepositoryCreationTemplates: templates, NextToken: next}, err
}

func (s *Service) updateRepositoryCreationTemplate(ctx context.Context, call *api.Call, in *ecrapi.UpdateRepositoryCreationTemplateRequest) (*ecrapi.UpdateRepositoryCreationTemplateResponse, error) {
	var out Template
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if out, err = findTemplate(tx, call, in.Prefix); err != nil {
			return err
		}
		t := &out.Spec
		t.Description, t.ImageTagMutability = either(in.Description, t.Description), either(in.ImageTagMutability, t.ImageTagMutability)
		t.RepositoryPolicy, t.LifecyclePolicy = either(in.RepositoryPolicy, t.RepositoryPolicy), either(in.LifecyclePolicy, t.LifecyclePolicy)
		t.CustomRoleArn, t.EncryptionConfiguration = either(in.CustomRoleArn, t.CustomRoleArn), either(in.EncryptionConfiguration, t.EncryptionConfiguration)
		if in.AppliedFor != nil {
			t.AppliedFor = in.AppliedFor
		}
		if in.ResourceTags != nil {
			t.ResourceTags = in.ResourceTags
		}
		t.UpdatedAt = &call.Now
		Templates.Put(tx, out)
		return nil
	})
	return &ecrapi.UpdateRepositoryCreationTemplateResponse{RegistryId: &call.Account, RepositoryCreationTemplate: &out.Spec}, err
}

// either returns what is given, or else what there was.
func either[T any](given, was *T) *T {
	if given != nil {
		return given
	}
	return was
}

func (s *Service) deleteRepositoryCreationTemplate(ctx context.Context, call *api.Call, in *ecrapi.DeleteRepositoryCreationTemplateRequest) (*ecrapi.DeleteRepositoryCreationTemplateResponse, error) {
	var gone Template
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if gone, err = findTemplate(tx, call, in.Prefix); err == nil {
			Templates.Delete(tx, gone.Key)
		}
		return err
	})
	return &ecrapi.DeleteRepositoryCreationTemplateResponse{RegistryId: &call.Account, RepositoryCreationTemplate: &gone.Spec}, err
}
