package logs

import (
	"time"

	"apex/internal/api/logsapi"
	"apex/internal/store"
)

// Further tables of the service.
var (
	SubscriptionFilters = store.NewTable("logs.subscription-filters", func(f *SubscriptionFilter) string { return f.Key })
	ResourcePolicies    = store.NewTable("logs.resource-policies", func(p *ResourcePolicy) string { return p.Key })
	Exports             = store.NewTable("logs.exports", func(e *Export) string { return e.Key })
)

// A SubscriptionFilter sends the events that match on to a destination.
type SubscriptionFilter struct {
	Key    string // its group's key and name
	Spec   logsapi.SubscriptionFilter
	Status SubscriptionStatus
}

// A SubscriptionStatus is how the last delivery went.
type SubscriptionStatus struct {
	Fault string // empty if it went well
}

// A ResourcePolicy lets other services of AWS write logs; ours need none.
type ResourcePolicy struct {
	Key  string // scope and name
	Spec logsapi.ResourcePolicy
}

// An Export copies events to a bucket.
type Export struct {
	Key    string // scope and id
	Spec   ExportSpec
	Status ExportStatus
}

// An ExportSpec is what CreateExportTask says.
type ExportSpec struct {
	ID, Name      string
	Group         string // its key
	StreamPrefix  string
	From, To      time.Time // From ≤ t ≤ To
	Bucket, Under string    // Under is the prefix of keys
	Created       time.Time
	Cancelled     bool
}

// An ExportStatus is how far an export came.
type ExportStatus struct {
	Code      string // one of logsapi.ExportTaskStatusCode; empty is pending
	Message   string
	Completed time.Time
}
