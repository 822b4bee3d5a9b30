package iam

import (
	"cmp"
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/awsid"
	"apex/internal/service/iam/policy"
	"apex/internal/store"
)

// linkedPath begins the paths of service-linked roles.
const linkedPath = "/aws-service-role/"

// linkedNames are how AWS names services in the roles that it makes for them,
// where that is not the host's first word in capitals (service-linked roles'
// pages of each service).
var linkedNames = map[string]string{
	"elasticache": "ElastiCache", "elasticloadbalancing": "ElasticLoadBalancing", "autoscaling": "AutoScaling",
	"ecs.application-autoscaling": "ApplicationAutoScaling_ECSService",
	"replication.ecr":             "ECRReplication",
}

func (s *Service) linkedRoleRoutes() []api.Route {
	return []api.Route{
		iamapi.CreateServiceLinkedRole.Handle(s.createServiceLinkedRole),
		iamapi.DeleteServiceLinkedRole.Handle(s.deleteServiceLinkedRole),
		iamapi.GetServiceLinkedRoleDeletionStatus.Handle(s.getLinkedRoleDeletion),
	}
}

// createServiceLinkedRole makes the role that an AWS service uses by itself.
func (s *Service) createServiceLinkedRole(ctx context.Context, call *api.Call, in *iamapi.CreateServiceLinkedRoleRequest) (*iamapi.CreateServiceLinkedRoleResponse, error) {
	name := linkedName(*in.AWSServiceName, api.Val(in.CustomSuffix))
	path := linkedPath + *in.AWSServiceName + "/"
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + *in.AWSServiceName + `"},"Action":"sts:AssumeRole"}]}`
	if _, err := policy.ParseTrust(trust); err != nil {
		return nil, iamapi.NewInvalidInputException("The service name %s is not that of a service of AWS.", *in.AWSServiceName)
	}
	out := &iamapi.CreateServiceLinkedRoleResponse{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := roles.get(tx, call, name); ok {
			return iamapi.NewInvalidInputException("Service role name %s has been taken in this account, please try a different suffix.", name)
		}
		r, err := roles.create(tx, call, &name, &path, nil, nil, func(key string, id Identity) (Role, error) {
			return Role{Key: key, Spec: RoleSpec{Identity: id, Trust: trust, Description: api.Val(in.Description), MaxSession: defaultSession}}, nil
		})
		out.Role = roleShape(r)
		return err
	})
}

// linkedName returns the name of a service's role: "AWSServiceRoleForECS".
func linkedName(host, suffix string) string {
	service := strings.TrimSuffix(host, ".amazonaws.com")
	name := "AWSServiceRoleFor" + cmp.Or(linkedNames[service], strings.ToUpper(service))
	if suffix != "" {
		name += "_" + suffix
	}
	return name
}

// deleteServiceLinkedRole deletes at once: no service of the region keeps
// resources of its own behind such a role.
func (s *Service) deleteServiceLinkedRole(ctx context.Context, call *api.Call, in *iamapi.DeleteServiceLinkedRoleRequest) (*iamapi.DeleteServiceLinkedRoleResponse, error) {
	out := &iamapi.DeleteServiceLinkedRoleResponse{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		r, err := roles.find(tx, call, *in.RoleName)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(r.Spec.Path, linkedPath) {
			return iamapi.NewNoSuchEntityException("The role %s is not a service-linked role.", r.Spec.Name)
		}
		Roles.Delete(tx, r.Key)
		out.DeletionTaskId = api.Ptr("task" + r.Spec.Path + r.Spec.Name + "/" + awsid.UUID())
		return nil
	})
}

// getLinkedRoleDeletion answers for deletions that were over when they were told.
func (s *Service) getLinkedRoleDeletion(_ context.Context, _ *api.Call, in *iamapi.GetServiceLinkedRoleDeletionStatusRequest) (*iamapi.GetServiceLinkedRoleDeletionStatusResponse, error) {
	if !strings.HasPrefix(*in.DeletionTaskId, "task"+linkedPath) {
		return nil, iamapi.NewNoSuchEntityException("The deletion task %s cannot be found.", *in.DeletionTaskId)
	}
	return &iamapi.GetServiceLinkedRoleDeletionStatusResponse{Status: api.Ptr(iamapi.DeletionTaskStatusTypeSucceeded)}, nil
}
