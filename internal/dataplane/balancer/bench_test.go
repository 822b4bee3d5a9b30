package balancer

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkAgainstNginx compares what one request costs, in CPU time of the
// proxy, with nginx (one worker) in the same rounds. It needs nginx and wrk:
//
//	go test -run '^$' -bench AgainstNginx -benchtime 1x ./internal/dataplane/balancer
//
// "x-nginx" is the median over rounds of our cost divided by nginx's.
func BenchmarkAgainstNginx(b *testing.B) {
	for _, tool := range []string{"nginx", "wrk"} {
		if _, err := exec.LookPath(tool); err != nil {
			b.Skip(tool + " is not installed")
		}
	}
	for _, tt := range []struct{ clients, size int }{{32, 1 << 10}, {128, 1 << 10}, {32, 64 << 10}} {
		b.Run(fmt.Sprintf("clients=%d/bytes=%d", tt.clients, tt.size), func(b *testing.B) {
			compare(b, tt.clients, tt.size)
		})
	}
}

const rounds = 3

func compare(b *testing.B, clients, size int) {
	target := freeAddr(b)
	startNginx(b, nginxTarget, target, netip.AddrPort{}, size)
	proxy := freeAddr(b)
	nginxPID := startNginx(b, nginxProxy, proxy, target, 0)
	ours := freeAddr(b)
	dir := deepDir(b)
	launch(b, dir)
	mustApply(b, dir, benchConfig(ours, target))
	st := awaitState(b, dir, healthy(1))
	for b.Loop() {
		var ratios, own, theirs []float64
		for range rounds {
			n := cost(b, proxy, clients, nginxPID)
			o := cost(b, ours, clients, st.PID)
			own, theirs, ratios = append(own, o), append(theirs, n), append(ratios, o/n)
		}
		b.ReportMetric(median(ratios), "x-nginx")
		b.ReportMetric(median(own), "cpu-s/100k")
		b.ReportMetric(median(theirs), "nginx-cpu-s/100k")
	}
}

// benchConfig has the rules that the proxy has to look at.
func benchConfig(addr, target netip.AddrPort) Config {
	cfg := configFor(addr, target)
	cfg.Groups[0].Check.Interval = time.Second
	cfg.Listeners[0].Rules = seedRules("g")
	return cfg
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// cost loads the proxy for a while and returns its CPU seconds per 100,000
// requests.
func cost(b *testing.B, addr netip.AddrPort, clients, pid int) float64 {
	before := cpuSeconds(b, pid)
	out, err := exec.Command("wrk", "-t1", "-c"+strconv.Itoa(clients), "-d3s", "http://"+addr.String()+"/x").CombinedOutput()
	if err != nil || strings.Contains(string(out), "Non-2xx") || strings.Contains(string(out), "Socket errors") {
		b.Fatalf("wrk: %v\n%s", err, out)
	}
	m := regexp.MustCompile(`(\d+) requests in`).FindSubmatch(out)
	n, _ := strconv.ParseFloat(string(m[1]), 64)
	return (cpuSeconds(b, pid) - before) / n * 100_000
}

// cpuSeconds reads what a process has used, in user mode and in the kernel.
func cpuSeconds(b *testing.B, pid int) float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	f := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+2:]))
	user, _ := strconv.ParseFloat(f[11], 64)
	system, _ := strconv.ParseFloat(f[12], 64)
	return (user + system) / 100
}

const nginxCommon = `daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 2048; }
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f;
uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s; keepalive_requests 100000000; `

const nginxTarget = nginxCommon + `server { listen %[2]s; location / { root %[1]s; try_files /body =404; } } }`

const nginxProxy = nginxCommon + `upstream t { server %[3]s; keepalive 256; keepalive_requests 100000000; }
server { listen %[2]s; location / { proxy_pass http://t; proxy_http_version 1.1; proxy_set_header Connection "";
proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Port $server_port; } } }`

// startNginx runs one nginx process and returns its id.
func startNginx(b *testing.B, config string, addr, upstream netip.AddrPort, size int) int {
	b.Helper()
	dir := b.TempDir()
	os.Chmod(dir, 0o755)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	write("body", strings.Repeat("x", size))
	write("nginx.conf", strings.NewReplacer("%[1]s", dir, "%[2]s", addr.String(), "%[3]s", upstream.String()).Replace(config))
	cmd := exec.Command("nginx", "-p", dir, "-e", dir+"/error.log", "-c", dir+"/nginx.conf")
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd.Process.Pid
}
