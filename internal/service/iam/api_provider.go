package iam

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func (s *Service) providerRoutes() []api.Route {
	return []api.Route{
		iamapi.CreateOpenIDConnectProvider.Handle(s.createProvider),
		iamapi.GetOpenIDConnectProvider.Handle(s.getProvider),
		iamapi.ListOpenIDConnectProviders.Handle(s.listProviders),
		iamapi.DeleteOpenIDConnectProvider.Handle(s.deleteProvider),
		iamapi.UpdateOpenIDConnectProviderThumbprint.Handle(s.updateThumbprints),
		iamapi.AddClientIDToOpenIDConnectProvider.Handle(s.addClient),
		iamapi.RemoveClientIDFromOpenIDConnectProvider.Handle(s.removeClient),
		iamapi.TagOpenIDConnectProvider.Handle(s.tagProvider),
		iamapi.UntagOpenIDConnectProvider.Handle(s.untagProvider),
		iamapi.ListOpenIDConnectProviderTags.Handle(s.listProviderTags),
	}
}

func (s *Service) createProvider(ctx context.Context, call *api.Call, in *iamapi.CreateOpenIDConnectProviderRequest) (*iamapi.CreateOpenIDConnectProviderResponse, error) {
	host, ok := strings.CutPrefix(*in.Url, "https://")
	if !ok || host == "" {
		return nil, iamapi.NewInvalidInputException("Invalid Open ID Connect Provider URL: want https://HOST")
	}
	spec := ProviderSpec{
		URL: host, Clients: in.ClientIDList, Thumbprints: in.ThumbprintList, Created: call.Now, Tags: tagsOf(in.Tags),
		ARN: arn.Scope{Account: call.Account}.ARN("iam", "oidc-provider/"+host),
	}
	if err := spec.Tags.Validate(); err != nil {
		return nil, iamapi.NewInvalidInputException("%v", err)
	}
	p := Provider{Key: key(call.Account, spec.ARN), Spec: spec}
	return &iamapi.CreateOpenIDConnectProviderResponse{OpenIDConnectProviderArn: &spec.ARN, Tags: tagList(spec.Tags)}, s.store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := Providers.Get(tx, p.Key); ok {
			return iamapi.NewEntityAlreadyExistsException("Provider with url %s already exists.", *in.Url)
		}
		Providers.Put(tx, p)
		return nil
	})
}

func findProvider(r store.Reader, call *api.Call, name string) (Provider, error) {
	p, ok := Providers.Get(r, key(call.Account, name))
	if !ok {
		return p, iamapi.NewNoSuchEntityException("OpenIDConnect Provider not found for arn %s", name)
	}
	return p, nil
}

func (s *Service) getProvider(_ context.Context, call *api.Call, in *iamapi.GetOpenIDConnectProviderRequest) (*iamapi.GetOpenIDConnectProviderResponse, error) {
	p, err := findProvider(s.store.Snapshot(), call, *in.OpenIDConnectProviderArn)
	return &iamapi.GetOpenIDConnectProviderResponse{
		Url: &p.Spec.URL, ClientIDList: p.Spec.Clients, ThumbprintList: p.Spec.Thumbprints, CreateDate: &p.Spec.Created, Tags: tagList(p.Spec.Tags),
	}, err
}

func (s *Service) listProviders(_ context.Context, call *api.Call, _ *iamapi.ListOpenIDConnectProvidersRequest) (*iamapi.ListOpenIDConnectProvidersResponse, error) {
	out := &iamapi.ListOpenIDConnectProvidersResponse{OpenIDConnectProviderList: []iamapi.OpenIDConnectProviderListEntry{}}
	for _, p := range Providers.Prefix(s.store.Snapshot(), key(call.Account, "")) {
		out.OpenIDConnectProviderList = append(out.OpenIDConnectProviderList, iamapi.OpenIDConnectProviderListEntry{Arn: &p.Spec.ARN})
	}
	return out, nil
}

func (s *Service) changeProvider(ctx context.Context, call *api.Call, name string, edit func(*ProviderSpec) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		p, err := findProvider(tx, call, name)
		if err != nil {
			return err
		}
		Providers.Modify(tx, p.Key, func(p *Provider) { err = edit(&p.Spec) })
		return err
	})
}

// deleteProvider answers well when there is none, as IAM does.
func (s *Service) deleteProvider(ctx context.Context, call *api.Call, in *iamapi.DeleteOpenIDConnectProviderRequest) (*iamapi.DeleteOpenIDConnectProviderOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		Providers.Delete(tx, key(call.Account, *in.OpenIDConnectProviderArn))
		return nil
	})
}

func (s *Service) updateThumbprints(ctx context.Context, call *api.Call, in *iamapi.UpdateOpenIDConnectProviderThumbprintRequest) (*iamapi.UpdateOpenIDConnectProviderThumbprintOutput, error) {
	return nil, s.changeProvider(ctx, call, *in.OpenIDConnectProviderArn, func(p *ProviderSpec) error {
		p.Thumbprints = in.ThumbprintList
		return nil
	})
}

func (s *Service) addClient(ctx context.Context, call *api.Call, in *iamapi.AddClientIDToOpenIDConnectProviderRequest) (*iamapi.AddClientIDToOpenIDConnectProviderOutput, error) {
	return nil, s.changeProvider(ctx, call, *in.OpenIDConnectProviderArn, func(p *ProviderSpec) error {
		if !slices.Contains(p.Clients, *in.ClientID) {
			p.Clients = append(p.Clients, *in.ClientID)
		}
		return nil
	})
}

func (s *Service) removeClient(ctx context.Context, call *api.Call, in *iamapi.RemoveClientIDFromOpenIDConnectProviderRequest) (*iamapi.RemoveClientIDFromOpenIDConnectProviderOutput, error) {
	return nil, s.changeProvider(ctx, call, *in.OpenIDConnectProviderArn, func(p *ProviderSpec) error {
		p.Clients = slices.DeleteFunc(p.Clients, func(id string) bool { return id == *in.ClientID })
		return nil
	})
}

func (s *Service) tagProvider(ctx context.Context, call *api.Call, in *iamapi.TagOpenIDConnectProviderRequest) (*iamapi.TagOpenIDConnectProviderOutput, error) {
	return nil, s.changeProvider(ctx, call, *in.OpenIDConnectProviderArn, func(p *ProviderSpec) error { return retag(&p.Tags, in.Tags, nil) })
}

func (s *Service) untagProvider(ctx context.Context, call *api.Call, in *iamapi.UntagOpenIDConnectProviderRequest) (*iamapi.UntagOpenIDConnectProviderOutput, error) {
	return nil, s.changeProvider(ctx, call, *in.OpenIDConnectProviderArn, func(p *ProviderSpec) error { return retag(&p.Tags, nil, in.TagKeys) })
}

func (s *Service) listProviderTags(_ context.Context, call *api.Call, in *iamapi.ListOpenIDConnectProviderTagsRequest) (*iamapi.ListOpenIDConnectProviderTagsResponse, error) {
	p, err := findProvider(s.store.Snapshot(), call, *in.OpenIDConnectProviderArn)
	return &iamapi.ListOpenIDConnectProviderTagsResponse{Tags: tagList(p.Spec.Tags), IsTruncated: api.Ptr(false)}, err
}

// ProviderOf returns the account's provider whose tokens are issued by a URL.
func ProviderOf(r store.Reader, account, issuer string) (ProviderSpec, bool) {
	url, ok := strings.CutPrefix(issuer, "https://")
	p, found := Providers.Get(r, key(account, arn.Scope{Account: account}.ARN("iam", "oidc-provider/"+url)))
	return p.Spec, ok && found
}
