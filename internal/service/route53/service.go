package route53

import (
	"time"

	"apex/internal/api"
	r53 "apex/internal/api/route53api"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves the zones of all accounts.
type Service struct {
	store *store.Store
	now   func() time.Time
}

// New returns the service.
func New(env service.Env) *Service { return &Service{store: env.Store, now: env.Now} }

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	const (
		records  = "in VPCs' resolvers only; traffic policies and CIDR routing are refused; an alias to CloudFront or an S3 website leads nowhere"
		unprobed = "endpoints are not probed and count as healthy; alarms and calculated checks are followed"
		unlogged = "questions are not logged"
		unsigned = "refused: zones are not signed"
	)
	return []api.Route{
		r53.CreateHostedZone.Handle(s.createHostedZone).Limited("answers in VPCs: a private zone in its own, a public one in all of its account"),
		r53.GetHostedZone.Handle(s.getHostedZone),
		r53.DeleteHostedZone.Handle(s.deleteHostedZone),
		r53.UpdateHostedZoneComment.Handle(s.updateHostedZoneComment),
		r53.ListHostedZones.Handle(s.listHostedZones),
		r53.ListHostedZonesByName.Handle(s.listHostedZonesByName),
		r53.ListHostedZonesByVPC.Handle(s.listHostedZonesByVPC),
		r53.GetHostedZoneCount.Handle(s.getHostedZoneCount),
		r53.GetHostedZoneLimit.Handle(s.getHostedZoneLimit),
		r53.GetAccountLimit.Handle(s.getAccountLimit),

		r53.AssociateVPCWithHostedZone.Handle(s.associateVPC),
		r53.DisassociateVPCFromHostedZone.Handle(s.disassociateVPC),
		r53.CreateVPCAssociationAuthorization.Handle(s.createAuthorization),
		r53.DeleteVPCAssociationAuthorization.Handle(s.deleteAuthorization),
		r53.ListVPCAssociationAuthorizations.Handle(s.listAuthorizations),

		r53.ChangeResourceRecordSets.Handle(s.changeResourceRecordSets).Limited(records),
		r53.ListResourceRecordSets.Handle(s.listResourceRecordSets),
		r53.GetChange.Handle(s.getChange),
		r53.TestDNSAnswer.Handle(s.testDNSAnswer).Limited("as the caller's region sees the zone"),
		r53.GetGeoLocation.Handle(s.getGeoLocation).Limited("the places of AWS's regions, and the continents"),
		r53.ListGeoLocations.Handle(s.listGeoLocations).Limited("the places of AWS's regions, and the continents"),

		r53.CreateHealthCheck.Handle(s.createHealthCheck).Limited(unprobed),
		r53.GetHealthCheck.Handle(s.getHealthCheck),
		r53.UpdateHealthCheck.Handle(s.updateHealthCheck).Limited(unprobed),
		r53.DeleteHealthCheck.Handle(s.deleteHealthCheck),
		r53.ListHealthChecks.Handle(s.listHealthChecks),
		r53.GetHealthCheckCount.Handle(s.getHealthCheckCount),
		r53.GetHealthCheckStatus.Handle(s.getHealthCheckStatus).Limited(unprobed),
		r53.GetHealthCheckLastFailureReason.Handle(s.getLastFailureReason).Limited(unprobed),
		r53.GetCheckerIpRanges.Handle(s.getCheckerIPRanges).StoredOnly("none: endpoints are not probed"),

		r53.ChangeTagsForResource.Handle(s.changeTags),
		r53.ListTagsForResource.Handle(s.listTags),
		r53.ListTagsForResources.Handle(s.listTagsOfSeveral),

		r53.CreateReusableDelegationSet.Handle(s.createDelegationSet),
		r53.GetReusableDelegationSet.Handle(s.getDelegationSet),
		r53.DeleteReusableDelegationSet.Handle(s.deleteDelegationSet),
		r53.ListReusableDelegationSets.Handle(s.listDelegationSets),
		r53.GetReusableDelegationSetLimit.Handle(s.getDelegationSetLimit),

		r53.CreateQueryLoggingConfig.Handle(s.createQueryLog).StoredOnly(unlogged),
		r53.GetQueryLoggingConfig.Handle(s.getQueryLog).StoredOnly(unlogged),
		r53.DeleteQueryLoggingConfig.Handle(s.deleteQueryLog).StoredOnly(unlogged),
		r53.ListQueryLoggingConfigs.Handle(s.listQueryLogs).StoredOnly(unlogged),

		r53.GetDNSSEC.Handle(s.getDNSSEC).Limited("always NOT_SIGNING"),
		r53.EnableHostedZoneDNSSEC.Handle(s.enableDNSSEC).Limited(unsigned),
		r53.DisableHostedZoneDNSSEC.Handle(s.disableDNSSEC).Limited(unsigned),
		r53.CreateKeySigningKey.Handle(s.createKeySigningKey).Limited(unsigned),
	}
}
