package main

import (
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"time"
)

// A result is what one proxy did in all rounds of a row.
type result struct {
	name    string
	samples []sample
}

func printHead(w io.Writer) {
	fmt.Fprintln(w, "| load | proxy | CPU-s per 100,000 requests | ratio, median (min–max) | requests/s | p99 ms |")
	fmt.Fprintln(w, "|---|---|--:|--:|--:|--:|")
}

// printRow prints a line for each proxy. The ratio is to the row's second proxy
// in the same round.
func printRow(w io.Writer, r row, results []result) {
	for _, res := range results {
		var ratios []float64
		for i, s := range res.samples {
			ratios = append(ratios, s.cpu/results[1].samples[i].cpu)
		}
		fmt.Fprintf(w, "| %s | %s | %.2f | **%.2f** (%.2f–%.2f) | %.0f | %s |\n", r.name, res.name,
			median(column(res.samples, func(s sample) float64 { return s.cpu })),
			median(ratios), slices.Min(ratios), slices.Max(ratios),
			median(column(res.samples, func(s sample) float64 { return s.rate })), latency(res.samples))
	}
}

func latency(samples []sample) string {
	ms := median(column(samples, func(s sample) float64 { return float64(s.p99) / float64(time.Millisecond) }))
	if ms == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", ms)
}

func column(samples []sample, of func(sample) float64) (v []float64) {
	for _, s := range samples {
		v = append(v, of(s))
	}
	return v
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// versions says what is compared.
func versions() []string {
	v := []string{time.Now().UTC().Format(time.DateOnly), fmt.Sprintf("%d cores", runtime.NumCPU()), runtime.Version()}
	for _, cmd := range [][]string{{"/usr/sbin/nginx", "-v"}, {"/usr/sbin/haproxy", "-v"}, {"/usr/bin/caddy", "version"}} {
		out, _ := exec.Command(cmd[0], cmd[1:]...).CombinedOutput()
		v = append(v, cmd[0][len(cmd[0])-len(baseName(cmd[0])):]+" "+regexp.MustCompile(`\d+\.\d+\.\d+`).FindString(string(out)))
	}
	return v
}

func baseName(path string) string { return regexp.MustCompile(`[^/]+$`).FindString(path) }
