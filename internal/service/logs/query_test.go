package logs

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/controller"
	"apex/internal/dataplane/logfile"
	"apex/internal/service/servicetest"
)

// query starts a query over the last hour and waits for its end.
func (f *fixture) query(text string) *sdk.GetQueryResultsOutput {
	f.t.Helper()
	started, err := f.StartQuery(f.t.Context(), &sdk.StartQueryInput{
		LogGroupName: aws.String(group), QueryString: &text,
		StartTime: aws.Int64(f.now.Now().Add(-time.Hour).Unix()), EndTime: aws.Int64(f.now.Now().Unix()),
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return f.awaitQuery(started.QueryId)
}

func (f *fixture) awaitQuery(id *string) *sdk.GetQueryResultsOutput {
	f.t.Helper()
	for range 1000 {
		out, err := f.GetQueryResults(f.t.Context(), &sdk.GetQueryResultsInput{QueryId: id})
		if err != nil {
			f.t.Fatal(err)
		}
		if out.Status != types.QueryStatusScheduled && out.Status != types.QueryStatusRunning {
			return out
		}
		time.Sleep(20 * time.Millisecond)
	}
	f.t.Fatal("the query does not end")
	return nil
}

func rowsOf(out *sdk.GetQueryResultsOutput) string {
	var lines []string
	for _, row := range out.Results {
		var fields []string
		for _, field := range row {
			if *field.Field != "@ptr" {
				fields = append(fields, *field.Field+"="+*field.Value)
			}
		}
		lines = append(lines, strings.Join(fields, " "))
	}
	return strings.Join(lines, "\n")
}

func TestQuery(t *testing.T) {
	f := start(t)
	f.stream("a", "b")
	f.put("a", 2*time.Hour, `{"level":"error"}`) // before the query's time
	f.put("a", time.Minute, `{"level":"error","took":7}`, `{"level":"info","took":2}`)
	f.put("b", time.Minute, `{"level":"error","took":9}`)
	logfile.Pack(StreamDir(f.env.Home, scope, group, "a"))
	out := f.query("stats count(*) as n, max(took) as most by level")
	if out.Status != types.QueryStatusComplete || out.Statistics.RecordsMatched != 3 || out.Statistics.BytesScanned == 0 {
		t.Errorf("%s, %+v", out.Status, out.Statistics)
	}
	if diff := cmp.Diff("level=error n=2 most=9\nlevel=info n=1 most=2", rowsOf(out)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	again := New(f.env) // another region finds what the first one found
	if rows, err := again.results(queryID(t, f)); err != nil || len(rows) != 2 {
		t.Errorf("%v, %v", rows, err)
	}

	pointer := ""
	for _, field := range f.query("filter took = 9 | fields @timestamp").Results[0] {
		if *field.Field == "@ptr" {
			pointer = *field.Value
		}
	}
	record, err := f.GetLogRecord(t.Context(), &sdk.GetLogRecordInput{LogRecordPointer: &pointer})
	if err != nil || record.LogRecord["took"] != "9" || record.LogRecord["@logStream"] != "b" || record.LogRecord["@log"] != servicetest.Account+":"+group {
		t.Errorf("%+v, %v", record, err)
	}
	if _, err := f.GetLogRecord(t.Context(), &sdk.GetLogRecordInput{LogRecordPointer: aws.String("x")}); servicetest.Code(err) != "InvalidParameterException" {
		t.Error(err)
	}
}

func queryID(t *testing.T, f *fixture) string {
	t.Helper()
	out, err := f.DescribeQueries(t.Context(), &sdk.DescribeQueriesInput{LogGroupName: aws.String(group), Status: types.QueryStatusComplete})
	if err != nil || len(out.Queries) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	return *out.Queries[0].QueryId
}

func TestQueryFaults(t *testing.T) {
	f := start(t)
	in := func(edit func(*sdk.StartQueryInput)) *sdk.StartQueryInput {
		own := &sdk.StartQueryInput{LogGroupName: aws.String(group), QueryString: aws.String("fields a"), StartTime: aws.Int64(1), EndTime: aws.Int64(2)}
		edit(own)
		return own
	}
	_, err := f.StartQuery(t.Context(), in(func(q *sdk.StartQueryInput) { q.QueryString = aws.String("fields a | fliter b") }))
	malformed, ok := errors.AsType[*types.MalformedQueryException](err)
	if !ok || malformed.QueryCompileError == nil || *malformed.QueryCompileError.Location.StartCharOffset != 11 || *malformed.QueryCompileError.Location.EndCharOffset != 17 {
		t.Errorf("%v, %+v", err, malformed)
	}
	for name, tt := range map[string]struct {
		edit func(*sdk.StartQueryInput)
		want string
	}{
		"no group":       {func(q *sdk.StartQueryInput) { q.LogGroupName = nil }, "InvalidParameterException"},
		"two ways":       {func(q *sdk.StartQueryInput) { q.LogGroupNames = []string{group} }, "InvalidParameterException"},
		"unknown group":  {func(q *sdk.StartQueryInput) { q.LogGroupName = aws.String("none") }, "ResourceNotFoundException"},
		"end first":      {func(q *sdk.StartQueryInput) { q.EndTime = aws.Int64(0) }, "InvalidParameterException"},
		"other language": {func(q *sdk.StartQueryInput) { q.QueryLanguage = types.QueryLanguageSql }, "InvalidParameterException"},
	} {
		if _, err := f.StartQuery(t.Context(), in(tt.edit)); servicetest.Code(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	for _, id := range []string{"none"} {
		if _, err := f.GetQueryResults(t.Context(), &sdk.GetQueryResultsInput{QueryId: &id}); servicetest.Code(err) != "ResourceNotFoundException" {
			t.Error(err)
		}
	}
}

// A stopped query ends; its results are none.
func TestStopQuery(t *testing.T) {
	f := startWith(t, func(*Service) []controller.Controller { return nil })
	started, err := f.StartQuery(t.Context(), &sdk.StartQueryInput{
		LogGroupIdentifiers: []string{GroupARN(scope.Key(group))}, QueryString: aws.String("fields a"), StartTime: aws.Int64(1), EndTime: aws.Int64(2),
	})
	if err != nil {
		t.Fatal(err)
	}
	f.must(f.StopQuery(t.Context(), &sdk.StopQueryInput{QueryId: started.QueryId}))
	servicetest.Run(t, f.env, f.queryController())
	if out := f.awaitQuery(started.QueryId); out.Status != types.QueryStatusCancelled || len(out.Results) != 0 {
		t.Errorf("%+v", out)
	}
	if _, err := f.StopQuery(t.Context(), &sdk.StopQueryInput{QueryId: started.QueryId}); servicetest.Code(err) != "InvalidParameterException" {
		t.Error(err)
	}
}

func TestQueryDefinitions(t *testing.T) {
	f := start(t)
	put := func(id *string, name string) string {
		out, err := f.PutQueryDefinition(t.Context(), &sdk.PutQueryDefinitionInput{
			Name: &name, QueryString: aws.String("fields a"), LogGroupNames: []string{group}, QueryDefinitionId: id,
		})
		if err != nil {
			return servicetest.Code(err)
		}
		return *out.QueryDefinitionId
	}
	first := put(nil, "errors/first")
	put(nil, "slow")
	if id := put(&first, "errors/by user"); id != first {
		t.Errorf("id %s, want %s", id, first)
	}
	if code := put(aws.String("none"), "x"); code != "ResourceNotFoundException" {
		t.Error(code)
	}
	out, err := f.DescribeQueryDefinitions(t.Context(), &sdk.DescribeQueryDefinitionsInput{QueryDefinitionNamePrefix: aws.String("errors/")})
	if err != nil || len(out.QueryDefinitions) != 1 || *out.QueryDefinitions[0].Name != "errors/by user" {
		t.Errorf("%+v, %v", out, err)
	}
	f.must(f.DeleteQueryDefinition(t.Context(), &sdk.DeleteQueryDefinitionInput{QueryDefinitionId: &first}))
	if _, err := f.DeleteQueryDefinition(t.Context(), &sdk.DeleteQueryDefinitionInput{QueryDefinitionId: &first}); servicetest.Code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
}

func TestLogGroupFields(t *testing.T) {
	f := start(t)
	f.stream("a")
	f.put("a", time.Minute, `{"level":"error","user":{"id":1}}`, `{"level":"info"}`, "text", "text")
	out, err := f.GetLogGroupFields(t.Context(), &sdk.GetLogGroupFieldsInput{LogGroupName: aws.String(group)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, field := range out.LogGroupFields {
		got = append(got, fmt.Sprint(*field.Name, " ", field.Percent))
	}
	want := "@ingestionTime 100,@log 100,@logStream 100,@message 100,@timestamp 100,level 50,user.id 25"
	if diff := cmp.Diff(want, strings.Join(got, ",")); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}
