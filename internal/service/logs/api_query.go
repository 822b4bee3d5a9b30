package logs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/awsid"
	"apex/internal/page"
	"apex/internal/service/logs/insights"
	"apex/internal/store"
)

// The bounds of queries (source: AWS's quotas).
const (
	maxQueryGroups = 50
	maxRunning     = 30
)

func (s *Service) startQuery(ctx context.Context, call *api.Call, in *logsapi.StartQueryRequest) (*logsapi.StartQueryResponse, error) {
	if language := api.Or(in.QueryLanguage, logsapi.QueryLanguageCwli); language != logsapi.QueryLanguageCwli {
		return nil, logsapi.NewInvalidParameterException("The query language %s is not built; CWLI is.", language)
	}
	if _, fault := insights.Parse(*in.QueryString); fault != nil {
		return nil, malformed(fault)
	}
	if *in.EndTime < *in.StartTime {
		return nil, logsapi.NewInvalidParameterException("End time cannot be less than Start time.")
	}
	query := Query{Spec: QuerySpec{
		ID: awsid.UUID(), Text: *in.QueryString, From: time.Unix(*in.StartTime, 0), To: time.Unix(*in.EndTime+1, 0),
		Limit: int(api.Or(in.Limit, insights.DefaultLimit)), Created: call.Now, Caller: call.Principal.ARN,
	}}
	query.Key = scopeOf(call).Key(query.Spec.ID)
	return &logsapi.StartQueryResponse{QueryId: &query.Spec.ID}, s.store.Update(ctx, func(tx *store.Tx) (err error) {
		running := 0
		for _, other := range Queries.Prefix(tx, scopeOf(call).Prefix()) {
			if !other.ended() {
				running++
			}
		}
		if running >= maxRunning {
			return logsapi.NewLimitExceededException("Account maximum query concurrency limit of [%d] reached.", maxRunning)
		}
		if query.Spec.Groups, err = queryGroups(tx, call, in); err == nil {
			Queries.Put(tx, query)
		}
		return err
	})
}

// malformed is AWS's answer to a query that cannot be read.
func malformed(fault *insights.Error) error {
	answer := logsapi.NewMalformedQueryException("%s", fault.Message)
	answer.Fields = map[string]any{"queryCompileError": map[string]any{
		"message": fault.Message, "location": map[string]any{"startCharOffset": fault.Start, "endCharOffset": fault.End},
	}}
	return answer
}

// queryGroups are the keys of the groups that a query is about.
func queryGroups(r store.Reader, call *api.Call, in *logsapi.StartQueryRequest) ([]string, error) {
	names, given := slices.Concat(in.LogGroupNames, in.LogGroupIdentifiers), 0
	for _, is := range []bool{in.LogGroupName != nil, in.LogGroupNames != nil, in.LogGroupIdentifiers != nil} {
		if is {
			given++
		}
	}
	if in.LogGroupName != nil {
		names = append(names, *in.LogGroupName)
	}
	if given != 1 || len(names) == 0 {
		return nil, logsapi.NewInvalidParameterException("Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be given.")
	}
	if len(names) > maxQueryGroups {
		return nil, logsapi.NewInvalidParameterException("A query can have at most %d log groups.", maxQueryGroups)
	}
	var keys []string
	for _, name := range names {
		group, err := findGroup(r, call, &name, nil)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(keys, group.Key) {
			keys = append(keys, group.Key)
		}
	}
	return keys, nil
}

// state is what the API says of a query.
func (q QueryStatus) state() string { return cmp.Or(q.State, logsapi.QueryStatusScheduled) }

func (q Query) ended() bool { return q.Status.State != "" }

func (s *Service) findQuery(r store.Reader, call *api.Call, id *string) (Query, error) {
	query, ok := Queries.Get(r, scopeOf(call).Key(*id))
	if !ok {
		return query, logsapi.NewResourceNotFoundException("Query %s not found.", *id)
	}
	return query, nil
}

func (s *Service) getQueryResults(_ context.Context, call *api.Call, in *logsapi.GetQueryResultsRequest) (*logsapi.GetQueryResultsResponse, error) {
	query, err := s.findQuery(s.store.Snapshot(), call, in.QueryId)
	if err != nil {
		return nil, err
	}
	status := s.running.look(query)
	out := &logsapi.GetQueryResultsResponse{
		Results: [][]logsapi.ResultField{}, Status: api.Ptr(status.state()), QueryLanguage: api.Ptr(logsapi.QueryLanguageCwli),
		Statistics: &logsapi.QueryStatistics{
			RecordsMatched: &status.Matched, RecordsScanned: &status.Scanned, BytesScanned: &status.Bytes,
			EstimatedBytesSkipped: &status.Spare, EstimatedRecordsSkipped: api.Ptr(0.0), LogGroupsScanned: api.Ptr(float64(len(query.Spec.Groups))),
		},
	}
	if status.state() != logsapi.QueryStatusComplete {
		return out, nil
	}
	rows, err := s.results(query.Spec.ID)
	if err != nil {
		return nil, err
	}
	rows, out.NextToken, err = cut(rows, in.NextToken, api.Or(in.MaxItems, insights.MaxLimit))
	for _, row := range rows {
		fields := []logsapi.ResultField{}
		for _, f := range row {
			fields = append(fields, logsapi.ResultField{Field: &f.Name, Value: &f.Value})
		}
		out.Results = append(out.Results, fields)
	}
	return out, err
}

// results reads the file of a query's results.
func (s *Service) results(id string) (rows [][]insights.Field, err error) {
	text, err := os.ReadFile(s.resultsPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // they are a week old, and going
	}
	if err == nil {
		err = json.Unmarshal(text, &rows)
	}
	if err != nil {
		return nil, fmt.Errorf("read results of query %s: %w", id, err)
	}
	return rows, nil
}

func (s *Service) stopQuery(ctx context.Context, call *api.Call, in *logsapi.StopQueryRequest) (*logsapi.StopQueryResponse, error) {
	key := ""
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		query, err := s.findQuery(tx, call, in.QueryId)
		if err != nil {
			return err
		}
		if query.ended() {
			return logsapi.NewInvalidParameterException("Query %s is not running.", *in.QueryId)
		}
		key = query.Key
		Queries.Modify(tx, key, func(own *Query) { own.Spec.Stopped = true })
		return nil
	})
	s.running.cancel(key)
	return &logsapi.StopQueryResponse{Success: api.Ptr(err == nil)}, err
}

func (s *Service) describeQueries(_ context.Context, call *api.Call, in *logsapi.DescribeQueriesRequest) (*logsapi.DescribeQueriesResponse, error) {
	all := []logsapi.QueryInfo{}
	for _, query := range Queries.Prefix(s.store.Snapshot(), scopeOf(call).Prefix()) {
		status := s.running.look(query)
		group := strings.TrimPrefix(query.Spec.Groups[0], scopeOf(call).Prefix())
		if in.Status != nil && *in.Status != status.state() ||
			in.LogGroupName != nil && !slices.Contains(query.Spec.Groups, scopeOf(call).Key(*in.LogGroupName)) {
			continue
		}
		all = append(all, logsapi.QueryInfo{
			QueryId: &query.Spec.ID, QueryString: &query.Spec.Text, Status: api.Ptr(status.state()), LogGroupName: &group,
			CreateTime: api.Ptr(query.Spec.Created.UnixMilli()), QueryLanguage: api.Ptr(logsapi.QueryLanguageCwli),
			QueryDuration: api.Ptr(status.Took.Milliseconds()), BytesScanned: &status.Bytes, UserIdentity: &query.Spec.Caller,
		})
	}
	out, err := &logsapi.DescribeQueriesResponse{}, error(nil)
	out.Queries, out.NextToken, err = paged(all, func(q *logsapi.QueryInfo) string { return page.Newest(time.UnixMilli(*q.CreateTime), *q.QueryId) }, in.NextToken, api.Or(in.MaxResults, 1000))
	return out, err
}
