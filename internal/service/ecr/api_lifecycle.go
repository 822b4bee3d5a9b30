package ecr

import (
	"context"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecrapi"
)

func (s *Service) putLifecyclePolicy(ctx context.Context, call *api.Call, in *ecrapi.PutLifecyclePolicyRequest) (*ecrapi.PutLifecyclePolicyResponse, error) {
	if err := checkLifecycle(*in.LifecyclePolicyText); err != nil {
		return nil, err
	}
	_, err := s.change(ctx, call, in.RegistryId, in.RepositoryName, func(own *Repository) error {
		own.Spec.Lifecycle = *in.LifecyclePolicyText
		return nil
	})
	return &ecrapi.PutLifecyclePolicyResponse{RegistryId: &call.Account, RepositoryName: in.RepositoryName, LifecyclePolicyText: in.LifecyclePolicyText}, err
}

func checkLifecycle(text string) error {
	if _, err := parseLifecycle(text); err != nil {
		return ecrapi.NewInvalidParameterException("Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: %v'", err)
	}
	return nil
}

func (s *Service) getLifecyclePolicy(_ context.Context, call *api.Call, in *ecrapi.GetLifecyclePolicyRequest) (*ecrapi.GetLifecyclePolicyResponse, error) {
	repository, err := find(s.store.Snapshot(), call, in.RegistryId, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if repository.Spec.Lifecycle == "" {
		return nil, noLifecycle(call, in.RepositoryName)
	}
	return &ecrapi.GetLifecyclePolicyResponse{
		RegistryId: &call.Account, RepositoryName: in.RepositoryName,
		LifecyclePolicyText: &repository.Spec.Lifecycle, LastEvaluatedAt: date(repository.Status.Evaluated),
	}, nil
}

func (s *Service) deleteLifecyclePolicy(ctx context.Context, call *api.Call, in *ecrapi.DeleteLifecyclePolicyRequest) (*ecrapi.DeleteLifecyclePolicyResponse, error) {
	var had Repository
	_, err := s.change(ctx, call, in.RegistryId, in.RepositoryName, func(own *Repository) error {
		if had = *own; had.Spec.Lifecycle == "" {
			return noLifecycle(call, in.RepositoryName)
		}
		own.Spec.Lifecycle = ""
		return nil
	})
	return &ecrapi.DeleteLifecyclePolicyResponse{
		RegistryId: &call.Account, RepositoryName: in.RepositoryName,
		LifecyclePolicyText: &had.Spec.Lifecycle, LastEvaluatedAt: date(had.Status.Evaluated),
	}, err
}

func noLifecycle(call *api.Call, name *string) error {
	return ecrapi.NewLifecyclePolicyNotFoundException("Lifecycle policy does not exist for the repository with name '%s' in the registry with id '%s'", api.Val(name), call.Account)
}

func date(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// startLifecyclePolicyPreview keeps the policy to look at; a preview is worked
// out when it is asked for.
func (s *Service) startLifecyclePolicyPreview(ctx context.Context, call *api.Call, in *ecrapi.StartLifecyclePolicyPreviewRequest) (*ecrapi.StartLifecyclePolicyPreviewResponse, error) {
	out := &ecrapi.StartLifecyclePolicyPreviewResponse{
		RegistryId: &call.Account, RepositoryName: in.RepositoryName, Status: api.Ptr(ecrapi.LifecyclePolicyPreviewStatusInProgress),
	}
	_, err := s.change(ctx, call, in.RegistryId, in.RepositoryName, func(own *Repository) error {
		own.Spec.Preview = api.Or(in.LifecyclePolicyText, own.Spec.Lifecycle)
		if own.Spec.Preview == "" {
			return noLifecycle(call, in.RepositoryName)
		}
		out.LifecyclePolicyText = &own.Spec.Preview
		return checkLifecycle(own.Spec.Preview)
	})
	return out, err
}

func (s *Service) getLifecyclePolicyPreview(_ context.Context, call *api.Call, in *ecrapi.GetLifecyclePolicyPreviewRequest) (*ecrapi.GetLifecyclePolicyPreviewResponse, error) {
	snap := s.store.Snapshot()
	repository, err := find(snap, call, in.RegistryId, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	rules, err := parseLifecycle(repository.Spec.Preview)
	if err != nil {
		return nil, ecrapi.NewLifecyclePolicyPreviewNotFoundException("There is no dry run for this repository.")
	}
	wanted := func(Image) bool { return true }
	if in.Filter != nil {
		wanted = func(i Image) bool { return hasStatus(i, in.Filter.TagStatus) }
	}
	results := []ecrapi.LifecyclePolicyPreviewResult{}
	for _, e := range planExpiry(rules, imagesOf(snap, repository.Key), call.Now) {
		if wanted(e.image) {
			results = append(results, ecrapi.LifecyclePolicyPreviewResult{
				ImageTags: e.image.Spec.Tags, ImageDigest: api.Ptr(string(e.image.Spec.Digest)), ImagePushedAt: &e.image.Spec.Pushed,
				Action:              &ecrapi.LifecyclePolicyRuleAction{Type: api.Ptr(ecrapi.ImageActionTypeExpire)},
				AppliedRulePriority: api.Ptr(int64(e.priority)),
			})
		}
	}
	out := &ecrapi.GetLifecyclePolicyPreviewResponse{
		RegistryId: &call.Account, RepositoryName: in.RepositoryName, LifecyclePolicyText: &repository.Spec.Preview,
		Status:  api.Ptr(ecrapi.LifecyclePolicyPreviewStatusComplete),
		Summary: &ecrapi.LifecyclePolicyPreviewSummary{ExpiringImageTotalCount: api.Ptr(int64(len(results)))},
	}
	out.PreviewResults, out.NextToken, err = cut(results, in.NextToken, api.Or(in.MaxResults, 100))
	return out, err
}
