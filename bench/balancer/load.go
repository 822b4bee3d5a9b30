package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A sample is what one proxy did under load for a while.
type sample struct {
	cpu  float64 // seconds per 100,000 requests
	rate float64 // requests per second
	p99  time.Duration
}

// kept loads a proxy over connections that are kept, with wrk.
func kept(ctx context.Context, x *proxy, r row, d time.Duration) (sample, error) {
	scheme := "http://"
	if r.tls != nil {
		scheme = "https://"
	}
	args := []string{"-t1", "-c" + strconv.Itoa(r.clients), "-d" + strconv.Itoa(int(d/time.Second)) + "s", "--latency"}
	if r.gzip {
		args = append(args, "-H", "Accept-Encoding: gzip")
	}
	before, err := cpuSeconds(x.pid)
	if err != nil {
		return sample{}, err
	}
	out, err := exec.CommandContext(ctx, "wrk", append(args, scheme+x.addr.String()+r.path)...).CombinedOutput()
	if err != nil {
		return sample{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	after, err := cpuSeconds(x.pid)
	if err != nil {
		return sample{}, err
	}
	return readWrk(string(out), after-before, d)
}

// readWrk refuses a run in which anything failed.
func readWrk(out string, cpu float64, d time.Duration) (s sample, err error) {
	if strings.Contains(out, "Non-2xx") || strings.Contains(out, "Socket errors") {
		return s, fmt.Errorf("requests failed: %s", out)
	}
	m := regexp.MustCompile(`(\d+) requests in`).FindStringSubmatch(out)
	p := regexp.MustCompile(`(?m)^\s+99%\s+(\S+)`).FindStringSubmatch(out)
	if m == nil || p == nil {
		return s, fmt.Errorf("wrk said: %s", out)
	}
	n, _ := strconv.ParseFloat(m[1], 64)
	s.p99, err = time.ParseDuration(p[1])
	s.cpu, s.rate = cpu/n*100_000, n/d.Seconds()
	return s, err
}

// fresh loads a proxy with one TLS handshake for each request, none of them
// resumed.
func fresh(ctx context.Context, x *proxy, r row, d time.Duration) (sample, error) {
	before, err := cpuSeconds(x.pid)
	if err != nil {
		return sample{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var done atomic.Int64
	var fault atomic.Pointer[error]
	var wg sync.WaitGroup
	for range r.clients {
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := ask(x.addr.String(), r.path); err != nil {
					fault.Store(&err)
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	if err := fault.Load(); err != nil {
		return sample{}, *err
	}
	after, err := cpuSeconds(x.pid)
	n := float64(done.Load())
	return sample{cpu: (after - before) / n * 100_000, rate: n / d.Seconds()}, err
}

func ask(addr, path string) error {
	plain, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	c := tls.Client(plain, &tls.Config{InsecureSkipVerify: true}) // it is the benchmark's own server
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
		return err
	}
	answer, err := io.ReadAll(c)
	if err == nil && !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") {
		err = fmt.Errorf("answer %.80q", answer)
	}
	return err
}
