package cloudfront

import (
	"context"
	"strings"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
	"apex/internal/awsid"
	"apex/internal/store"
	"apex/internal/tag"
)

func (s *Service) createDistribution(ctx context.Context, call *api.Call, in *cf.CreateDistributionRequest) (*cf.CreateDistributionResult, error) {
	i, err := s.makeDistribution(ctx, call, in.DistributionConfig, nil)
	if err != nil {
		return nil, err
	}
	return &cf.CreateDistributionResult{Distribution: describe(s.store.Snapshot(), call, &i), ETag: &i.Spec.ETag, Location: location("distribution", i.ID())}, nil
}

func (s *Service) createDistributionWithTags(ctx context.Context, call *api.Call, in *cf.CreateDistributionWithTagsRequest) (*cf.CreateDistributionWithTagsResult, error) {
	i, err := s.makeDistribution(ctx, call, in.DistributionConfigWithTags.DistributionConfig, in.DistributionConfigWithTags.Tags)
	if err != nil {
		return nil, err
	}
	return &cf.CreateDistributionWithTagsResult{Distribution: describe(s.store.Snapshot(), call, &i), ETag: &i.Spec.ETag, Location: location("distribution", i.ID())}, nil
}

func (s *Service) makeDistribution(ctx context.Context, call *api.Call, config *cf.DistributionConfig, list *cf.Tags) (Item[cf.DistributionConfig], error) {
	tags, err := newTags(nil, list)
	if err != nil {
		return Item[cf.DistributionConfig]{}, err
	}
	return s.distributions.create(ctx, s.store, call, *config, func(spec *Spec[cf.DistributionConfig]) {
		spec.Tags, spec.Domain = tags, "d"+strings.ToLower(awsid.Hex(13))+".cloudfront.net"
	})
}

// describe is a distribution with what follows from it.
func describe(r store.Reader, call *api.Call, i *Item[cf.DistributionConfig]) *cf.Distribution {
	running := int64(0)
	for _, v := range Invalidations.Prefix(r, scopeOf(call).Key(i.ID()+"/")) {
		if v.Status.Deployed == "" {
			running++
		}
	}
	d := &cf.Distribution{
		Id: api.Ptr(i.ID()), ARN: api.Ptr(arnOf(call, "distribution", i.ID())), Status: statusOf(i), LastModifiedTime: &i.Spec.ModifiedAt,
		InProgressInvalidationBatches: &running, DomainName: &i.Spec.Domain, DistributionConfig: &i.Spec.Config,
		ActiveTrustedSigners:   &cf.ActiveTrustedSigners{Enabled: api.Ptr(false), Quantity: api.Ptr[int64](0)},
		ActiveTrustedKeyGroups: activeKeyGroups(r, call, &i.Spec.Config),
	}
	for _, name := range i.Spec.Config.Aliases.Items {
		d.AliasICPRecordals = append(d.AliasICPRecordals, cf.AliasICPRecordal{CNAME: &name, ICPRecordalStatus: api.Ptr(cf.ICPRecordalStatusApproved)})
	}
	return d
}

func activeKeyGroups(r store.Reader, call *api.Call, c *cf.DistributionConfig) *cf.ActiveTrustedKeyGroups {
	out := &cf.ActiveTrustedKeyGroups{Enabled: api.Ptr(false)}
	for _, b := range behaviorsOf(c) {
		for _, id := range b.TrustedKeyGroups.Items {
			group, _ := KeyGroups.Get(r, scopeOf(call).Key(id))
			keys := group.Spec.Config.Items
			out.Items = append(out.Items, cf.KGKeyPairIds{KeyGroupId: &id, KeyPairIds: &cf.KeyPairIds{Quantity: api.Ptr(int64(len(keys))), Items: keys}})
		}
	}
	out.Enabled, out.Quantity = api.Ptr(len(out.Items) > 0), api.Ptr(int64(len(out.Items)))
	return out
}

func statusOf(i *Item[cf.DistributionConfig]) *string {
	if i.Status.Deployed == i.Spec.ETag {
		return api.Ptr("Deployed")
	}
	return api.Ptr("InProgress")
}

func (s *Service) getDistribution(_ context.Context, call *api.Call, in *cf.GetDistributionRequest) (*cf.GetDistributionResult, error) {
	snap := s.store.Snapshot()
	i, err := s.distributions.get(snap, call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetDistributionResult{Distribution: describe(snap, call, &i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) getDistributionConfig(_ context.Context, call *api.Call, in *cf.GetDistributionConfigRequest) (*cf.GetDistributionConfigResult, error) {
	i, err := s.distributions.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetDistributionConfigResult{DistributionConfig: &i.Spec.Config, ETag: &i.Spec.ETag}, nil
}

func (s *Service) updateDistribution(ctx context.Context, call *api.Call, in *cf.UpdateDistributionRequest) (*cf.UpdateDistributionResult, error) {
	i, err := s.distributions.update(ctx, s.store, call, in.Id, in.IfMatch, *in.DistributionConfig)
	if err != nil {
		return nil, err
	}
	return &cf.UpdateDistributionResult{Distribution: describe(s.store.Snapshot(), call, &i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) deleteDistribution(ctx context.Context, call *api.Call, in *cf.DeleteDistributionRequest) (*cf.DeleteDistributionOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		i, err := s.distributions.match(tx, call, in.Id, in.IfMatch)
		switch {
		case err != nil:
			return err
		case *i.Spec.Config.Enabled || i.Status.Deployed != i.Spec.ETag:
			return cf.NewDistributionNotDisabled("The distribution you are trying to delete has not been disabled.")
		}
		for key := range Invalidations.Prefix(tx, i.Key+"/") {
			Invalidations.Delete(tx, key)
		}
		Distributions.Delete(tx, i.Key)
		return nil
	})
}

func (s *Service) listDistributions(_ context.Context, call *api.Call, in *cf.ListDistributionsRequest) (*cf.ListDistributionsResult, error) {
	snap := s.store.Snapshot()
	page, err := s.distributions.list(snap, call, in.Marker, in.MaxItems, nil)
	if err != nil {
		return nil, err
	}
	list := &cf.DistributionList{Marker: api.Ptr(api.Val(in.Marker)), IsTruncated: api.Ptr(page.next != nil), NextMarker: page.next, MaxItems: &page.limit, Quantity: page.quantity()}
	for _, i := range page.items {
		list.Items = append(list.Items, summaryOf(describe(snap, call, &i)))
	}
	return &cf.ListDistributionsResult{DistributionList: list}, nil
}

func summaryOf(d *cf.Distribution) cf.DistributionSummary {
	c := d.DistributionConfig
	return cf.DistributionSummary{
		Id: d.Id, ARN: d.ARN, Status: d.Status, LastModifiedTime: d.LastModifiedTime, DomainName: d.DomainName, AliasICPRecordals: d.AliasICPRecordals,
		Aliases: c.Aliases, Origins: c.Origins, OriginGroups: c.OriginGroups, DefaultCacheBehavior: c.DefaultCacheBehavior,
		CacheBehaviors: c.CacheBehaviors, CustomErrorResponses: c.CustomErrorResponses, Comment: c.Comment, PriceClass: c.PriceClass,
		Enabled: c.Enabled, ViewerCertificate: c.ViewerCertificate, Restrictions: c.Restrictions, WebACLId: c.WebACLId,
		HttpVersion: c.HttpVersion, IsIPV6Enabled: c.IsIPV6Enabled, Staging: c.Staging,
	}
}

// newTags lays a call's tags over a distribution's.
func newTags(old tag.Tags, list *cf.Tags) (tag.Tags, error) {
	more := tag.Tags{}
	if list != nil {
		for _, t := range list.Items {
			more[*t.Key] = api.Val(t.Value)
		}
	}
	all := old.With(more)
	if err := all.Validate(); err != nil {
		return nil, cf.NewInvalidTagging("%v", err)
	}
	return all, nil
}
