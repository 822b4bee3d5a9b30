package acm

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/acmapi"
	"apex/internal/tag"
)

// newTags lays the tags of a call over those of a certificate.
func newTags(old tag.Tags, list []acmapi.Tag) (tag.Tags, error) {
	more := tag.Tags{}
	for _, t := range list {
		more[api.Val(t.Key)] = api.Val(t.Value)
	}
	all := old.With(more)
	if len(all) > tag.MaxCount {
		return nil, acmapi.NewTooManyTagsException("%d tags are more than %d", len(all), tag.MaxCount)
	}
	if err := all.Validate(); err != nil {
		return nil, acmapi.NewInvalidTagException("%v", err)
	}
	return all, nil
}

func (s *Service) addTagsToCertificate(ctx context.Context, call *api.Call, in *acmapi.AddTagsToCertificateRequest) (*acmapi.AddTagsToCertificateOutput, error) {
	return nil, s.change(ctx, call, in.CertificateArn, func(c *Certificate) error {
		tags, err := newTags(c.Spec.Tags, in.Tags)
		if err == nil {
			c.Spec.Tags = tags
		}
		return err
	})
}

// removeTagsFromCertificate removes tags by their keys; one that is given with a
// value goes only if it has this value.
func (s *Service) removeTagsFromCertificate(ctx context.Context, call *api.Call, in *acmapi.RemoveTagsFromCertificateRequest) (*acmapi.RemoveTagsFromCertificateOutput, error) {
	return nil, s.change(ctx, call, in.CertificateArn, func(c *Certificate) error {
		for _, t := range in.Tags {
			key := api.Val(t.Key)
			if t.Value == nil || *t.Value == c.Spec.Tags[key] {
				c.Spec.Tags = c.Spec.Tags.Without(key)
			}
		}
		return nil
	})
}

func (s *Service) listTagsForCertificate(_ context.Context, call *api.Call, in *acmapi.ListTagsForCertificateRequest) (*acmapi.ListTagsForCertificateResponse, error) {
	c, err := find(s.store.Snapshot(), call, in.CertificateArn)
	if err != nil {
		return nil, err
	}
	out := &acmapi.ListTagsForCertificateResponse{Tags: []acmapi.Tag{}}
	for k, v := range c.Spec.Tags.All() {
		out.Tags = append(out.Tags, acmapi.Tag{Key: &k, Value: &v})
	}
	return out, nil
}
