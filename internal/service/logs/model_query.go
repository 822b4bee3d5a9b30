package logs

import (
	"path/filepath"
	"time"

	"apex/internal/api/logsapi"
	"apex/internal/store"
)

// Queries are those that StartQuery took; QueryDefinitions are saved ones.
var (
	Queries          = store.NewTable("logs.queries", func(q *Query) string { return q.Key })
	QueryDefinitions = store.NewTable("logs.query-definitions", func(d *QueryDefinition) string { return d.Key })
)

// A Query is one run of a query. Its results are a file.
type Query struct {
	Key    string // scope and id
	Spec   QuerySpec
	Status QueryStatus
}

// A QuerySpec is what StartQuery says.
type QuerySpec struct {
	ID, Text string
	Groups   []string  // keys
	From, To time.Time // From ≤ t < To
	Limit    int
	Created  time.Time
	Caller   string // ARN
	Stopped  bool   // by StopQuery
}

// A QueryStatus is how far a query came.
type QueryStatus struct {
	State                          string // one of logsapi.QueryStatus; empty is Scheduled
	Reason                         string
	Matched, Scanned, Bytes, Spare float64 // events, events, bytes, bytes not looked at
	Took                           time.Duration
}

// A QueryDefinition is a saved query.
type QueryDefinition struct {
	Key  string // scope and id
	Spec logsapi.QueryDefinition
}

// resultsPath is the file of a query's results.
func (s *Service) resultsPath(id string) string {
	return filepath.Join(s.home, "logs", "queries", id+".json")
}
