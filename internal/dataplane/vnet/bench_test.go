package vnet

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"apex/internal/cidr"
)

// BenchmarkCreateInterface adds one interface to a network, whole Apply included.
func BenchmarkCreateInterface(b *testing.B) {
	l := newLab(b)
	cfg := seed("v1")
	l.apply(cfg)
	var times []time.Duration
	for n := 0; b.Loop(); n++ {
		cfg.Interfaces = append(slices.Clone(cfg.Interfaces), Interface{
			ID: fmt.Sprintf("v1-eni-%d", n), Subnet: "private-2", Address: cidr.Nth(block("10.0.128.0/17"), n+4), Groups: []string{"sg-ecs"},
		})
		start := time.Now()
		l.apply(cfg)
		times = append(times, time.Since(start))
	}
	report(b, times)
}

// BenchmarkGroupChange changes one rule of a group with 50 members.
func BenchmarkGroupChange(b *testing.B) {
	l := newLab(b)
	cfg := seed("v1")
	for n := range 50 {
		cfg.Interfaces = append(cfg.Interfaces, Interface{
			ID: fmt.Sprintf("v1-eni-%d", n), Subnet: "private-2", Address: cidr.Nth(block("10.0.128.0/17"), n+4), Groups: []string{"sg-ecs"},
		})
	}
	l.apply(cfg)
	var times []time.Duration
	for n := 0; b.Loop(); n++ {
		cfg.Groups = slices.Clone(cfg.Groups)
		cfg.Groups[1].Ingress = append(slices.Clone(cfg.Groups[1].Ingress[:1]), tcp(4000+n%1000, "10.0.0.0/16"))
		start := time.Now()
		l.apply(cfg)
		times = append(times, time.Since(start))
	}
	report(b, times)
}

func report(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	for name, at := range map[string]int{"p50-ms": len(times) / 2, "p95-ms": len(times) * 95 / 100} {
		b.ReportMetric(float64(times[at].Microseconds())/1000, name)
	}
}
