package elasticache

import (
	"context"
	"sync"
	"time"

	"apex/internal/arn"
	"apex/internal/dataplane/redis"
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
	redis.Figures
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

// measure takes the figures of a running cache into the namespace AWS/ElastiCache,
// once a period: by cluster, and by cluster and node, as AWS has them. Of a
// replication group the first member is the server.
func (s *Service) measure(ctx context.Context, c Cache) {
	now := s.env.Now()
	if !s.meter.due(c.Key, now, s.env.Profile.Period(time.Minute)) {
		return
	}
	seen, err := redis.Measure(ctx, s.dir(c))
	if err != nil {
		s.env.Log.DebugContext(ctx, "no figures", "cache", c.ID(), "error", err)
		return
	}
	after := reading{now, seen}
	before, ok := s.meter.swap(c.Key, after)
	scope, _ := arn.SplitKey(c.Key)
	cluster := member{cache: c, n: 1}.id()
	for _, f := range figures(before, after, ok) {
		for _, dimensions := range [][]string{{"CacheClusterId", cluster}, {"CacheClusterId", cluster, "CacheNodeId", "0001"}} {
			id := series.NewID(scope.Prefix(), "AWS/ElastiCache", f.name, dimensions...)
			if err := s.env.Metrics.Add(id, f.unit, series.Sample{At: now, Value: f.value}); err != nil {
				s.env.Log.WarnContext(ctx, "metric not kept", "metric", f.name, "error", err)
				return
			}
		}
	}
}

// nodeCPUs is how many virtual CPUs the small node types have.
const nodeCPUs = 2

// figures works out the metrics of two readings. What is counted over the time
// between them needs an earlier one of the same server.
func figures(before, after reading, known bool) []figure {
	all := []figure{
		{"CurrConnections", "Count", float64(after.Connections)},
		{"CurrItems", "Count", float64(after.Keys)},
		{"BytesUsedForCache", "Bytes", float64(after.UsedMemory)},
	}
	if after.MaxMemory > 0 {
		all = append(all,
			figure{"DatabaseMemoryUsagePercentage", "Percent", 100 * float64(after.UsedMemory) / float64(after.MaxMemory)},
			figure{"FreeableMemory", "Bytes", float64(max(0, after.MaxMemory-after.UsedMemory))})
	}
	seconds := after.at.Sub(before.at).Seconds()
	if !known || seconds <= 0 || after.Commands < before.Commands || after.CPU < before.CPU {
		return all // the server has begun anew
	}
	count := func(name string, before, after int64) {
		all = append(all, figure{name, "Count", float64(after - before)})
	}
	count("NewConnections", before.NewConnections, after.NewConnections)
	count("CacheHits", before.Hits, after.Hits)
	count("CacheMisses", before.Misses, after.Misses)
	count("Evictions", before.Evictions, after.Evictions)
	count("Reclaimed", before.Expired, after.Expired)
	count("GetTypeCmds", before.Reads, after.Reads)
	count("SetTypeCmds", before.Writes, after.Writes)
	hits := float64(after.Hits - before.Hits)
	if asked := hits + float64(after.Misses-before.Misses); asked > 0 {
		all = append(all, figure{"CacheHitRate", "Percent", 100 * hits / asked})
	}
	return append(all,
		figure{"NetworkBytesIn", "Bytes", float64(after.NetworkIn - before.NetworkIn)},
		figure{"NetworkBytesOut", "Bytes", float64(after.NetworkOut - before.NetworkOut)},
		figure{"CPUUtilization", "Percent", min(100, 100*(after.CPU-before.CPU).Seconds()/seconds/nodeCPUs)},
		figure{"EngineCPUUtilization", "Percent", min(100, 100*(after.MainCPU-before.MainCPU).Seconds()/seconds)},
	)
}
