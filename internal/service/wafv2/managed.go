package wafv2

import (
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/wafv2api"
)

const amazon = "AWS"

// A managed is a rule group of AWS's own, with its capacity and rules (WAF
// developer guide, AWS Managed Rules rule groups list).
type managed struct {
	name, about string
	units       int64
	rules       []string
}

var managedGroups = []managed{
	{"AWSManagedRulesACFPRuleSet", "Account creation fraud prevention.", 50, []string{"UnsupportedCognitoIDP", "AllRequests", "RiskScoreHigh"}},
	{"AWSManagedRulesATPRuleSet", "Account takeover prevention.", 50, []string{"UnsupportedCognitoIDP", "VolumetricIpHigh", "VolumetricSession"}},
	{"AWSManagedRulesAdminProtectionRuleSet", "External access to admin pages.", 100, []string{"AdminProtection_URIPATH"}},
	{"AWSManagedRulesAmazonIpReputationList", "Addresses by Amazon threat intelligence.", 25, []string{"AWSManagedIPReputationList", "AWSManagedReconnaissanceList", "AWSManagedIPDDoSList"}},
	{"AWSManagedRulesAnonymousIpList", "Services that hide a viewer's identity.", 50, []string{"AnonymousIPList", "HostingProviderIPList"}},
	{"AWSManagedRulesBotControlRuleSet", "Requests from bots.", 50, []string{"CategoryAdvertising", "CategoryArchiver", "CategoryContentFetcher", "CategoryHttpLibrary", "CategoryScrapingFramework", "SignalAutomatedBrowser", "SignalKnownBotDataCenter", "SignalNonBrowserUserAgent"}},
	{"AWSManagedRulesCommonRuleSet", "Rules that apply to web applications in general.", 700, []string{
		"NoUserAgent_HEADER", "UserAgent_BadBots_HEADER", "SizeRestrictions_QUERYSTRING", "SizeRestrictions_Cookie_HEADER", "SizeRestrictions_BODY", "SizeRestrictions_URIPATH",
		"EC2MetaDataSSRF_BODY", "EC2MetaDataSSRF_COOKIE", "EC2MetaDataSSRF_URIPATH", "EC2MetaDataSSRF_QUERYARGUMENTS", "GenericLFI_QUERYARGUMENTS", "GenericLFI_URIPATH", "GenericLFI_BODY",
		"RestrictedExtensions_URIPATH", "RestrictedExtensions_QUERYARGUMENTS", "GenericRFI_QUERYARGUMENTS", "GenericRFI_BODY", "GenericRFI_URIPATH",
		"CrossSiteScripting_COOKIE", "CrossSiteScripting_QUERYARGUMENTS", "CrossSiteScripting_BODY", "CrossSiteScripting_URIPATH",
	}},
	{"AWSManagedRulesKnownBadInputsRuleSet", "Patterns that are known to be invalid.", 200, []string{
		"JavaDeserializationRCE_HEADER", "JavaDeserializationRCE_BODY", "JavaDeserializationRCE_URIPATH", "JavaDeserializationRCE_QUERYSTRING", "Host_localhost_HEADER", "PROPFIND_METHOD",
		"ExploitablePaths_URIPATH", "Log4JRCE_HEADER", "Log4JRCE_QUERYSTRING", "Log4JRCE_BODY", "Log4JRCE_URIPATH",
	}},
	{"AWSManagedRulesLinuxRuleSet", "Vulnerabilities of Linux.", 200, []string{"LFI_URIPATH", "LFI_QUERYSTRING", "LFI_HEADER"}},
	{"AWSManagedRulesPHPRuleSet", "Vulnerabilities of PHP.", 100, []string{"PHPHighRiskMethodsVariables_HEADER", "PHPHighRiskMethodsVariables_QUERYSTRING", "PHPHighRiskMethodsVariables_BODY"}},
	{"AWSManagedRulesSQLiRuleSet", "SQL injection.", 200, []string{"SQLi_QUERYARGUMENTS", "SQLiExtendedPatterns_QUERYARGUMENTS", "SQLi_BODY", "SQLiExtendedPatterns_BODY", "SQLi_COOKIE", "SQLi_URIPATH"}},
	{"AWSManagedRulesUnixRuleSet", "Vulnerabilities of POSIX systems.", 100, []string{"UNIXShellCommandsVariables_QUERYSTRING", "UNIXShellCommandsVariables_BODY", "UNIXShellCommandsVariables_HEADER"}},
	{"AWSManagedRulesWindowsRuleSet", "Vulnerabilities of Windows.", 200, []string{"WindowsShellCommands_COOKIE", "WindowsShellCommands_QUERYARGUMENTS", "WindowsShellCommands_BODY", "PowerShellCommands_COOKIE", "PowerShellCommands_QUERYARGUMENTS", "PowerShellCommands_BODY"}},
	{"AWSManagedRulesWordPressRuleSet", "Vulnerabilities of WordPress.", 100, []string{"WordPressExploitableCommands_QUERYSTRING", "WordPressExploitablePaths_URIPATH"}},
}

func managedGroup(vendor, name string) (managed, bool) {
	i := slices.IndexFunc(managedGroups, func(g managed) bool { return vendor == amazon && g.name == name })
	if i < 0 {
		return managed{}, false
	}
	return managedGroups[i], true
}

func (s *Service) listManaged(context.Context, *api.Call, *wafv2api.ListAvailableManagedRuleGroupsRequest) (*wafv2api.ListAvailableManagedRuleGroupsResponse, error) {
	out := &wafv2api.ListAvailableManagedRuleGroupsResponse{}
	for _, g := range managedGroups {
		out.ManagedRuleGroups = append(out.ManagedRuleGroups, wafv2api.ManagedRuleGroupSummary{
			VendorName: api.Ptr(amazon), Name: api.Ptr(g.name), VersioningSupported: api.Ptr(false), Description: api.Ptr(g.about),
		})
	}
	return out, nil
}

func (s *Service) listManagedVersions(_ context.Context, _ *api.Call, in *wafv2api.ListAvailableManagedRuleGroupVersionsRequest) (*wafv2api.ListAvailableManagedRuleGroupVersionsResponse, error) {
	if _, ok := managedGroup(*in.VendorName, *in.Name); !ok {
		return nil, missing()
	}
	return &wafv2api.ListAvailableManagedRuleGroupVersionsResponse{Versions: []wafv2api.ManagedRuleGroupVersion{}}, nil
}

func (s *Service) describeManaged(_ context.Context, _ *api.Call, in *wafv2api.DescribeManagedRuleGroupRequest) (*wafv2api.DescribeManagedRuleGroupResponse, error) {
	g, ok := managedGroup(*in.VendorName, *in.Name)
	if !ok {
		return nil, missing()
	}
	out := &wafv2api.DescribeManagedRuleGroupResponse{Capacity: api.Ptr(g.units), LabelNamespace: api.Ptr("awswaf:managed:aws:" + g.name + ":")}
	for _, rule := range g.rules {
		out.Rules = append(out.Rules, wafv2api.RuleSummary{Name: api.Ptr(rule), Action: &wafv2api.RuleAction{Block: &wafv2api.BlockAction{}}})
	}
	return out, nil
}
