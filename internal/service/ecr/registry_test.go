package ecr

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"apex/internal/service/servicetest"
)

func TestARegistryKeepsItsSettings(t *testing.T) {
	f := start(t, nil)
	got, err := f.DescribeRegistry(t.Context(), &sdk.DescribeRegistryInput{})
	if err != nil || len(got.ReplicationConfiguration.Rules) != 0 {
		t.Errorf("a new registry: %+v, %v", got, err)
	}
	rules := &types.ReplicationConfiguration{Rules: []types.ReplicationRule{{Destinations: []types.ReplicationDestination{{Region: aws.String("eu-central-1"), RegistryId: aws.String(servicetest.Account)}}}}}
	if _, err := f.PutReplicationConfiguration(t.Context(), &sdk.PutReplicationConfigurationInput{ReplicationConfiguration: rules}); err != nil {
		t.Fatal(err)
	}
	if got, err = f.DescribeRegistry(t.Context(), &sdk.DescribeRegistryInput{}); err != nil || len(got.ReplicationConfiguration.Rules) != 1 {
		t.Errorf("rules %+v, %v", got, err)
	}
	if _, err := f.GetRegistryPolicy(t.Context(), &sdk.GetRegistryPolicyInput{}); servicetest.Code(err) != "RegistryPolicyNotFoundException" {
		t.Errorf("no policy: %v", err)
	}
	if _, err := f.PutRegistryPolicy(t.Context(), &sdk.PutRegistryPolicyInput{PolicyText: aws.String(`{"Statement":[]}`)}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.DeleteRegistryPolicy(t.Context(), &sdk.DeleteRegistryPolicyInput{}); err != nil {
		t.Errorf("delete the policy: %v", err)
	}
	scanning, err := f.GetRegistryScanningConfiguration(t.Context(), &sdk.GetRegistryScanningConfigurationInput{})
	if err != nil || scanning.ScanningConfiguration.ScanType != types.ScanTypeBasic {
		t.Errorf("scanning %+v, %v", scanning, err)
	}
}

func TestCacheRulesAndTemplates(t *testing.T) {
	f := start(t, nil)
	prefix := aws.String("public")
	create := func(url string) string {
		_, err := f.CreatePullThroughCacheRule(t.Context(), &sdk.CreatePullThroughCacheRuleInput{EcrRepositoryPrefix: prefix, UpstreamRegistryUrl: &url})
		return servicetest.Code(err)
	}
	for _, tt := range []struct{ url, code string }{
		{"example.com", "UnsupportedUpstreamRegistryException"},
		{"ghcr.io", "InvalidParameterException"},
		{"public.ecr.aws", ""},
		{"public.ecr.aws", "PullThroughCacheRuleAlreadyExistsException"},
	} {
		if got := create(tt.url); got != tt.code {
			t.Errorf("%s: %q, want %q", tt.url, got, tt.code)
		}
	}
	rules, err := f.DescribePullThroughCacheRules(t.Context(), &sdk.DescribePullThroughCacheRulesInput{EcrRepositoryPrefixes: []string{"public"}})
	if err != nil || len(rules.PullThroughCacheRules) != 1 || rules.PullThroughCacheRules[0].UpstreamRegistry != types.UpstreamRegistryEcrPublic {
		t.Errorf("rules %+v, %v", rules, err)
	}
	if _, err := f.DeletePullThroughCacheRule(t.Context(), &sdk.DeletePullThroughCacheRuleInput{EcrRepositoryPrefix: prefix}); err != nil {
		t.Errorf("delete the rule: %v", err)
	}
	_, err = f.CreateRepositoryCreationTemplate(t.Context(), &sdk.CreateRepositoryCreationTemplateInput{Prefix: prefix, AppliedFor: []types.RCTAppliedFor{types.RCTAppliedForPullThroughCache}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.UpdateRepositoryCreationTemplate(t.Context(), &sdk.UpdateRepositoryCreationTemplateInput{Prefix: prefix, Description: aws.String("about")})
	if err != nil {
		t.Fatal(err)
	}
	templates, err := f.DescribeRepositoryCreationTemplates(t.Context(), &sdk.DescribeRepositoryCreationTemplatesInput{Prefixes: []string{"public", "other"}})
	if err != nil || len(templates.RepositoryCreationTemplates) != 1 || *templates.RepositoryCreationTemplates[0].Description != "about" || len(templates.RepositoryCreationTemplates[0].AppliedFor) != 1 {
		t.Errorf("templates %+v, %v", templates, err)
	}
	if _, err := f.DeleteRepositoryCreationTemplate(t.Context(), &sdk.DeleteRepositoryCreationTemplateInput{Prefix: aws.String("other")}); servicetest.Code(err) != "TemplateNotFoundException" {
		t.Errorf("delete what is not there: %v", err)
	}
}
