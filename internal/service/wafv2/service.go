package wafv2

import (
	"apex/internal/api"
	"apex/internal/api/wafv2api"
	"apex/internal/controller"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves the web ACLs of all scopes.
type Service struct{ store *store.Store }

// New returns the service.
func New(env service.Env) *Service { return &Service{store: env.Store} }

// Controllers returns none: nothing acts on a web ACL yet.
func (s *Service) Controllers() []controller.Controller { return nil }

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	const unread = "no request is inspected"
	return []api.Route{
		wafv2api.AssociateWebACL.Handle(s.associate).StoredOnly(unread),
		wafv2api.CheckCapacity.Handle(s.checkCapacity),
		wafv2api.CreateIPSet.Handle(s.createIPSet).StoredOnly(unread),
		wafv2api.CreateRegexPatternSet.Handle(s.createRegexSet).StoredOnly(unread),
		wafv2api.CreateRuleGroup.Handle(s.createGroup).StoredOnly(unread),
		wafv2api.CreateWebACL.Handle(s.createACL).StoredOnly(unread),
		wafv2api.DeleteIPSet.Handle(s.deleteIPSet),
		wafv2api.DeleteLoggingConfiguration.Handle(s.deleteLogging),
		wafv2api.DeletePermissionPolicy.Handle(s.deletePolicy),
		wafv2api.DeleteRegexPatternSet.Handle(s.deleteRegexSet),
		wafv2api.DeleteRuleGroup.Handle(s.deleteGroup),
		wafv2api.DeleteWebACL.Handle(s.deleteACL),
		wafv2api.DescribeManagedRuleGroup.Handle(s.describeManaged).Limited("AWS's own groups; all rules are shown to block"),
		wafv2api.DisassociateWebACL.Handle(s.disassociate),
		wafv2api.GetIPSet.Handle(s.getIPSet),
		wafv2api.GetLoggingConfiguration.Handle(s.getLogging),
		wafv2api.GetPermissionPolicy.Handle(s.getPolicy),
		wafv2api.GetRateBasedStatementManagedKeys.Handle(s.rateKeys).StoredOnly(unread),
		wafv2api.GetRegexPatternSet.Handle(s.getRegexSet),
		wafv2api.GetRuleGroup.Handle(s.getGroup),
		wafv2api.GetSampledRequests.Handle(s.sampled).StoredOnly(unread),
		wafv2api.GetWebACL.Handle(s.getACL),
		wafv2api.GetWebACLForResource.Handle(s.getForResource),
		wafv2api.ListAvailableManagedRuleGroupVersions.Handle(s.listManagedVersions).Limited("AWS's own groups have no versions here"),
		wafv2api.ListAvailableManagedRuleGroups.Handle(s.listManaged).Limited("AWS's own groups"),
		wafv2api.ListIPSets.Handle(s.listIPSets),
		wafv2api.ListLoggingConfigurations.Handle(s.listLogging),
		wafv2api.ListRegexPatternSets.Handle(s.listRegexSets),
		wafv2api.ListResourcesForWebACL.Handle(s.listResources),
		wafv2api.ListRuleGroups.Handle(s.listGroups),
		wafv2api.ListTagsForResource.Handle(s.listTags),
		wafv2api.ListWebACLs.Handle(s.listACLs),
		wafv2api.PutLoggingConfiguration.Handle(s.putLogging).StoredOnly("no log is written: " + unread),
		wafv2api.PutPermissionPolicy.Handle(s.putPolicy).StoredOnly("rule groups are not shared with other accounts"),
		wafv2api.TagResource.Handle(s.tagResource),
		wafv2api.UntagResource.Handle(s.untagResource),
		wafv2api.UpdateIPSet.Handle(s.updateIPSet).StoredOnly(unread),
		wafv2api.UpdateRegexPatternSet.Handle(s.updateRegexSet).StoredOnly(unread),
		wafv2api.UpdateRuleGroup.Handle(s.updateGroup).StoredOnly(unread),
		wafv2api.UpdateWebACL.Handle(s.updateACL).StoredOnly(unread),
	}
}
