package xray_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"

	"apex/internal/service/servicetest"
	"apex/internal/service/xray"
)

func newClient(t *testing.T) *sdk.Client {
	env := servicetest.Env(t, xray.Tables()...)
	return sdk.NewFromConfig(servicetest.Config(t, env, xray.New(env).Routes()))
}

// send puts the segments of two requests: the web calls the API, which fails once.
func send(t *testing.T, client *sdk.Client, now time.Time) (good, bad string) {
	t.Helper()
	start := float64(now.Unix())
	id := func(n int) string { return fmt.Sprintf("1-%08x-%024x", now.Unix(), n) }
	var documents []string
	for i, fault := range []bool{false, true} {
		documents = append(documents,
			fmt.Sprintf(`{"trace_id":%q,"id":"%016x","name":"web","start_time":%f,"end_time":%f,"fault":%v,"http":{"request":{"method":"GET","url":"http://x/a"},"response":{"status":%d}},"annotations":{"customer":"c%d"},`+
				`"subsegments":[{"id":"%016x","name":"api","start_time":%f,"end_time":%f,"namespace":"remote"}]}`,
				id(i), 10+i, start, start+1.5, fault, 200+300*i, i, 20+i, start, start+1),
			fmt.Sprintf(`{"trace_id":%q,"id":"%016x","parent_id":"%016x","name":"api","start_time":%f,"end_time":%f,"fault":%v}`, id(i), 30+i, 20+i, start+0.1, start+0.9, fault))
	}
	out, err := client.PutTraceSegments(t.Context(), &sdk.PutTraceSegmentsInput{TraceSegmentDocuments: append(documents, `{"id":"1234567890abcdef"}`, "no JSON")})
	if err != nil || len(out.UnprocessedTraceSegments) != 2 || *out.UnprocessedTraceSegments[0].ErrorCode != "MissingTraceId" || *out.UnprocessedTraceSegments[1].ErrorCode != "ParseError" {
		t.Fatalf("put: %+v, %v", out, err)
	}
	return id(0), id(1)
}

func TestTracesAreFoundAndShown(t *testing.T) {
	client, now := newClient(t), time.Now()
	good, bad := send(t, client, now)
	from, to := aws.Time(now.Add(-time.Minute)), aws.Time(now.Add(time.Minute))
	for filter, want := range map[string][]string{
		"": {good, bad}, "fault": {bad}, "ok": {good}, "!fault AND service(\"api\")": {good}, "http.status >= 500": {bad}, "responsetime > 2": {},
		`annotation.customer = "c1" OR annotation[customer] = "c0"`: {good, bad}, `http.url CONTAINS "/b"`: {}, `(fault)`: {bad},
	} {
		got, err := client.GetTraceSummaries(t.Context(), &sdk.GetTraceSummariesInput{StartTime: from, EndTime: to, FilterExpression: &filter})
		var ids []string
		if err == nil {
			for _, s := range got.TraceSummaries {
				ids = append(ids, *s.Id)
			}
		}
		if err != nil || fmt.Sprint(ids) != fmt.Sprint(want) {
			t.Errorf("%s: %v, %v; want %v", filter, ids, err, want)
		}
	}
	for _, filter := range []string{"colour = 3", "service(", `"`, "fault fault", "(ok", "annotation[x = 1"} {
		_, err := client.GetTraceSummaries(t.Context(), &sdk.GetTraceSummariesInput{StartTime: from, EndTime: to, FilterExpression: &filter})
		if servicetest.Code(err) != "InvalidRequestException" {
			t.Errorf("%q: %v", filter, err)
		}
	}
	traces, err := client.BatchGetTraces(t.Context(), &sdk.BatchGetTracesInput{TraceIds: []string{good, "1-00000000-000000000000000000000000"}})
	if err != nil || len(traces.Traces) != 1 || len(traces.Traces[0].Segments) != 2 || *traces.Traces[0].Duration != 1.5 {
		t.Errorf("traces %+v, %v", traces, err)
	}
	graph, err := client.GetServiceGraph(t.Context(), &sdk.GetServiceGraphInput{StartTime: from, EndTime: to})
	if err != nil || len(graph.Services) != 2 {
		t.Fatalf("graph %+v, %v", graph, err)
	}
	web, called := graph.Services[1], graph.Services[0]
	if *web.Name != "web" || !*web.Root || *called.Root || len(web.Edges) != 1 || *web.Edges[0].ReferenceId != *called.ReferenceId ||
		*web.SummaryStatistics.TotalCount != 2 || *web.SummaryStatistics.FaultStatistics.TotalCount != 1 || *web.Edges[0].SummaryStatistics.OkCount != 1 {
		t.Errorf("web %+v, api %+v", web, called)
	}
}

func TestSamplingRules(t *testing.T) {
	client := newClient(t)
	rule := &types.SamplingRule{
		RuleName: aws.String("api"), Priority: aws.Int32(10), FixedRate: 0.5, ReservoirSize: 3, ServiceName: aws.String("*"), ServiceType: aws.String("*"),
		Host: aws.String("*"), HTTPMethod: aws.String("GET"), URLPath: aws.String("/api/*"), ResourceARN: aws.String("*"), Version: aws.Int32(1),
	}
	if _, err := client.CreateSamplingRule(t.Context(), &sdk.CreateSamplingRuleInput{SamplingRule: rule, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateSamplingRule(t.Context(), &sdk.CreateSamplingRuleInput{SamplingRule: rule}); servicetest.Code(err) != "InvalidRequestException" {
		t.Errorf("twice: %v", err)
	}
	if _, err := client.UpdateSamplingRule(t.Context(), &sdk.UpdateSamplingRuleInput{SamplingRuleUpdate: &types.SamplingRuleUpdate{RuleName: aws.String("api"), FixedRate: aws.Float64(0.1)}}); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetSamplingRules(t.Context(), nil)
	if err != nil || len(got.SamplingRuleRecords) != 2 || got.SamplingRuleRecords[0].SamplingRule.FixedRate != 0.1 || *got.SamplingRuleRecords[1].SamplingRule.RuleName != "Default" {
		t.Fatalf("rules %+v, %v", got, err)
	}
	tags, err := client.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceARN: got.SamplingRuleRecords[0].SamplingRule.RuleARN})
	if err != nil || len(tags.Tags) != 1 {
		t.Errorf("tags %+v, %v", tags, err)
	}
	told := types.SamplingStatisticsDocument{RuleName: aws.String("api"), ClientID: aws.String("0123456789abcdef01234567"), Timestamp: aws.Time(time.Now()), RequestCount: 9, SampledCount: 3}
	unknown := told
	unknown.RuleName = aws.String("none")
	targets, err := client.GetSamplingTargets(t.Context(), &sdk.GetSamplingTargetsInput{SamplingStatisticsDocuments: []types.SamplingStatisticsDocument{told, unknown}})
	if err != nil || len(targets.SamplingTargetDocuments) != 1 || *targets.SamplingTargetDocuments[0].ReservoirQuota != 3 || len(targets.UnprocessedStatistics) != 1 {
		t.Errorf("targets %+v, %v", targets, err)
	}
	if seen, err := client.GetSamplingStatisticSummaries(t.Context(), nil); err != nil || seen.SamplingStatisticSummaries[0].RequestCount != 9 {
		t.Errorf("statistics %+v, %v", seen, err)
	}
	if _, err := client.DeleteSamplingRule(t.Context(), &sdk.DeleteSamplingRuleInput{RuleName: aws.String("Default")}); servicetest.Code(err) != "InvalidRequestException" {
		t.Errorf("the default rule: %v", err)
	}
	if _, err := client.DeleteSamplingRule(t.Context(), &sdk.DeleteSamplingRuleInput{RuleName: aws.String("api")}); err != nil {
		t.Error(err)
	}
}

func TestGroupsEncryptionAndPolicies(t *testing.T) {
	client := newClient(t)
	made, err := client.CreateGroup(t.Context(), &sdk.CreateGroupInput{GroupName: aws.String("slow"), FilterExpression: aws.String("responsetime > 5")})
	if err != nil || *made.Group.InsightsConfiguration.InsightsEnabled {
		t.Fatalf("group %+v, %v", made, err)
	}
	if _, err := client.UpdateGroup(t.Context(), &sdk.UpdateGroupInput{GroupARN: made.Group.GroupARN, FilterExpression: aws.String("fault")}); err != nil {
		t.Fatal(err)
	}
	if got, err := client.GetGroup(t.Context(), &sdk.GetGroupInput{GroupName: aws.String("slow")}); err != nil || *got.Group.FilterExpression != "fault" {
		t.Errorf("group %+v, %v", got, err)
	}
	if _, err := client.DeleteGroup(t.Context(), &sdk.DeleteGroupInput{GroupName: aws.String("slow")}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.GetGroup(t.Context(), &sdk.GetGroupInput{GroupName: aws.String("slow")}); servicetest.Code(err) != "InvalidRequestException" {
		t.Errorf("gone: %v", err)
	}
	if _, err := client.PutEncryptionConfig(t.Context(), &sdk.PutEncryptionConfigInput{Type: types.EncryptionTypeKms, KeyId: aws.String("alias/x")}); err != nil {
		t.Fatal(err)
	}
	if got, err := client.GetEncryptionConfig(t.Context(), nil); err != nil || *got.EncryptionConfig.KeyId != "alias/x" || got.EncryptionConfig.Status != "ACTIVE" {
		t.Errorf("encryption %+v, %v", got, err)
	}
	for _, want := range []string{"1", "2"} {
		got, err := client.PutResourcePolicy(t.Context(), &sdk.PutResourcePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(`{"Statement":[]}`)})
		if err != nil || *got.ResourcePolicy.PolicyRevisionId != want {
			t.Errorf("policy %+v, %v", got, err)
		}
	}
	if _, err := client.DeleteResourcePolicy(t.Context(), &sdk.DeleteResourcePolicyInput{PolicyName: aws.String("p")}); err != nil {
		t.Fatal(err)
	}
	if got, err := client.ListResourcePolicies(t.Context(), nil); err != nil || len(got.ResourcePolicies) != 0 {
		t.Errorf("policies %+v, %v", got, err)
	}
}
