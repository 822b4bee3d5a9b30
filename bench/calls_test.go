package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"apex/internal/regiontest"
)

const (
	callers  = 8               // that call at once
	measured = 3 * time.Second // of each server, after a warm-up
)

// BenchmarkCalls takes a mixed set of requests, a quarter of them writes, that
// the SDK signed, to the region, to moto's server, and to a server that is Go's
// own with the verification of signatures and gives the region's answers from
// memory. The requests are signed anew for each server and then sent again and
// again: what the SDK itself costs is not in it. The CPU time is the server
// process's.
func BenchmarkCalls(b *testing.B) {
	answers := map[string]answered{}
	b.Run("apex", func(b *testing.B) {
		r := regiontest.Start(b)
		daemon, ok := r.Home.Daemon()
		if !ok {
			b.Fatal("no region runs")
		}
		sent := setUp(b, r.AWS(b), answers)
		load(b, daemon.PID, r.Home.Port, sent)
	})
	b.Run("apex-reads", func(b *testing.B) {
		r := regiontest.Start(b)
		daemon, ok := r.Home.Daemon()
		if !ok {
			b.Fatal("no region runs")
		}
		load(b, daemon.PID, r.Home.Port, slices.DeleteFunc(setUp(b, r.AWS(b), map[string]answered{}), request.writes))
	})
	b.Run("bare", func(b *testing.B) {
		port := regiontest.FreePort(b)
		cmd := serveBare(b, port, answers)
		sent := signed(b, static(port), things{vpc: "vpc-0", subnet: "subnet-0", topic: topic}, map[string]answered{})
		load(b, cmd.Process.Pid, port, sent)
	})
	b.Run("moto", func(b *testing.B) {
		path, err := exec.LookPath("moto_server")
		if err != nil {
			b.Skip("SKIPPED: no moto_server: pip install 'moto[server]==5.2.1'")
		}
		port := regiontest.FreePort(b)
		cmd := exec.Command(path, "-p", strconv.Itoa(port))
		start(b, cmd, port)
		sent := setUp(b, static(port), map[string]answered{})
		load(b, serving(b, cmd.Process.Pid), port, sent)
	})
}

// setUp makes the things of the mixed set and has its requests signed.
func setUp(b *testing.B, cfg aws.Config, answers map[string]answered) []request {
	b.Helper()
	made, err := makeThings(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	return signed(b, cfg, made, answers)
}

// signed lets the SDK make each call once and returns its requests.
func signed(b *testing.B, cfg aws.Config, made things, answers map[string]answered) []request {
	b.Helper()
	r := &recorder{seen: answers}
	cfg.HTTPClient, cfg.RetryMaxAttempts = r, 1
	for _, c := range callsOf(cfg, made) {
		if err := c.do(b.Context()); err != nil {
			b.Fatalf("%s: %v", c.name, err)
		}
	}
	return r.sent
}

func static(port int) aws.Config {
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(bareKey, bareSecret, ""),
	}
}

// start runs a server until the benchmark ends and waits until it listens.
func start(b *testing.B, cmd *exec.Cmd, port int) {
	b.Helper()
	var said bytes.Buffer
	cmd.Stderr = &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // pyenv's shim has a child
		_ = cmd.Wait()
	})
	wait(b, cmd.Path+" listens", func() bool {
		conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

// load lets the callers send the requests, each from another one on, and reports
// what came of it.
func load(b *testing.B, pid, port int, requests []request) {
	b.Helper()
	spin(b, port, requests, time.Second)
	for b.Loop() {
		before, begin := cpu(b, pid), time.Now()
		took := spin(b, port, requests, measured)
		elapsed, used := time.Since(begin), cpu(b, pid)-before
		slices.Sort(took)
		b.ReportMetric(float64(len(took))/elapsed.Seconds(), "calls/s")
		b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
		b.ReportMetric(used.Seconds()*1e6/float64(len(took)), "cpu-us/call")
	}
	b.ReportMetric(0, "ns/op")
}

func spin(b *testing.B, port int, requests []request, length time.Duration) (took []time.Duration) {
	var mu sync.Mutex
	var group sync.WaitGroup
	end := time.Now().Add(length)
	for caller := range callers {
		group.Go(func() {
			mine, err := send(port, requests[caller*len(requests)/callers:], requests, end)
			if err != nil {
				b.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
		})
	}
	group.Wait()
	if len(took) == 0 {
		b.Fatal("nothing was answered")
	}
	return took
}

// send sends requests over one connection until the end: first these, then all,
// again and again.
func send(port int, these, all []request, end time.Time) (took []time.Duration, _ error) {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { conn.Close() }()
	answers := bufio.NewReader(conn)
	for ; time.Now().Before(end); these = all {
		for _, r := range these {
			begin := time.Now()
			if _, err := conn.Write(r.text); err != nil {
				return took, fmt.Errorf("%s: %w", r.name, err)
			}
			resp, err := http.ReadResponse(answers, nil)
			if err != nil {
				return took, fmt.Errorf("%s: %w", r.name, err)
			}
			_, err = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != http.StatusOK {
				return took, fmt.Errorf("%s: %s, %w", r.name, resp.Status, err)
			}
			took = append(took, time.Since(begin))
			if resp.Close { // moto's server ends each connection
				conn.Close()
				if conn, err = net.Dial("tcp", address); err != nil {
					return took, err
				}
				answers.Reset(conn)
			}
		}
	}
	return took, nil
}

// serving returns the process of a server's command that does the work: pyenv's
// commands may be the parent of it.
func serving(b *testing.B, pid int) int {
	b.Helper()
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", pid))
	if err != nil {
		b.Fatal(err)
	}
	if child, err := strconv.Atoi(strings.TrimSpace(string(children))); err == nil {
		return child
	}
	return pid
}
