package elbv2

import (
	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/service"
)

// A Service serves Elastic Load Balancing.
type Service struct{ env service.Env }

// New returns the service of a region.
func New(env service.Env) *Service { return &Service{env: env} }

// Controllers returns what makes the rows true.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{s.balancerController(), s.registrationController(), s.meterController(), s.deliveryController(), s.trustStoreController()}
}

// Routes binds the operations.
func (s *Service) Routes() []api.Route {
	const listeners = "application load balancers; no authenticate-cognito"
	return []api.Route{
		elbv2api.CreateLoadBalancer.Handle(s.createLoadBalancer).Limited("type application, IPv4"),
		elbv2api.DeleteLoadBalancer.Handle(s.deleteLoadBalancer),
		elbv2api.DescribeLoadBalancers.Handle(s.describeLoadBalancers),
		elbv2api.SetSecurityGroups.Handle(s.setSecurityGroups),
		elbv2api.SetSubnets.Handle(s.setSubnets),
		elbv2api.SetIpAddressType.Handle(s.setIPAddressType).Limited("ipv4 only"),
		elbv2api.DescribeLoadBalancerAttributes.Handle(s.describeLoadBalancerAttributes),
		elbv2api.ModifyLoadBalancerAttributes.Handle(s.modifyLoadBalancerAttributes).Limited("values that nothing acts on are refused"),
		elbv2api.DescribeCapacityReservation.Handle(s.describeCapacityReservation),

		elbv2api.CreateListener.Handle(s.createListener).Limited(listeners),
		elbv2api.ModifyListener.Handle(s.modifyListener).Limited(listeners),
		elbv2api.DeleteListener.Handle(s.deleteListener),
		elbv2api.DescribeListeners.Handle(s.describeListeners),
		elbv2api.DescribeListenerAttributes.Handle(s.describeListenerAttributes),
		elbv2api.ModifyListenerAttributes.Handle(s.modifyListenerAttributes).Limited("not those that rename the header fields of mutual TLS"),
		elbv2api.DescribeListenerCertificates.Handle(s.describeListenerCertificates),
		elbv2api.AddListenerCertificates.Handle(s.addListenerCertificates).Limited("certificates of ACM"),
		elbv2api.RemoveListenerCertificates.Handle(s.removeListenerCertificates),

		elbv2api.CreateRule.Handle(s.createRule).Limited(listeners),
		elbv2api.ModifyRule.Handle(s.modifyRule).Limited(listeners),
		elbv2api.DeleteRule.Handle(s.deleteRule),
		elbv2api.DescribeRules.Handle(s.describeRules),
		elbv2api.SetRulePriorities.Handle(s.setRulePriorities),

		elbv2api.CreateTargetGroup.Handle(s.createTargetGroup).Limited("target type ip, IPv4"),
		elbv2api.ModifyTargetGroup.Handle(s.modifyTargetGroup),
		elbv2api.DeleteTargetGroup.Handle(s.deleteTargetGroup),
		elbv2api.DescribeTargetGroups.Handle(s.describeTargetGroups),
		elbv2api.DescribeTargetGroupAttributes.Handle(s.describeTargetGroupAttributes),
		elbv2api.ModifyTargetGroupAttributes.Handle(s.modifyTargetGroupAttributes).Limited("values that nothing acts on are refused: target_group_health.dns_failover, cross-zone off"),
		elbv2api.RegisterTargets.Handle(s.registerTargets),
		elbv2api.DeregisterTargets.Handle(s.deregisterTargets),
		elbv2api.DescribeTargetHealth.Handle(s.describeTargetHealth),

		elbv2api.CreateTrustStore.Handle(s.createTrustStore).Limited("no object versions and no revocation lists; a bundle that cannot be read leaves the store in state CREATING"),
		elbv2api.ModifyTrustStore.Handle(s.modifyTrustStore).Limited("as CreateTrustStore"),
		elbv2api.DeleteTrustStore.Handle(s.deleteTrustStore),
		elbv2api.DescribeTrustStores.Handle(s.describeTrustStores),
		elbv2api.DescribeTrustStoreAssociations.Handle(s.describeTrustStoreAssociations),

		elbv2api.AddTags.Handle(s.addTags),
		elbv2api.RemoveTags.Handle(s.removeTags),
		elbv2api.DescribeTags.Handle(s.describeTags),
		elbv2api.DescribeAccountLimits.Handle(s.describeAccountLimits),
		elbv2api.DescribeSSLPolicies.Handle(s.describeSSLPolicies).Limited("the suites that are served; no FIPS policies"),
	}
}

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }
