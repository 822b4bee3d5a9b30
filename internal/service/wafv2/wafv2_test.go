package wafv2_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"apex/internal/service"
	"apex/internal/service/elbv2"
	"apex/internal/service/servicetest"
	"apex/internal/service/wafv2"
	"apex/internal/store"
)

const balancer = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/0123456789abcdef"

type world struct {
	*testing.T
	*sdk.Client
	env service.Env
}

func newWorld(t *testing.T) *world {
	env := servicetest.Env(t, append(wafv2.Tables(), elbv2.Tables()...)...)
	err := env.Store.Update(t.Context(), func(tx *store.Tx) error {
		elbv2.LoadBalancers.Put(tx, elbv2.LoadBalancer{Key: "000000000000/us-east-1/loadbalancer/app/web/0123456789abcdef"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return &world{t, sdk.NewFromConfig(servicetest.Config(t, env, wafv2.New(env).Routes())), env}
}

var seen = &types.VisibilityConfig{MetricName: aws.String("m"), SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true}

func block() *types.RuleAction { return &types.RuleAction{Block: &types.BlockAction{}} }

func rule(name string, priority int32, s *types.Statement) types.Rule {
	return types.Rule{Name: &name, Priority: priority, Statement: s, Action: block(), VisibilityConfig: seen}
}

func (w *world) ipSet(name string) *types.IPSetSummary {
	w.Helper()
	out, err := w.CreateIPSet(w.Context(), &sdk.CreateIPSetInput{
		Name: &name, Scope: types.ScopeRegional, IPAddressVersion: types.IPAddressVersionIpv4, Addresses: []string{"10.0.0.0/8"},
		Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}},
	})
	if err != nil {
		w.Fatal(err)
	}
	return out.Summary
}

func (w *world) acl(name string, rules ...types.Rule) *types.WebACLSummary {
	w.Helper()
	out, err := w.CreateWebACL(w.Context(), &sdk.CreateWebACLInput{
		Name: &name, Scope: types.ScopeRegional, DefaultAction: &types.DefaultAction{Allow: &types.AllowAction{}}, VisibilityConfig: seen, Rules: rules,
	})
	if err != nil {
		w.Fatal(err)
	}
	return out.Summary
}

func refersTo(set *types.IPSetSummary) *types.Statement {
	return &types.Statement{NotStatement: &types.NotStatement{Statement: &types.Statement{IPSetReferenceStatement: &types.IPSetReferenceStatement{ARN: set.ARN}}}}
}

func TestAWebACLIsReadBackAndGuardedByItsToken(t *testing.T) {
	w := newWorld(t)
	set := w.ipSet("office")
	made := w.acl("guard", rule("office", 1, refersTo(set)), types.Rule{
		Name: aws.String("common"), Priority: 2, OverrideAction: &types.OverrideAction{None: &types.NoneAction{}}, VisibilityConfig: seen,
		Statement: &types.Statement{ManagedRuleGroupStatement: &types.ManagedRuleGroupStatement{VendorName: aws.String("AWS"), Name: aws.String("AWSManagedRulesCommonRuleSet")}},
	})
	in := &sdk.GetWebACLInput{Name: made.Name, Id: made.Id, Scope: types.ScopeRegional}
	got, err := w.GetWebACL(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if got.WebACL.Capacity != 701 || len(got.WebACL.Rules) != 2 || got.WebACL.Rules[0].Action.Block == nil || got.WebACL.DefaultAction.Allow == nil ||
		*got.WebACL.LabelNamespace != "awswaf:000000000000:webacl:guard:" || *got.LockToken != *made.LockToken {
		t.Errorf("web ACL %+v", got.WebACL)
	}
	update := func(token *string) (*sdk.UpdateWebACLOutput, error) {
		return w.UpdateWebACL(t.Context(), &sdk.UpdateWebACLInput{
			Name: made.Name, Id: made.Id, Scope: types.ScopeRegional, LockToken: token, VisibilityConfig: seen,
			DefaultAction: &types.DefaultAction{Block: &types.BlockAction{}}, Description: aws.String("d"),
		})
	}
	updated, err := update(got.LockToken)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := update(got.LockToken); servicetest.Code(err) != "WAFOptimisticLockException" {
		t.Errorf("with the old token: %v", err)
	}
	if got, err = w.GetWebACL(t.Context(), in); err != nil || *got.LockToken != *updated.NextLockToken || *got.WebACL.Description != "d" || got.WebACL.Capacity != 0 {
		t.Errorf("after the update %+v, %v", got, err)
	}
}

func TestWhatIsUsedIsNotDeleted(t *testing.T) {
	w := newWorld(t)
	set := w.ipSet("office")
	acl := w.acl("guard", rule("office", 1, refersTo(set)))
	if _, err := w.AssociateWebACL(t.Context(), &sdk.AssociateWebACLInput{ResourceArn: aws.String(balancer), WebACLArn: acl.ARN}); err != nil {
		t.Fatal(err)
	}
	if got, err := w.GetWebACLForResource(t.Context(), &sdk.GetWebACLForResourceInput{ResourceArn: aws.String(balancer)}); err != nil || *got.WebACL.ARN != *acl.ARN {
		t.Errorf("the balancer's web ACL is %+v, %v", got, err)
	}
	if got, err := w.ListResourcesForWebACL(t.Context(), &sdk.ListResourcesForWebACLInput{WebACLArn: acl.ARN}); err != nil || len(got.ResourceArns) != 1 {
		t.Errorf("resources %v, %v", got, err)
	}
	deleteSet := func() error {
		_, err := w.DeleteIPSet(t.Context(), &sdk.DeleteIPSetInput{Name: set.Name, Id: set.Id, Scope: types.ScopeRegional, LockToken: set.LockToken})
		return err
	}
	deleteACL := func() error {
		_, err := w.DeleteWebACL(t.Context(), &sdk.DeleteWebACLInput{Name: acl.Name, Id: acl.Id, Scope: types.ScopeRegional, LockToken: acl.LockToken})
		return err
	}
	for _, err := range []error{deleteSet(), deleteACL()} {
		if servicetest.Code(err) != "WAFAssociatedItemException" {
			t.Errorf("deleted while used: %v", err)
		}
	}
	if _, err := w.DisassociateWebACL(t.Context(), &sdk.DisassociateWebACLInput{ResourceArn: aws.String(balancer)}); err != nil {
		t.Fatal(err)
	}
	if err := deleteACL(); err != nil {
		t.Fatal(err)
	}
	if err := deleteSet(); err != nil {
		t.Fatal(err)
	}
	if err := deleteSet(); servicetest.Code(err) != "WAFNonexistentItemException" {
		t.Errorf("deleted twice: %v", err)
	}
}

func TestCapacity(t *testing.T) {
	w := newWorld(t)
	lower := []types.TextTransformation{{Priority: 0, Type: types.TextTransformationTypeLowercase}}
	path := &types.FieldToMatch{UriPath: &types.UriPath{}}
	for name, tt := range map[string]struct {
		statement types.Statement
		want      int64
	}{
		"a country":      {types.Statement{GeoMatchStatement: &types.GeoMatchStatement{CountryCodes: []types.CountryCode{"DE"}}}, 1},
		"a text, lower":  {types.Statement{ByteMatchStatement: &types.ByteMatchStatement{SearchString: []byte("admin"), FieldToMatch: path, TextTransformations: lower, PositionalConstraint: "CONTAINS"}}, 20},
		"a rate":         {types.Statement{RateBasedStatement: &types.RateBasedStatement{Limit: aws.Int64(1000), AggregateKeyType: "IP", ScopeDownStatement: &types.Statement{XssMatchStatement: &types.XssMatchStatement{FieldToMatch: path, TextTransformations: lower}}}}, 52},
		"one of another": {types.Statement{OrStatement: &types.OrStatement{Statements: []types.Statement{{LabelMatchStatement: &types.LabelMatchStatement{Key: aws.String("a"), Scope: "LABEL"}}, {SqliMatchStatement: &types.SqliMatchStatement{FieldToMatch: path, TextTransformations: lower}}}}}, 31},
	} {
		got, err := w.CheckCapacity(t.Context(), &sdk.CheckCapacityInput{Scope: types.ScopeRegional, Rules: []types.Rule{rule("r", 1, &tt.statement)}})
		if err != nil || got.Capacity != tt.want {
			t.Errorf("%s: %+v, %v; want %d", name, got, err, tt.want)
		}
	}
}

func TestGroupsSetsLogsAndTags(t *testing.T) {
	w := newWorld(t)
	regex, err := w.CreateRegexPatternSet(t.Context(), &sdk.CreateRegexPatternSetInput{Name: aws.String("r"), Scope: types.ScopeRegional, RegularExpressionList: []types.Regex{{RegexString: aws.String("^/admin")}}})
	if err != nil {
		t.Fatal(err)
	}
	statement := &types.Statement{RegexPatternSetReferenceStatement: &types.RegexPatternSetReferenceStatement{
		ARN: regex.Summary.ARN, FieldToMatch: &types.FieldToMatch{UriPath: &types.UriPath{}}, TextTransformations: []types.TextTransformation{{Type: "NONE"}},
	}}
	group := &sdk.CreateRuleGroupInput{Name: aws.String("g"), Scope: types.ScopeRegional, Capacity: aws.Int64(10), VisibilityConfig: seen, Rules: []types.Rule{rule("r", 1, statement)}}
	if _, err := w.CreateRuleGroup(t.Context(), group); servicetest.Code(err) != "WAFLimitsExceededException" {
		t.Errorf("more than its capacity: %v", err)
	}
	group.Capacity = aws.Int64(50)
	if _, err := w.CreateRuleGroup(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	if _, err := w.CreateRuleGroup(t.Context(), group); servicetest.Code(err) != "WAFDuplicateItemException" {
		t.Errorf("twice: %v", err)
	}
	acl := w.acl("guard")
	logs := types.LoggingConfiguration{ResourceArn: acl.ARN, LogDestinationConfigs: []string{"arn:aws:logs:us-east-1:000000000000:log-group:aws-waf-logs-guard"}}
	if _, err := w.PutLoggingConfiguration(t.Context(), &sdk.PutLoggingConfigurationInput{LoggingConfiguration: &logs}); err != nil {
		t.Fatal(err)
	}
	if got, err := w.GetLoggingConfiguration(t.Context(), &sdk.GetLoggingConfigurationInput{ResourceArn: acl.ARN}); err != nil || got.LoggingConfiguration.LogDestinationConfigs[0] != logs.LogDestinationConfigs[0] {
		t.Errorf("logging %+v, %v", got, err)
	}
	set := w.ipSet("tagged")
	if _, err := w.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceARN: set.ARN, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	if got, err := w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceARN: set.ARN}); err != nil || len(got.TagInfoForResource.TagList) != 0 {
		t.Errorf("tags %+v, %v", got, err)
	}
	for name, tt := range map[string]struct {
		call func() error
		code string
	}{
		"an address": {func() error {
			_, err := w.CreateIPSet(t.Context(), &sdk.CreateIPSetInput{Name: aws.String("x"), Scope: types.ScopeRegional, IPAddressVersion: "IPV6", Addresses: []string{"10.0.0.0/8"}})
			return err
		}, "WAFInvalidParameterException"},
		"one priority": {func() error {
			geo := &types.Statement{GeoMatchStatement: &types.GeoMatchStatement{CountryCodes: []types.CountryCode{"DE"}}}
			_, err := w.CheckCapacity(t.Context(), &sdk.CheckCapacityInput{Scope: types.ScopeRegional, Rules: []types.Rule{rule("a", 1, geo), rule("b", 1, geo)}})
			return err
		}, "WAFInvalidParameterException"},
		"no such set": {func() error {
			_, err := w.CheckCapacity(t.Context(), &sdk.CheckCapacityInput{Scope: types.ScopeRegional, Rules: []types.Rule{rule("a", 1, refersTo(&types.IPSetSummary{ARN: aws.String("arn:aws:wafv2:us-east-1:000000000000:regional/ipset/x/y")}))}})
			return err
		}, "WAFNonexistentItemException"},
		"a log's name": {func() error {
			_, err := w.PutLoggingConfiguration(t.Context(), &sdk.PutLoggingConfigurationInput{LoggingConfiguration: &types.LoggingConfiguration{ResourceArn: acl.ARN, LogDestinationConfigs: []string{"arn:aws:logs:us-east-1:000000000000:log-group:guard"}}})
			return err
		}, "WAFInvalidParameterException"},
	} {
		if err := tt.call(); servicetest.Code(err) != tt.code {
			t.Errorf("%s: %v, want %s", name, err, tt.code)
		}
	}
}
