package xray

import (
	"context"
	"encoding/json"
	"time"

	"apex/internal/api"
	"apex/internal/api/xrayapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

var invalid = xrayapi.NewInvalidRequestException

// maxSummaries is how many traces one answer lists.
const maxSummaries = 1000

func (s *Service) putSegments(ctx context.Context, call *api.Call, in *xrayapi.PutTraceSegmentsRequest) (*xrayapi.PutTraceSegmentsResult, error) {
	out := &xrayapi.PutTraceSegmentsResult{UnprocessedTraceSegments: []xrayapi.UnprocessedTraceSegment{}}
	var taken []Segment
	for _, text := range in.TraceSegmentDocuments {
		d, bad := parse(text)
		if bad != nil {
			one := xrayapi.UnprocessedTraceSegment{ErrorCode: &bad.code, Message: &bad.message}
			if d.ID != "" {
				one.Id = &d.ID
			}
			out.UnprocessedTraceSegments = append(out.UnprocessedTraceSegments, one)
			continue
		}
		taken = append(taken, Segment{Key: scopeOf(call).Key(d.TraceID + "/" + d.ID), Document: text})
	}
	if len(taken) == 0 {
		return out, nil
	}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		for _, one := range taken {
			Segments.Put(tx, one)
		}
		surplus := Segments.Len(tx) - maxSegments
		for key := range Segments.All(tx) {
			if surplus--; surplus < 0 {
				break
			}
			Segments.Delete(tx, key)
		}
		return nil
	})
}

// wanted are the traces of a time that a filter or a group's filter lets through.
func (s *Service) wanted(call *api.Call, from, to time.Time, filter string) ([]trace, error) {
	wants, err := parseFilter(filter)
	switch {
	case err != nil:
		return nil, invalid("%v", err)
	case to.Before(from):
		return nil, invalid("EndTime is before StartTime")
	case to.Sub(from) > 24*time.Hour:
		return nil, invalid("Time range cannot be longer than 24 hours")
	}
	var found []trace
	for t := range traces(s.store.Snapshot(), scopeOf(call)) {
		if start, _ := t.span(); within(start, from, to) && wants(t) {
			found = append(found, t)
		}
	}
	return found, nil
}

func (s *Service) getSummaries(_ context.Context, call *api.Call, in *xrayapi.GetTraceSummariesRequest) (*xrayapi.GetTraceSummariesResult, error) {
	found, err := s.wanted(call, *in.StartTime, *in.EndTime, api.Val(in.FilterExpression))
	if err != nil {
		return nil, err
	}
	out := &xrayapi.GetTraceSummariesResult{TraceSummaries: []xrayapi.TraceSummary{}, ApproximateTime: &call.Now, TracesProcessedCount: api.Ptr(int64(len(found)))}
	for _, t := range found {
		if t.id <= api.Val(in.NextToken) {
			continue
		}
		if len(out.TraceSummaries) == maxSummaries {
			out.NextToken = out.TraceSummaries[maxSummaries-1].Id
			break
		}
		out.TraceSummaries = append(out.TraceSummaries, t.summary())
	}
	return out, nil
}

func (s *Service) getTraces(_ context.Context, call *api.Call, in *xrayapi.BatchGetTracesRequest) (*xrayapi.BatchGetTracesResult, error) {
	snap := s.store.Snapshot()
	out := &xrayapi.BatchGetTracesResult{Traces: []xrayapi.Trace{}, UnprocessedTraceIds: []string{}}
	for _, id := range in.TraceIds {
		t, ok := find(snap, scopeOf(call), id)
		if !ok {
			continue // as AWS leaves out what it does not know
		}
		start, end := t.span()
		shown := xrayapi.Trace{Id: &t.id, Duration: api.Ptr(end - start), LimitExceeded: api.Ptr(false)}
		for i, d := range t.documents {
			shown.Segments = append(shown.Segments, xrayapi.Segment{Id: api.Ptr(d.ID), Document: &t.texts[i]})
		}
		out.Traces = append(out.Traces, shown)
	}
	return out, nil
}

func (s *Service) getServiceGraph(_ context.Context, call *api.Call, in *xrayapi.GetServiceGraphRequest) (*xrayapi.GetServiceGraphResult, error) {
	filter := ""
	if in.GroupName != nil || in.GroupARN != nil {
		g, err := findGroup(s.store.Snapshot(), call, in.GroupName, in.GroupARN)
		if err != nil {
			return nil, err
		}
		filter = api.Val(g.Spec.FilterExpression)
	}
	found, err := s.wanted(call, *in.StartTime, *in.EndTime, filter)
	return &xrayapi.GetServiceGraphResult{
		StartTime: in.StartTime, EndTime: in.EndTime, Services: graphOf(found), ContainsOldGroupVersions: api.Ptr(false),
	}, err
}

func (s *Service) getTraceGraph(_ context.Context, call *api.Call, in *xrayapi.GetTraceGraphRequest) (*xrayapi.GetTraceGraphResult, error) {
	snap := s.store.Snapshot()
	var found []trace
	for _, id := range in.TraceIds {
		if t, ok := find(snap, scopeOf(call), id); ok {
			found = append(found, t)
		}
	}
	return &xrayapi.GetTraceGraphResult{Services: graphOf(found)}, nil
}

// putTelemetry takes what a daemon tells of itself; nobody asks for it.
func (s *Service) putTelemetry(context.Context, *api.Call, *xrayapi.PutTelemetryRecordsRequest) (*xrayapi.PutTelemetryRecordsResult, error) {
	return nil, nil
}

func (s *Service) putPolicy(ctx context.Context, call *api.Call, in *xrayapi.PutResourcePolicyRequest) (*xrayapi.PutResourcePolicyResult, error) {
	if !json.Valid([]byte(*in.PolicyDocument)) {
		return nil, xrayapi.NewMalformedPolicyDocumentException("the policy document is no JSON")
	}
	own := policy{Key: scopeOf(call).Key(*in.PolicyName), Document: *in.PolicyDocument, Updated: call.Now}
	out := &xrayapi.PutResourcePolicyResult{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		old, _ := policies.Get(tx, own.Key)
		if in.PolicyRevisionId != nil && old.Revision != "" && *in.PolicyRevisionId != old.Revision {
			return xrayapi.NewInvalidPolicyRevisionIdException("the policy has revision %s", old.Revision)
		}
		own.Revision = nextRevision(old.Revision)
		policies.Put(tx, own)
		out.ResourcePolicy = shownPolicy(own)
		return nil
	})
}

func (s *Service) listPolicies(_ context.Context, call *api.Call, _ *xrayapi.ListResourcePoliciesRequest) (*xrayapi.ListResourcePoliciesResult, error) {
	out := &xrayapi.ListResourcePoliciesResult{ResourcePolicies: []xrayapi.ResourcePolicy{}}
	for _, p := range policies.Prefix(s.store.Snapshot(), scopeOf(call).Prefix()) {
		out.ResourcePolicies = append(out.ResourcePolicies, *shownPolicy(p))
	}
	return out, nil
}

func (s *Service) deletePolicy(ctx context.Context, call *api.Call, in *xrayapi.DeleteResourcePolicyRequest) (*xrayapi.DeleteResourcePolicyResult, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		policies.Delete(tx, scopeOf(call).Key(*in.PolicyName))
		return nil
	})
}
