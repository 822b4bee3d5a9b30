package rds

import (
	"context"
	"sync"
	"time"

	"apex/internal/arn"
	"apex/internal/dataplane/mysql"
	"apex/internal/dataplane/series"
)

// A meter turns the servers' figures into CloudWatch's metrics. It keeps what each
// server counted the last time.
type meter struct {
	mu   sync.Mutex // guards last
	last map[string]reading
}

type reading struct {
	at time.Time
	mysql.Figures
}

// swap keeps a reading and returns the one before.
func (m *meter) swap(key string, now reading) (reading, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, ok := m.last[key]
	if m.last == nil {
		m.last = map[string]reading{}
	}
	m.last[key] = now
	return before, ok
}

// due tells whether a server is to be looked at again.
func (m *meter) due(key string, now time.Time, period time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, ok := m.last[key]
	return !ok || now.Sub(before.at) >= period-period/4
}

// A figure is one value of a metric.
type figure struct {
	name, unit string
	value      float64
}

// measure takes the figures of a running instance into the namespace AWS/RDS, once
// a period.
func (s *Service) measure(ctx context.Context, scope arn.Scope, i Instance) {
	now := s.env.Now()
	if !s.meter.due(i.Key, now, s.env.Profile.Period(time.Minute)) {
		return
	}
	seen, err := mysql.Measure(ctx, Dir(s.env.Home, i.Spec.ResourceID))
	if err != nil {
		s.env.Log.DebugContext(ctx, "no figures", "instance", i.ID(), "error", err)
		return
	}
	after := reading{now, seen}
	before, ok := s.meter.swap(i.Key, after)
	for _, f := range figures(i.Spec.Sizing, before, after, ok) {
		id := series.NewID(scope.Prefix(), "AWS/RDS", f.name, "DBInstanceIdentifier", i.ID())
		if err := s.env.Metrics.Add(id, f.unit, series.Sample{At: now, Value: f.value}); err != nil {
			s.env.Log.WarnContext(ctx, "metric not kept", "metric", f.name, "error", err)
			return
		}
	}
}

// figures works out the metrics of two readings. Those that are rates need an
// earlier one of the same server.
func figures(size Sizing, before, after reading, known bool) []figure {
	memory, _ := classMemory(size.Class)
	all := []figure{
		{"DatabaseConnections", "Count", float64(after.Connections)},
		{"FreeStorageSpace", "Bytes", float64(max(0, size.Storage*gib-after.Stored))},
		{"FreeableMemory", "Bytes", float64(max(0, memory-after.Resident))},
	}
	seconds := after.at.Sub(before.at).Seconds()
	if !known || seconds <= 0 || after.CPU < before.CPU || after.Queries < before.Queries {
		return all // the server has begun anew
	}
	rate := func(before, after int64) float64 { return float64(after-before) / seconds }
	used := (after.CPU - before.CPU).Seconds()
	return append(all,
		figure{"CPUUtilization", "Percent", min(100, 100*used/seconds/float64(virtualCPUs(size.Class)))},
		figure{"Queries", "Count/Second", rate(before.Queries, after.Queries)},
		figure{"ReadIOPS", "Count/Second", rate(before.Reads, after.Reads)},
		figure{"WriteIOPS", "Count/Second", rate(before.Writes, after.Writes)},
		figure{"ReadThroughput", "Bytes/Second", rate(before.ReadBytes, after.ReadBytes)},
		figure{"WriteThroughput", "Bytes/Second", rate(before.WriteBytes, after.WriteBytes)},
	)
}

// virtualCPUs is how many an instance class has: two up to large, then as the
// sizes double.
func virtualCPUs(class string) int64 {
	memory, ok := classMemory(class)
	if !ok {
		return 2
	}
	per := int64(4 * gib) // memory per CPU of the m and t families
	switch family := class[len("db."):]; {
	case family[0] == 'r':
		per *= 2
	case family[0] == 'x':
		per *= 4
	}
	return max(2, memory/per)
}
