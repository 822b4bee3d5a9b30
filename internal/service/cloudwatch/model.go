// Package cloudwatch serves Amazon CloudWatch: metrics out of the series store,
// alarms over them, dashboards.
//
// Alarms are rows. The API writes their Spec; one controller evaluates each alarm
// once a period, and writes its new state, the history of it and the notices to
// send in one transaction, so that a crash neither loses nor repeats any.
package cloudwatch

import (
	"time"

	"apex/internal/arn"
	"apex/internal/dataplane/series"
	"apex/internal/store"
	"apex/internal/tag"
)

// The service's tables.
var (
	Alarms     = store.NewTable("cloudwatch.alarms", func(a *Alarm) string { return a.Key })
	History    = store.NewTable("cloudwatch.history", func(h *HistoryItem) string { return h.Key })
	Dashboards = store.NewTable("cloudwatch.dashboards", func(d *Dashboard) string { return d.Key })
)

// Tables returns the service's tables.
func Tables() []store.AnyTable { return []store.AnyTable{Alarms, History, Dashboards} }

// The states of an alarm.
const (
	StateOK           = "OK"
	StateAlarm        = "ALARM"
	StateInsufficient = "INSUFFICIENT_DATA"
)

// An Alarm watches a metric, or other alarms.
type Alarm struct {
	Key    string // scope and name
	Spec   AlarmSpec
	Status AlarmStatus
}

// An AlarmSpec is what an alarm was told to do. Just one of Metric and Composite
// is there.
type AlarmSpec struct {
	Name, Description   string
	ActionsEnabled      bool
	OKActions           []string
	AlarmActions        []string
	InsufficientActions []string
	Tags                tag.Tags
	Created, Updated    time.Time
	Metric              *MetricRule
	Composite           *CompositeRule
	Forced              *Forced // what SetAlarmState asked for last
}

// A MetricRule says when an alarm of a metric or of metric math is on.
type MetricRule struct {
	Stat              Stat    // the metric, unless Queries are given
	Queries           []Query // metric math; just one of them returns data
	EvaluationPeriods int     // N: how many of the last periods count
	DatapointsToAlarm int     // M of these N must breach; 0 is all of them
	Threshold         float64
	Comparison        string // "GreaterThanThreshold", …
	Missing           string // TreatMissingData; empty is "missing"
	LowSamples        string // EvaluateLowSampleCountPercentile; empty is "evaluate"
}

// A Stat is a statistic of a metric by period.
type Stat struct {
	Namespace, Name string
	Dimensions      []series.Label
	Period          int    // seconds
	Statistic       string // "Average", "p99.9", …
	Unit            string // empty for any
}

// A Query is one line of metric math: a statistic, or an expression of others.
type Query struct {
	ID         string
	Stat       *Stat
	Expression string
	Label      string
	Hidden     bool // ReturnData is false
	Period     int  // of an expression; 0 is that of what it reads
}

// A CompositeRule says of which alarms' states a composite alarm is made.
type CompositeRule struct {
	Rule       string // "ALARM(a) AND NOT OK(b)"
	Suppressor string // name of the alarm that holds back this one's actions
	Wait       int    // seconds that actions wait for the suppressor to go on
	Extension  int    // seconds that they wait after it went off
}

// Forced is a state that a person set. It holds until the next evaluation finds
// another.
type Forced struct {
	State, Reason, Data string
	At                  time.Time
}

// An AlarmStatus is what the evaluation of an alarm found.
type AlarmStatus struct {
	State, Reason, Data string
	Updated             time.Time // when the state or its reason last changed
	Transitioned        time.Time // when the state last changed
	Forced              time.Time // the time of the last Forced that was taken over
	Partial             bool      // not all of a query's series could be read
	Suppressed          *Suppression
}

// A Suppression is why a composite alarm holds its actions back.
type Suppression struct {
	By, Reason string    // "Alarm", "WaitPeriod" or "ExtensionPeriod", and words
	Since      time.Time // when it began
	Pending    bool      // the state's actions have yet to be carried out
}

// A HistoryItem is one thing that happened to an alarm. It outlives the alarm.
type HistoryItem struct {
	Key       string // the alarm's key, a colon, and the time, so that keys sort by it
	Alarm     string // name
	Type      string // "MetricAlarm", "CompositeAlarm"
	At        time.Time
	Kind      string // "ConfigurationUpdate", "StateUpdate", "Action"
	Summary   string
	Data      string // JSON
	Operation int    // tells apart what one transaction writes
}

// A Dashboard is kept as it was put.
type Dashboard struct {
	Key      string
	Name     string
	Body     string
	Modified time.Time
	Tags     tag.Tags
}

// Kind is the alarm's type in AWS's words.
func (a *Alarm) Kind() string {
	if a.Spec.Composite != nil {
		return "CompositeAlarm"
	}
	return "MetricAlarm"
}

// state returns the alarm's status as callers see it: what a person set shows at
// once, before the controller took it over.
func (a *Alarm) state() AlarmStatus {
	status := a.Status
	if status.State == "" {
		status.State, status.Reason = StateInsufficient, "Unchecked: Initial alarm creation"
		status.Updated, status.Transitioned = a.Spec.Created, a.Spec.Created
	}
	if f := a.Spec.Forced; f != nil && f.At.After(status.Forced) {
		if f.State != status.State {
			status.Transitioned = f.At
		}
		status.State, status.Reason, status.Data, status.Updated = f.State, f.Reason, f.Data, f.At
	}
	return status
}

// StateOf returns an alarm's state: StateOK, StateAlarm or StateInsufficient; false
// if there is no such alarm.
func StateOf(r store.Reader, scope arn.Scope, name string) (string, bool) {
	alarm, ok := Alarms.Get(r, scope.Key(name))
	if !ok {
		return "", false
	}
	return alarm.state().State, true
}

// AlarmARN names an alarm.
func AlarmARN(scope arn.Scope, name string) string { return scope.ARN("cloudwatch", "alarm:"+name) }
