package xray

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/xrayapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
	"apex/internal/tag"
)

func (s *Service) getEncryption(_ context.Context, call *api.Call, _ *xrayapi.GetEncryptionConfigRequest) (*xrayapi.GetEncryptionConfigResult, error) {
	own, ok := settings.Get(s.store.Snapshot(), scopeOf(call).Prefix())
	if !ok {
		own.Type = xrayapi.EncryptionTypeNone
	}
	return &xrayapi.GetEncryptionConfigResult{EncryptionConfig: own.shown()}, nil
}

func (own setting) shown() *xrayapi.EncryptionConfig {
	out := &xrayapi.EncryptionConfig{Type: &own.Type, Status: api.Ptr(xrayapi.EncryptionStatusActive)}
	if own.KeyID != "" {
		out.KeyId = &own.KeyID
	}
	return out
}

func (s *Service) putEncryption(ctx context.Context, call *api.Call, in *xrayapi.PutEncryptionConfigRequest) (*xrayapi.PutEncryptionConfigResult, error) {
	kms := *in.Type == xrayapi.EncryptionTypeKms
	if kms != (in.KeyId != nil) {
		return nil, invalid("want a KeyId with the type KMS, and none with NONE")
	}
	own := setting{Key: scopeOf(call).Prefix(), Type: *in.Type, KeyID: api.Val(in.KeyId)}
	return &xrayapi.PutEncryptionConfigResult{EncryptionConfig: own.shown()}, s.store.Update(ctx, func(tx *store.Tx) error {
		settings.Put(tx, own)
		return nil
	})
}

// Find returns what deciding on access must know of a group or sampling rule.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	kind, rest, _ := strings.Cut(name.Resource, "/")
	if kind == "group" {
		rest, _, _ = strings.Cut(rest, "/")
		g, ok := Groups.Get(r, name.Scope().Key(rest))
		return service.Resource{Tags: g.Tags}, ok
	}
	rule, ok := Rules.Get(r, name.Scope().Key(rest))
	return service.Resource{Tags: rule.Tags}, ok && kind == "sampling-rule"
}

func (s *Service) listTags(_ context.Context, _ *api.Call, in *xrayapi.ListTagsForResourceRequest) (*xrayapi.ListTagsForResourceResponse, error) {
	out := &xrayapi.ListTagsForResourceResponse{Tags: []xrayapi.Tag{}}
	name, err := arn.Parse(*in.ResourceARN)
	if err != nil {
		return nil, invalid("Invalid ResourceARN")
	}
	found, ok := Find(s.store.Snapshot(), name)
	if !ok {
		return nil, xrayapi.NewResourceNotFoundException("Resource not found")
	}
	for key, value := range found.Tags.All() {
		out.Tags = append(out.Tags, xrayapi.Tag{Key: &key, Value: &value})
	}
	return out, nil
}

func (s *Service) tagResource(ctx context.Context, _ *api.Call, in *xrayapi.TagResourceRequest) (*xrayapi.TagResourceResponse, error) {
	more, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	return nil, s.retag(ctx, *in.ResourceARN, func(old tag.Tags) tag.Tags { return old.With(more) })
}

func (s *Service) untagResource(ctx context.Context, _ *api.Call, in *xrayapi.UntagResourceRequest) (*xrayapi.UntagResourceResponse, error) {
	return nil, s.retag(ctx, *in.ResourceARN, func(old tag.Tags) tag.Tags { return old.Without(in.TagKeys...) })
}

func (s *Service) retag(ctx context.Context, text string, edit func(tag.Tags) tag.Tags) error {
	name, err := arn.Parse(text)
	if err != nil {
		return invalid("Invalid ResourceARN")
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		found, ok := Find(tx, name)
		tags := edit(found.Tags)
		switch {
		case !ok:
			return xrayapi.NewResourceNotFoundException("Resource not found")
		case len(tags) > tag.MaxCount:
			return xrayapi.NewTooManyTagsException("Too many tags")
		}
		kind, rest, _ := strings.Cut(name.Resource, "/")
		if kind == "group" {
			rest, _, _ = strings.Cut(rest, "/")
			Groups.Modify(tx, name.Scope().Key(rest), func(g *Group) { g.Tags = tags })
			return nil
		}
		Rules.Modify(tx, name.Scope().Key(rest), func(r *Rule) { r.Tags = tags })
		return nil
	})
}
