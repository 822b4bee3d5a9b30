package elasticache

import (
	"fmt"
	"testing"
	"time"

	"apex/internal/dataplane/redis"
)

func TestFigures(t *testing.T) {
	start := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	before := reading{At: start, Counts: redis.Figures{CPU: time.Second, MainCPU: time.Second, Hits: 10, Misses: 10, Reads: 20, NetworkIn: 100}}
	after := reading{At: start.Add(5 * time.Second), Counts: redis.Figures{
		CPU: 3 * time.Second, MainCPU: 2 * time.Second, Connections: 4, Keys: 7, UsedMemory: 100, MaxMemory: 400,
		Hits: 40, Misses: 20, Reads: 60, Writes: 5, NetworkIn: 350, NetworkOut: 9, Commands: 70, NewConnections: 2, Evictions: 1,
	}}
	got := map[string]string{}
	for _, f := range figures(before, after, true) {
		got[f.Name] = fmt.Sprintf("%g %s", f.Value, f.Unit)
	}
	for name, want := range map[string]string{
		"CurrConnections": "4 Count", "CurrItems": "7 Count", "BytesUsedForCache": "100 Bytes", "DatabaseMemoryUsagePercentage": "25 Percent",
		"CacheHits": "30 Count", "CacheMisses": "10 Count", "CacheHitRate": "75 Percent", "GetTypeCmds": "40 Count", "SetTypeCmds": "5 Count",
		"NetworkBytesIn": "250 Bytes", "NetworkBytesOut": "9 Bytes", "CPUUtilization": "20 Percent", "EngineCPUUtilization": "20 Percent",
		"NewConnections": "2 Count", "Evictions": "1 Count", "FreeableMemory": "300 Bytes",
	} {
		if got[name] != want {
			t.Errorf("%s is %s, want %s", name, got[name], want)
		}
	}
	for _, f := range figures(after, before, true) {
		if f.Name == "CacheHits" {
			t.Error("what was counted is told across a restart")
		}
	}
	quiet := after
	quiet.At = after.At.Add(time.Second)
	for _, f := range figures(after, quiet, true) {
		if f.Name == "CacheHitRate" {
			t.Error("nothing was asked, and yet there is a rate")
		}
	}
}
