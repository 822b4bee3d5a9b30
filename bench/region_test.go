package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"apex/internal/regiontest"
)

// patience bounds every wait.
const patience = 2 * time.Minute

// open is what the server answers to anybody, as soon as its database is there.
const open = "/api/v1/auth/methods"

// BenchmarkUp is the time from `apex up` with no state to the first answer of
// the server through the balancer, and in turn with it that of the parts that no
// way of starting the stack can avoid. Caches that outlive a purge are warm on
// both sides: Go's, and the database's template.
func BenchmarkUp(b *testing.B) {
	p := prepare(b)
	r := regiontest.New(b)
	up(b, r)
	var ups, databases, servers, sums []float64
	for b.Loop() {
		r.Apex(b, "down", "--purge")
		database, server := p.start(b)
		databases, servers = append(databases, database.Seconds()), append(servers, server.Seconds())
		sums = append(sums, (database + server).Seconds())
		ups = append(ups, up(b, r).Seconds())
	}
	b.ReportMetric(median(ups), "up-s")
	b.ReportMetric(median(sums), "parts-s")
	b.ReportMetric(median(databases), "database-s")
	b.ReportMetric(median(servers), "server-s")
	b.ReportMetric(0, "ns/op") // of all this together: says nothing
}

// up runs `apex up` to its end and returns when the server first answered.
func up(b *testing.B, r *regiontest.Region) time.Duration {
	b.Helper()
	ended := make(chan error, 1)
	begin := time.Now()
	go func() {
		_, err := r.TryApex(b.Context(), "up")
		ended <- err
	}()
	answers(b, fmt.Sprintf("http://127.0.0.1:%d%s", r.Home.HTTPPort, open))
	first := time.Since(begin)
	if err := <-ended; err != nil {
		b.Fatalf("apex up: %v\n%s", err, r.LogTail())
	}
	return first
}

// answers waits until the URL answers 200.
func answers(b *testing.B, url string) {
	b.Helper()
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	wait(b, url+" answers", func() bool {
		resp, err := client.Get(url)
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

func wait(b *testing.B, what string, holds func() bool) {
	b.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("in %s it never came true that %s", patience, what)
		}
	}
}

// BenchmarkIdle is what the region's process uses while ApexAI is up and nobody
// asks for anything: over 20 seconds, 10 after the last task became healthy.
func BenchmarkIdle(b *testing.B) {
	const settling, sample = 10 * time.Second, 20 * time.Second
	r := regiontest.New(b)
	r.Apex(b, "up")
	wait(b, "all tasks are healthy", func() bool { return settled(b, r) })
	daemon, ok := r.Home.Daemon()
	if !ok {
		b.Fatal("no region runs")
	}
	for b.Loop() {
		time.Sleep(settling)
		before := cpu(b, daemon.PID)
		time.Sleep(sample)
		b.ReportMetric(100*(cpu(b, daemon.PID)-before).Seconds()/sample.Seconds(), "%core")
		b.ReportMetric(resident(b, daemon.PID), "MiB")
	}
}

func settled(b *testing.B, r *regiontest.Region) bool {
	var st struct {
		Services map[string]struct{ Desired, Healthy int }
	}
	if err := json.Unmarshal([]byte(r.Apex(b, "status", "--output", "json")), &st); err != nil {
		b.Fatalf("apex status: %v", err)
	}
	for _, s := range st.Services {
		if s.Healthy != s.Desired {
			return false
		}
	}
	return len(st.Services) > 0
}

// cpu is what a process has used, in user mode and in the kernel, in steps of
// 10 ms.
func cpu(b *testing.B, pid int) time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+2:])) // from the third field on
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// resident is the memory of a process in MiB, its program text included.
func resident(b *testing.B, pid int) float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return float64(kib) / 1024
}
