package redis

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFiguresOfINFO(t *testing.T) {
	got := figuresOf(map[string]string{
		"used_cpu_sys_main_thread": "0.5", "used_cpu_user_main_thread": "1.25", "connected_clients": "7", "total_connections_received": "70",
		"keyspace_hits": "90", "keyspace_misses": "10", "evicted_keys": "3", "expired_keys": "4", "used_memory": "1000", "maxmemory": "4000",
		"total_net_input_bytes": "11", "total_net_output_bytes": "12", "total_commands_processed": "200",
		"db0": "keys=5,expires=1,avg_ttl=0", "db3": "keys=2,expires=0,avg_ttl=0",
		"cmdstat_get": "calls=21,usec=30,usec_per_call=1.4", "cmdstat_hgetall": "calls=4,usec=1", "cmdstat_set": "calls=8,usec=9", "cmdstat_ping": "calls=1,usec=1",
	})
	want := Figures{
		MainCPU: 1750 * time.Millisecond, Connections: 7, NewConnections: 70, Hits: 90, Misses: 10, Evictions: 3, Expired: 4,
		Keys: 7, UsedMemory: 1000, MaxMemory: 4000, NetworkIn: 11, NetworkOut: 12, Commands: 200, Reads: 25, Writes: 8,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}
