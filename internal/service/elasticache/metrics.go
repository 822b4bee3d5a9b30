package elasticache

import (
	"context"
	"time"

	"apex/internal/arn"
	"apex/internal/dataplane/redis"
	"apex/internal/dataplane/series"
	"apex/internal/service/meter"
)

// A reading is what a server counted at a time.
type reading = meter.Reading[redis.Figures]

// measure takes the figures of a running cache into the namespace AWS/ElastiCache,
// once a period: by cluster, and by cluster and node, as AWS has them. Of a
// replication group the first member is the server.
func (s *Service) measure(ctx context.Context, c Cache) {
	now := s.env.Now()
	if !s.meter.Due(c.Key, now, s.env.Profile.Period(time.Minute)) {
		return
	}
	seen, err := redis.Measure(ctx, s.dir(c))
	if err != nil {
		s.env.Log.DebugContext(ctx, "no figures", "cache", c.ID(), "error", err)
		return
	}
	after := reading{At: now, Counts: seen}
	before, ok := s.meter.Swap(c.Key, after)
	scope, _ := arn.SplitKey(c.Key)
	cluster := member{cache: c, n: 1}.id()
	for _, f := range figures(before, after, ok) {
		for _, dimensions := range [][]string{{"CacheClusterId", cluster}, {"CacheClusterId", cluster, "CacheNodeId", "0001"}} {
			id := series.NewID(scope.Prefix(), "AWS/ElastiCache", f.Name, dimensions...)
			if err := s.env.Metrics.Add(id, f.Unit, series.Sample{At: now, Value: f.Value}); err != nil {
				s.env.Log.WarnContext(ctx, "metric not kept", "metric", f.Name, "error", err)
				return
			}
		}
	}
}

// nodeCPUs is how many virtual CPUs the small node types have.
const nodeCPUs = 2

// figures works out the metrics of two readings. What is counted over the time
// between them needs an earlier one of the same server.
func figures(before, after reading, known bool) []meter.Figure {
	all := []meter.Figure{
		meter.Of("CurrConnections", "Count", float64(after.Counts.Connections)),
		meter.Of("CurrItems", "Count", float64(after.Counts.Keys)),
		meter.Of("BytesUsedForCache", "Bytes", float64(after.Counts.UsedMemory)),
	}
	if after.Counts.MaxMemory > 0 {
		all = append(all,
			meter.Of("DatabaseMemoryUsagePercentage", "Percent", 100*float64(after.Counts.UsedMemory)/float64(after.Counts.MaxMemory)),
			meter.Of("FreeableMemory", "Bytes", float64(max(0, after.Counts.MaxMemory-after.Counts.UsedMemory))))
	}
	seconds := after.At.Sub(before.At).Seconds()
	if !known || seconds <= 0 || after.Counts.Commands < before.Counts.Commands || after.Counts.CPU < before.Counts.CPU {
		return all // the server has begun anew
	}
	count := func(name string, before, after int64) {
		all = append(all, meter.Of(name, "Count", float64(after-before)))
	}
	count("NewConnections", before.Counts.NewConnections, after.Counts.NewConnections)
	count("CacheHits", before.Counts.Hits, after.Counts.Hits)
	count("CacheMisses", before.Counts.Misses, after.Counts.Misses)
	count("Evictions", before.Counts.Evictions, after.Counts.Evictions)
	count("Reclaimed", before.Counts.Expired, after.Counts.Expired)
	count("GetTypeCmds", before.Counts.Reads, after.Counts.Reads)
	count("SetTypeCmds", before.Counts.Writes, after.Counts.Writes)
	hits := float64(after.Counts.Hits - before.Counts.Hits)
	if asked := hits + float64(after.Counts.Misses-before.Counts.Misses); asked > 0 {
		all = append(all, meter.Of("CacheHitRate", "Percent", 100*hits/asked))
	}
	return append(all,
		meter.Of("NetworkBytesIn", "Bytes", float64(after.Counts.NetworkIn-before.Counts.NetworkIn)),
		meter.Of("NetworkBytesOut", "Bytes", float64(after.Counts.NetworkOut-before.Counts.NetworkOut)),
		meter.Of("CPUUtilization", "Percent", min(100, 100*(after.Counts.CPU-before.Counts.CPU).Seconds()/seconds/nodeCPUs)),
		meter.Of("EngineCPUUtilization", "Percent", min(100, 100*(after.Counts.MainCPU-before.Counts.MainCPU).Seconds()/seconds)),
	)
}
