package iam

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/store"
)

// defaultSession is how long a role's sessions last at most unless it says
// otherwise, in seconds (API CreateRole, MaxSessionDuration).
const defaultSession = 3600

func (s *Service) roleRoutes() []api.Route {
	return []api.Route{
		iamapi.CreateRole.Handle(s.createRole),
		iamapi.GetRole.Handle(s.getRole),
		iamapi.ListRoles.Handle(s.listRoles),
		iamapi.UpdateRole.Handle(s.updateRole),
		iamapi.UpdateRoleDescription.Handle(s.updateRoleDescription),
		iamapi.UpdateAssumeRolePolicy.Handle(s.updateTrust),
		iamapi.DeleteRole.Handle(s.deleteRole),
		iamapi.PutRolePolicy.Handle(s.putRolePolicy),
		iamapi.GetRolePolicy.Handle(s.getRolePolicy),
		iamapi.DeleteRolePolicy.Handle(s.deleteRolePolicy),
		iamapi.ListRolePolicies.Handle(s.listRolePolicies),
		iamapi.AttachRolePolicy.Handle(s.attachRolePolicy),
		iamapi.DetachRolePolicy.Handle(s.detachRolePolicy),
		iamapi.ListAttachedRolePolicies.Handle(s.listAttachedRolePolicies),
		iamapi.PutRolePermissionsBoundary.Handle(s.putRoleBoundary),
		iamapi.DeleteRolePermissionsBoundary.Handle(s.deleteRoleBoundary),
		iamapi.TagRole.Handle(s.tagRole),
		iamapi.UntagRole.Handle(s.untagRole),
		iamapi.ListRoleTags.Handle(s.listRoleTags),
	}
}

func (s *Service) createRole(ctx context.Context, call *api.Call, in *iamapi.CreateRoleRequest) (*iamapi.CreateRoleResponse, error) {
	out := &iamapi.CreateRoleResponse{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		r, err := roles.create(tx, call, in.RoleName, in.Path, in.Tags, in.PermissionsBoundary, func(key string, id Identity) (Role, error) {
			return Role{Key: key, Spec: RoleSpec{
				Identity: id, Trust: *in.AssumeRolePolicyDocument, Description: api.Val(in.Description),
				MaxSession: api.Or(in.MaxSessionDuration, defaultSession),
			}}, checkTrust(tx, call.Account, *in.AssumeRolePolicyDocument)
		})
		out.Role = roleShape(r)
		return err
	})
}

func (s *Service) getRole(_ context.Context, call *api.Call, in *iamapi.GetRoleRequest) (*iamapi.GetRoleResponse, error) {
	r, err := roles.find(s.store.Snapshot(), call, *in.RoleName)
	return &iamapi.GetRoleResponse{Role: roleShape(r)}, err
}

func (s *Service) listRoles(_ context.Context, call *api.Call, in *iamapi.ListRolesRequest) (*iamapi.ListRolesResponse, error) {
	out := &iamapi.ListRolesResponse{Roles: []iamapi.Role{}}
	page, err := page(Roles.Prefix(s.store.Snapshot(), key(call.Account, "")), in.Marker, in.MaxItems, func(r Role) bool {
		return strings.HasPrefix(r.Spec.Path, api.Val(in.PathPrefix))
	})
	for _, r := range page.items {
		out.Roles = append(out.Roles, *roleShape(r))
	}
	out.IsTruncated, out.Marker = &page.truncated, page.marker
	return out, err
}

func (s *Service) updateRole(ctx context.Context, call *api.Call, in *iamapi.UpdateRoleRequest) (*iamapi.UpdateRoleResponse, error) {
	return nil, roles.change(ctx, s.store, call, *in.RoleName, func(_ *store.Tx, r *Role) error {
		r.Spec.Description = api.Or(in.Description, r.Spec.Description)
		r.Spec.MaxSession = api.Or(in.MaxSessionDuration, r.Spec.MaxSession)
		return nil
	})
}

func (s *Service) updateRoleDescription(ctx context.Context, call *api.Call, in *iamapi.UpdateRoleDescriptionRequest) (*iamapi.UpdateRoleDescriptionResponse, error) {
	out := &iamapi.UpdateRoleDescriptionResponse{}
	return out, roles.change(ctx, s.store, call, *in.RoleName, func(_ *store.Tx, r *Role) error {
		r.Spec.Description = *in.Description
		out.Role = roleShape(*r)
		return nil
	})
}

func (s *Service) updateTrust(ctx context.Context, call *api.Call, in *iamapi.UpdateAssumeRolePolicyRequest) (*iamapi.UpdateAssumeRolePolicyOutput, error) {
	return nil, roles.change(ctx, s.store, call, *in.RoleName, func(tx *store.Tx, r *Role) error {
		r.Spec.Trust = *in.PolicyDocument
		return checkTrust(tx, call.Account, *in.PolicyDocument)
	})
}

func (s *Service) deleteRole(ctx context.Context, call *api.Call, in *iamapi.DeleteRoleRequest) (*iamapi.DeleteRoleOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		r, err := roles.find(tx, call, *in.RoleName)
		if err != nil {
			return err
		}
		if strings.HasPrefix(r.Spec.Path, linkedPath) {
			return iamapi.NewUnmodifiableEntityException("Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS.", r.Spec.Name)
		}
		if err := checkDeletable(r.Spec.Identity); err != nil {
			return err
		}
		for _, p := range InstanceProfiles.Prefix(tx, key(call.Account, "")) {
			if p.Spec.Role == r.Spec.Name {
				return iamapi.NewDeleteConflictException("Cannot delete entity, must remove roles from instance profile first.")
			}
		}
		Roles.Delete(tx, r.Key)
		return nil
	})
}

func (s *Service) putRoleBoundary(ctx context.Context, call *api.Call, in *iamapi.PutRolePermissionsBoundaryRequest) (*iamapi.PutRolePermissionsBoundaryOutput, error) {
	return nil, roles.change(ctx, s.store, call, *in.RoleName, func(tx *store.Tx, r *Role) error {
		r.Spec.Boundary = *in.PermissionsBoundary
		_, err := managed(tx, call.Account, r.Spec.Boundary)
		return err
	})
}

func (s *Service) deleteRoleBoundary(ctx context.Context, call *api.Call, in *iamapi.DeleteRolePermissionsBoundaryRequest) (*iamapi.DeleteRolePermissionsBoundaryOutput, error) {
	return nil, roles.change(ctx, s.store, call, *in.RoleName, func(_ *store.Tx, r *Role) error {
		r.Spec.Boundary = ""
		return nil
	})
}
