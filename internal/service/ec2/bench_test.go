package ec2

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

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

// BenchmarkDescribe asks for one interface among few and among many.
func BenchmarkDescribe(b *testing.B) {
	for _, n := range []int{10, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			bench := newBench(b, "")
			vpc := bench.vpc("10.0.0.0/16")
			subnet := bench.subnet(vpc, "10.0.0.0/20", "us-east-1a")
			var one NetworkInterface
			bench.update(func(tx *store.Tx) (err error) {
				for range n {
					if one, err = RequestInterface(tx, scope, InterfaceSpec{SubnetID: subnet, CreatedAt: time.Unix(0, 0)}); err != nil {
						return err
					}
				}
				return nil
			})
			for name, in := range map[string]*sdk.DescribeNetworkInterfacesInput{
				"by id":  {NetworkInterfaceIds: []string{one.ID()}},
				"by VPC": {Filters: filters("vpc-id", "vpc-other")},
				"a page": {MaxResults: aws.Int32(10)},
			} {
				b.Run(name, func(b *testing.B) {
					for b.Loop() {
						_, err := bench.DescribeNetworkInterfaces(b.Context(), in)
						check(b, err)
					}
				})
			}
		})
	}
}
