package rds

import (
	"context"
	"time"

	"apex/internal/arn"
	"apex/internal/dataplane/mysql"
	"apex/internal/dataplane/series"
	"apex/internal/service/meter"
)

// A reading is what a server counted at a time.
type reading = meter.Reading[mysql.Figures]

// measure takes the figures of a running instance into the namespace AWS/RDS, once
// a period.
func (s *Service) measure(ctx context.Context, scope arn.Scope, i Instance) {
	now := s.env.Now()
	if !s.meter.Due(i.Key, now, s.env.Profile.Period(time.Minute)) {
		return
	}
	seen, err := mysql.Measure(ctx, Dir(s.env.Home, i.Spec.ResourceID))
	if err != nil {
		s.env.Log.DebugContext(ctx, "no figures", "instance", i.ID(), "error", err)
		return
	}
	after := reading{At: now, Counts: seen}
	before, ok := s.meter.Swap(i.Key, after)
	for _, f := range figures(i.Spec.Sizing, before, after, ok) {
		id := series.NewID(scope.Prefix(), "AWS/RDS", f.Name, "DBInstanceIdentifier", i.ID())
		if err := s.env.Metrics.Add(id, f.Unit, series.Sample{At: now, Value: f.Value}); err != nil {
			s.env.Log.WarnContext(ctx, "metric not kept", "metric", f.Name, "error", err)
			return
		}
	}
}

// figures works out the metrics of two readings. Those that are rates need an
// earlier one of the same server.
func figures(size Sizing, before, after reading, known bool) []meter.Figure {
	memory, _ := classMemory(size.Class)
	all := []meter.Figure{
		meter.Of("DatabaseConnections", "Count", float64(after.Counts.Connections)),
		meter.Of("FreeStorageSpace", "Bytes", float64(max(0, size.Storage*gib-after.Counts.Stored))),
		meter.Of("FreeableMemory", "Bytes", float64(max(0, memory-after.Counts.Resident))),
	}
	seconds := after.At.Sub(before.At).Seconds()
	if !known || seconds <= 0 || after.Counts.CPU < before.Counts.CPU || after.Counts.Queries < before.Counts.Queries {
		return all // the server has begun anew
	}
	rate := func(before, after int64) float64 { return float64(after-before) / seconds }
	used := (after.Counts.CPU - before.Counts.CPU).Seconds()
	return append(all,
		meter.Of("CPUUtilization", "Percent", min(100, 100*used/seconds/float64(virtualCPUs(size.Class)))),
		meter.Of("Queries", "Count/Second", rate(before.Counts.Queries, after.Counts.Queries)),
		meter.Of("ReadIOPS", "Count/Second", rate(before.Counts.Reads, after.Counts.Reads)),
		meter.Of("WriteIOPS", "Count/Second", rate(before.Counts.Writes, after.Counts.Writes)),
		meter.Of("ReadThroughput", "Bytes/Second", rate(before.Counts.ReadBytes, after.Counts.ReadBytes)),
		meter.Of("WriteThroughput", "Bytes/Second", rate(before.Counts.WriteBytes, after.Counts.WriteBytes)),
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
