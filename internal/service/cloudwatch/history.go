package cloudwatch

import (
	"encoding/json"
	"fmt"
	"time"

	"apex/internal/store"
)

// historyAge is how long CloudWatch keeps the history of an alarm; historyMost
// bounds how many items of one alarm the region keeps.
const (
	historyAge  = 30 * 24 * time.Hour
	historyMost = 2000
)

// record writes one item of an alarm's history.
func record(tx *store.Tx, alarm Alarm, now time.Time, kind, summary string, data any) {
	text, err := json.Marshal(data)
	if err != nil {
		text = []byte("{}")
	}
	item := HistoryItem{
		Alarm: alarm.Spec.Name, Type: alarm.Kind(), At: now,
		Kind: kind, Summary: summary, Data: string(text),
	}
	for {
		item.Key = fmt.Sprintf("%s:%020d.%04d", alarm.Key, now.UnixNano(), item.Operation)
		if _, taken := History.Get(tx, item.Key); !taken {
			break
		}
		item.Operation++
	}
	History.Put(tx, item)
	prune(tx, alarm.Key, now)
}

// prune deletes what is too old, or too much, of an alarm's history.
func prune(tx *store.Tx, alarm string, now time.Time) {
	var keys []string
	oldest := now.Add(-historyAge)
	old := 0
	for key, item := range History.Prefix(tx, alarm+":") {
		keys = append(keys, key)
		if item.At.Before(oldest) {
			old++
		}
	}
	for _, key := range keys[:max(old, len(keys)-historyMost, 0)] {
		History.Delete(tx, key)
	}
}

func recordConfiguration(tx *store.Tx, alarm Alarm, done, verb string, now time.Time) {
	scope := scopeOfKey(alarm.Key)
	field := map[string]string{"Create": "createdAlarm", "Update": "updatedAlarm", "Delete": "deletedAlarm"}[verb]
	record(tx, alarm, now, "ConfigurationUpdate", fmt.Sprintf("Alarm %q %s", alarm.Spec.Name, done), map[string]any{
		"version": "1.0", "type": verb, field: configuration(scope, alarm),
	})
}

// A stateText is how history writes a state.
type stateText struct {
	Value  string          `json:"stateValue"`
	Reason string          `json:"stateReason"`
	Data   json.RawMessage `json:"stateReasonData,omitempty"`
}

func textOf(s AlarmStatus) stateText {
	text := stateText{Value: s.State, Reason: s.Reason}
	if json.Valid([]byte(s.Data)) {
		text.Data = json.RawMessage(s.Data)
	}
	return text
}

func recordState(tx *store.Tx, alarm Alarm, from, to AlarmStatus, now time.Time) {
	record(tx, alarm, now, "StateUpdate", fmt.Sprintf("Alarm updated from %s to %s", from.State, to.State), map[string]any{
		"version": "1.0", "oldState": textOf(from), "newState": textOf(to),
	})
}
