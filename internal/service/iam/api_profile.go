package iam

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/store"
)

func (s *Service) profileRoutes() []api.Route {
	return []api.Route{
		iamapi.CreateInstanceProfile.Handle(s.createInstanceProfile),
		iamapi.GetInstanceProfile.Handle(s.getInstanceProfile),
		iamapi.ListInstanceProfiles.Handle(s.listInstanceProfiles),
		iamapi.ListInstanceProfilesForRole.Handle(s.listInstanceProfilesForRole),
		iamapi.DeleteInstanceProfile.Handle(s.deleteInstanceProfile),
		iamapi.AddRoleToInstanceProfile.Handle(s.addRoleToInstanceProfile),
		iamapi.RemoveRoleFromInstanceProfile.Handle(s.removeRoleFromInstanceProfile),
		iamapi.TagInstanceProfile.Handle(s.tagInstanceProfile),
		iamapi.UntagInstanceProfile.Handle(s.untagInstanceProfile),
		iamapi.ListInstanceProfileTags.Handle(s.listInstanceProfileTags),
	}
}

func (s *Service) createInstanceProfile(ctx context.Context, call *api.Call, in *iamapi.CreateInstanceProfileRequest) (*iamapi.CreateInstanceProfileResponse, error) {
	spec := InstanceProfileSpec{
		Name: *in.InstanceProfileName, Path: api.Or(in.Path, "/"), ID: uniqueID("AIPA"), Created: call.Now, Tags: tagsOf(in.Tags),
	}
	spec.ARN = arnOf(call.Account, "instance-profile", spec.Path, spec.Name)
	if err := checkName(spec.Name, spec.Path, spec.Tags); err != nil {
		return nil, err
	}
	p := InstanceProfile{Key: key(call.Account, spec.Name), Spec: spec}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := InstanceProfiles.Get(tx, p.Key); ok {
			return iamapi.NewEntityAlreadyExistsException("Instance Profile %s already exists.", spec.Name)
		}
		InstanceProfiles.Put(tx, p)
		return nil
	})
	return &iamapi.CreateInstanceProfileResponse{InstanceProfile: profileShape(s.store.Snapshot(), call, p)}, err
}

func findProfile(r store.Reader, call *api.Call, name string) (InstanceProfile, error) {
	p, ok := InstanceProfiles.Get(r, key(call.Account, name))
	if !ok {
		return p, iamapi.NewNoSuchEntityException("Instance Profile %s cannot be found.", name)
	}
	return p, nil
}

func (s *Service) getInstanceProfile(_ context.Context, call *api.Call, in *iamapi.GetInstanceProfileRequest) (*iamapi.GetInstanceProfileResponse, error) {
	snap := s.store.Snapshot()
	p, err := findProfile(snap, call, *in.InstanceProfileName)
	return &iamapi.GetInstanceProfileResponse{InstanceProfile: profileShape(snap, call, p)}, err
}

func (s *Service) listInstanceProfiles(_ context.Context, call *api.Call, in *iamapi.ListInstanceProfilesRequest) (*iamapi.ListInstanceProfilesResponse, error) {
	list, err := s.profiles(call, in.Marker, in.MaxItems, func(p InstanceProfile) bool {
		return strings.HasPrefix(p.Spec.Path, api.Val(in.PathPrefix))
	})
	return &iamapi.ListInstanceProfilesResponse{InstanceProfiles: list.items, IsTruncated: &list.truncated, Marker: list.marker}, err
}

func (s *Service) listInstanceProfilesForRole(_ context.Context, call *api.Call, in *iamapi.ListInstanceProfilesForRoleRequest) (*iamapi.ListInstanceProfilesForRoleResponse, error) {
	r, err := roles.find(s.store.Snapshot(), call, *in.RoleName)
	if err != nil {
		return nil, err
	}
	list, err := s.profiles(call, in.Marker, in.MaxItems, func(p InstanceProfile) bool { return p.Spec.Role == r.Spec.Name })
	return &iamapi.ListInstanceProfilesForRoleResponse{InstanceProfiles: list.items, IsTruncated: &list.truncated, Marker: list.marker}, err
}

func (s *Service) profiles(call *api.Call, marker *string, limit *int64, keep func(InstanceProfile) bool) (listPage[iamapi.InstanceProfile], error) {
	snap := s.store.Snapshot()
	found, err := page(InstanceProfiles.Prefix(snap, key(call.Account, "")), marker, limit, keep)
	out := listPage[iamapi.InstanceProfile]{items: []iamapi.InstanceProfile{}, truncated: found.truncated, marker: found.marker}
	for _, p := range found.items {
		out.items = append(out.items, *profileShape(snap, call, p))
	}
	return out, err
}

func profileShape(r store.Reader, call *api.Call, p InstanceProfile) *iamapi.InstanceProfile {
	spec := p.Spec
	shape := &iamapi.InstanceProfile{
		Path: &spec.Path, InstanceProfileName: &spec.Name, InstanceProfileId: &spec.ID, Arn: &spec.ARN,
		CreateDate: &spec.Created, Roles: []iamapi.Role{}, Tags: tagList(spec.Tags),
	}
	if role, ok := roles.get(r, call, spec.Role); ok {
		shape.Roles = append(shape.Roles, *roleShape(role))
	}
	return shape
}

func (s *Service) changeProfile(ctx context.Context, call *api.Call, name string, edit func(tx *store.Tx, p *InstanceProfile) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		p, err := findProfile(tx, call, name)
		if err != nil {
			return err
		}
		InstanceProfiles.Modify(tx, p.Key, func(p *InstanceProfile) { err = edit(tx, p) })
		return err
	})
}

func (s *Service) deleteInstanceProfile(ctx context.Context, call *api.Call, in *iamapi.DeleteInstanceProfileRequest) (*iamapi.DeleteInstanceProfileOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		p, err := findProfile(tx, call, *in.InstanceProfileName)
		if err != nil {
			return err
		}
		if p.Spec.Role != "" {
			return iamapi.NewDeleteConflictException("Cannot delete entity, must remove roles from instance profile first.")
		}
		InstanceProfiles.Delete(tx, p.Key)
		return nil
	})
}

func (s *Service) addRoleToInstanceProfile(ctx context.Context, call *api.Call, in *iamapi.AddRoleToInstanceProfileRequest) (*iamapi.AddRoleToInstanceProfileOutput, error) {
	return nil, s.changeProfile(ctx, call, *in.InstanceProfileName, func(tx *store.Tx, p *InstanceProfile) error {
		r, err := roles.find(tx, call, *in.RoleName)
		if err == nil && p.Spec.Role != "" {
			return iamapi.NewLimitExceededException("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
		}
		p.Spec.Role = r.Spec.Name
		return err
	})
}

func (s *Service) removeRoleFromInstanceProfile(ctx context.Context, call *api.Call, in *iamapi.RemoveRoleFromInstanceProfileRequest) (*iamapi.RemoveRoleFromInstanceProfileOutput, error) {
	return nil, s.changeProfile(ctx, call, *in.InstanceProfileName, func(_ *store.Tx, p *InstanceProfile) error {
		if !strings.EqualFold(p.Spec.Role, *in.RoleName) {
			return roles.missing(*in.RoleName)
		}
		p.Spec.Role = ""
		return nil
	})
}

func (s *Service) tagInstanceProfile(ctx context.Context, call *api.Call, in *iamapi.TagInstanceProfileRequest) (*iamapi.TagInstanceProfileOutput, error) {
	return nil, s.changeProfile(ctx, call, *in.InstanceProfileName, func(_ *store.Tx, p *InstanceProfile) error { return retag(&p.Spec.Tags, in.Tags, nil) })
}

func (s *Service) untagInstanceProfile(ctx context.Context, call *api.Call, in *iamapi.UntagInstanceProfileRequest) (*iamapi.UntagInstanceProfileOutput, error) {
	return nil, s.changeProfile(ctx, call, *in.InstanceProfileName, func(_ *store.Tx, p *InstanceProfile) error { return retag(&p.Spec.Tags, nil, in.TagKeys) })
}

func (s *Service) listInstanceProfileTags(_ context.Context, call *api.Call, in *iamapi.ListInstanceProfileTagsRequest) (*iamapi.ListInstanceProfileTagsResponse, error) {
	p, err := findProfile(s.store.Snapshot(), call, *in.InstanceProfileName)
	return &iamapi.ListInstanceProfileTagsResponse{Tags: tagList(p.Spec.Tags), IsTruncated: api.Ptr(false)}, err
}
