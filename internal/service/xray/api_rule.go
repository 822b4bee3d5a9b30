package xray

import (
	"cmp"
	"context"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"apex/internal/api"
	"apex/internal/api/xrayapi"
	"apex/internal/store"
)

// defaultRule is the rule that is there without being made.
const defaultRule = "Default"

func hexOf(key string) string {
	sum := fnv.New64a()
	sum.Write([]byte(key)) // a hash takes all
	return strconv.FormatUint(sum.Sum64(), 16)
}

// rules returns a scope's rules by priority, the default one last.
func rules(r store.Reader, call *api.Call) []Rule {
	scope := scopeOf(call)
	var all []Rule
	for _, rule := range Rules.Prefix(r, scope.Prefix()) {
		all = append(all, rule)
	}
	if _, changed := Rules.Get(r, scope.Key(defaultRule)); !changed {
		begun := time.Unix(0, 0).UTC()
		all = append(all, Rule{Key: scope.Key(defaultRule), Created: begun, Modified: begun, Spec: xrayapi.SamplingRule{
			RuleName: api.Ptr(defaultRule), RuleARN: api.Ptr(scope.ARN("xray", "sampling-rule/"+defaultRule)), Version: api.Ptr(int64(1)),
			ResourceARN: api.Ptr("*"), ServiceName: api.Ptr("*"), ServiceType: api.Ptr("*"), Host: api.Ptr("*"), HTTPMethod: api.Ptr("*"), URLPath: api.Ptr("*"),
			Priority: api.Ptr(int64(10000)), FixedRate: api.Ptr(0.05), ReservoirSize: api.Ptr(int64(1)), Attributes: map[string]string{},
		}})
	}
	slices.SortStableFunc(all, func(a, b Rule) int { return cmp.Compare(*a.Spec.Priority, *b.Spec.Priority) })
	return all
}

func findRule(r store.Reader, call *api.Call, name, text *string) (Rule, error) {
	key := keyOf(call, "sampling-rule", name, text)
	for _, rule := range rules(r, call) {
		if rule.Key == key {
			return rule, nil
		}
	}
	return Rule{}, invalid("Sampling rule does not exist")
}

func record(rule Rule) *xrayapi.SamplingRuleRecord {
	return &xrayapi.SamplingRuleRecord{SamplingRule: &rule.Spec, CreatedAt: &rule.Created, ModifiedAt: &rule.Modified}
}

func (s *Service) createRule(ctx context.Context, call *api.Call, in *xrayapi.CreateSamplingRuleRequest) (*xrayapi.CreateSamplingRuleResult, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	spec := *in.SamplingRule
	switch {
	case spec.RuleName == nil || spec.RuleARN != nil:
		return nil, invalid("want a RuleName and no RuleARN")
	case *spec.Version != 1:
		return nil, invalid("Version must be 1")
	}
	rule := Rule{Key: scopeOf(call).Key(*spec.RuleName), Spec: spec, Tags: tags, Created: call.Now, Modified: call.Now}
	rule.Spec.RuleARN = api.Ptr(scopeOf(call).ARN("xray", "sampling-rule/"+*spec.RuleName))
	if rule.Spec.Attributes == nil {
		rule.Spec.Attributes = map[string]string{}
	}
	return &xrayapi.CreateSamplingRuleResult{SamplingRuleRecord: record(rule)}, s.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := findRule(tx, call, spec.RuleName, nil); err == nil {
			return invalid("Sampling rule already exists")
		}
		Rules.Put(tx, rule)
		return nil
	})
}

func (s *Service) getRules(_ context.Context, call *api.Call, _ *xrayapi.GetSamplingRulesRequest) (*xrayapi.GetSamplingRulesResult, error) {
	out := &xrayapi.GetSamplingRulesResult{}
	for _, rule := range rules(s.store.Snapshot(), call) {
		out.SamplingRuleRecords = append(out.SamplingRuleRecords, *record(rule))
	}
	return out, nil
}

func (s *Service) updateRule(ctx context.Context, call *api.Call, in *xrayapi.UpdateSamplingRuleRequest) (*xrayapi.UpdateSamplingRuleResult, error) {
	out := &xrayapi.UpdateSamplingRuleResult{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		u := in.SamplingRuleUpdate
		rule, err := findRule(tx, call, u.RuleName, u.RuleARN)
		if err != nil {
			return err
		}
		spec := &rule.Spec
		take(&spec.ResourceARN, u.ResourceARN)
		take(&spec.Priority, u.Priority)
		take(&spec.FixedRate, u.FixedRate)
		take(&spec.ReservoirSize, u.ReservoirSize)
		take(&spec.Host, u.Host)
		take(&spec.ServiceName, u.ServiceName)
		take(&spec.ServiceType, u.ServiceType)
		take(&spec.HTTPMethod, u.HTTPMethod)
		take(&spec.URLPath, u.URLPath)
		if u.Attributes != nil {
			spec.Attributes = u.Attributes
		}
		rule.Modified = call.Now
		Rules.Put(tx, rule)
		out.SamplingRuleRecord = record(rule)
		return nil
	})
}

// take lays a given value over another.
func take[T any](into **T, given *T) {
	if given != nil {
		*into = given
	}
}

func (s *Service) deleteRule(ctx context.Context, call *api.Call, in *xrayapi.DeleteSamplingRuleRequest) (*xrayapi.DeleteSamplingRuleResult, error) {
	out := &xrayapi.DeleteSamplingRuleResult{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		rule, err := findRule(tx, call, in.RuleName, in.RuleARN)
		switch {
		case err != nil:
			return err
		case *rule.Spec.RuleName == defaultRule:
			return invalid("The default sampling rule cannot be deleted")
		}
		out.SamplingRuleRecord = record(rule)
		Rules.Delete(tx, rule.Key)
		statistics.Delete(tx, rule.Key)
		return nil
	})
}

// targetInterval is after how many seconds a client asks again.
const targetInterval = 10

// getTargets tells clients how much to sample, and keeps what they tell.
func (s *Service) getTargets(ctx context.Context, call *api.Call, in *xrayapi.GetSamplingTargetsRequest) (*xrayapi.GetSamplingTargetsResult, error) {
	out := &xrayapi.GetSamplingTargetsResult{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		*out = xrayapi.GetSamplingTargetsResult{
			SamplingTargetDocuments: []xrayapi.SamplingTargetDocument{}, UnprocessedStatistics: []xrayapi.UnprocessedStatistics{}, LastRuleModification: api.Ptr(time.Unix(0, 0).UTC()),
		}
		for _, rule := range rules(tx, call) {
			if rule.Modified.After(*out.LastRuleModification) {
				out.LastRuleModification = api.Ptr(rule.Modified)
			}
		}
		for _, told := range in.SamplingStatisticsDocuments {
			rule, err := findRule(tx, call, told.RuleName, nil)
			if err != nil {
				out.UnprocessedStatistics = append(out.UnprocessedStatistics, xrayapi.UnprocessedStatistics{RuleName: told.RuleName, ErrorCode: api.Ptr("400"), Message: api.Ptr("Unknown rule")})
				continue
			}
			statistics.Put(tx, statistic{Key: rule.Key, Requests: *told.RequestCount, Sampled: *told.SampledCount, Borrowed: api.Val(told.BorrowCount), At: call.Now})
			out.SamplingTargetDocuments = append(out.SamplingTargetDocuments, xrayapi.SamplingTargetDocument{
				RuleName: told.RuleName, FixedRate: rule.Spec.FixedRate, ReservoirQuota: rule.Spec.ReservoirSize,
				ReservoirQuotaTTL: api.Ptr(call.Now.Add(targetInterval * time.Second)), Interval: api.Ptr(int64(targetInterval)),
			})
		}
		return nil
	})
}

func (s *Service) getStatistics(_ context.Context, call *api.Call, _ *xrayapi.GetSamplingStatisticSummariesRequest) (*xrayapi.GetSamplingStatisticSummariesResult, error) {
	snap := s.store.Snapshot()
	out := &xrayapi.GetSamplingStatisticSummariesResult{SamplingStatisticSummaries: []xrayapi.SamplingStatisticSummary{}}
	for _, rule := range rules(snap, call) {
		if told, ok := statistics.Get(snap, rule.Key); ok {
			out.SamplingStatisticSummaries = append(out.SamplingStatisticSummaries, xrayapi.SamplingStatisticSummary{
				RuleName: rule.Spec.RuleName, Timestamp: &told.At, RequestCount: &told.Requests, BorrowCount: &told.Borrowed, SampledCount: &told.Sampled,
			})
		}
	}
	return out, nil
}
