package ec2

import (
	"slices"
	"testing"
	"time"

	"apex/internal/store"
)

// BenchmarkInterfaceReady is the time from the request's commit until the store
// says that packets can flow.
func BenchmarkInterfaceReady(b *testing.B) {
	w := newWorld(b)
	subnet := w.subnet(w.vpc("10.0.0.0/16"), "10.0.0.0/20", "us-east-1a")
	w.iface(InterfaceSpec{SubnetID: subnet})
	var times []time.Duration
	for b.Loop() {
		start := time.Now()
		w.iface(InterfaceSpec{SubnetID: subnet})
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
}

// BenchmarkPlan compiles a VPC of a hundred interfaces.
func BenchmarkPlan(b *testing.B) {
	w := newBench(b, "")
	vpc := w.vpc("10.0.0.0/16")
	subnet := w.subnet(vpc, "10.0.0.0/20", "us-east-1a")
	for range 100 {
		w.update(func(tx *store.Tx) error {
			_, err := RequestInterface(tx, scope, InterfaceSpec{SubnetID: subnet})
			return err
		})
	}
	snap := w.env.Store.Snapshot()
	row, _ := VPCs.Get(snap, scope.Key(vpc))
	for b.Loop() {
		network(snap, scope, row)
	}
}
