package cloudwatch

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
)

func isJSON(text string) bool { return json.Valid([]byte(text)) }

func (s *Service) describeAlarmHistory(_ context.Context, call *api.Call, in *cloudwatchapi.DescribeAlarmHistoryInput) (*cloudwatchapi.DescribeAlarmHistoryOutput, error) {
	prefix := scopeOf(call).Prefix()
	if in.AlarmName != nil {
		prefix += *in.AlarmName + ":"
	}
	types := in.AlarmTypes
	if types == nil {
		types = []string{"MetricAlarm"}
	}
	var found []HistoryItem
	for _, item := range History.Prefix(s.store.Snapshot(), prefix) {
		switch {
		case in.AlarmName != nil && item.Alarm != *in.AlarmName,
			!slices.Contains(types, item.Type),
			in.HistoryItemType != nil && item.Kind != *in.HistoryItemType,
			in.StartDate != nil && item.At.Before(*in.StartDate),
			in.EndDate != nil && item.At.After(*in.EndDate):
			continue
		}
		found = append(found, item)
	}
	slices.SortStableFunc(found, func(a, b HistoryItem) int { return a.At.Compare(b.At) })
	if api.Or(in.ScanBy, "TimestampDescending") == "TimestampDescending" {
		slices.Reverse(found)
	}
	found, next, err := cut(found, in.NextToken, int(api.Or(in.MaxRecords, 100)))
	if err != nil {
		return nil, err
	}
	out := &cloudwatchapi.DescribeAlarmHistoryOutput{NextToken: next, AlarmHistoryItems: []cloudwatchapi.AlarmHistoryItem{}}
	for _, item := range found {
		out.AlarmHistoryItems = append(out.AlarmHistoryItems, cloudwatchapi.AlarmHistoryItem{
			AlarmName: &item.Alarm, AlarmType: &item.Type, Timestamp: &item.At, HistoryItemType: &item.Kind,
			HistorySummary: &item.Summary, HistoryData: &item.Data,
		})
	}
	return out, nil
}

// javaTime writes a time as CloudWatch does in JSON.
func javaTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000-0700") }
