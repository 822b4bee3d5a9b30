package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"apex/internal/dataplane/balancer"
	"apex/internal/dataplane/balancer/route"
	"apex/internal/dataplane/supervisor"
)

// A kind is a proxy in one configuration.
type kind struct {
	name  string
	start starter
}

// A starter runs a proxy in dir at x.addr, and fills in x.
type starter func(ctx context.Context, p *processes, dir string, x *proxy, targets []netip.AddrPort, r row) error

// A proxy is one that runs.
type proxy struct {
	kind kind
	addr netip.AddrPort
	pid  int
	stop func()
}

var (
	apex     = kind{"apex", startApex}
	nginx    = kind{"nginx, 1 worker", startNginx("off")}
	nginxLog = kind{"nginx, 1 worker, log", startNginx("access.log combined buffer=64k")}
	haproxy  = kind{"HAProxy, 2 threads", startHAProxy}
	caddy    = kind{"Caddy", startCaddy}
)

// start runs a proxy before the targets and waits until it answers.
func (p *processes) start(ctx context.Context, k kind, targets []netip.AddrPort, r row) (*proxy, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	dir, err := p.sub(strings.Fields(k.name)[0])
	if err != nil {
		return nil, err
	}
	x := &proxy{kind: k, addr: addr}
	if err := k.start(ctx, p, dir, x, targets, r); err != nil {
		return nil, fmt.Errorf("%s: %w", k.name, err)
	}
	if err := awaitOpen(addr); err != nil {
		x.stop()
		said, _ := os.ReadFile(filepath.Join(dir, "output"))
		return nil, fmt.Errorf("%s: %w\n%s", k.name, err, said)
	}
	return x, nil
}

func (x *proxy) ran(cmd *exec.Cmd, err error) error {
	if err != nil {
		return err
	}
	x.pid, x.stop = cmd.Process.Pid, func() { end(cmd) }
	return nil
}

// startApex runs our balancer with everything on that a load balancer of ours
// has: rules, header fields, figures, access records, health checks.
func startApex(ctx context.Context, _ *processes, dir string, x *proxy, targets []netip.AddrPort, r row) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	process := filepath.Join(dir, "process")
	x.stop = func() { supervisor.Stop(context.Background(), process) }
	if err := supervisor.Apply(ctx, supervisor.Spec{
		Name: "balancer", Dir: process, Path: exe, Args: []string{"balancer", dir}, KeepFiles: true, Executable: exe,
	}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	st, err := balancer.Apply(ctx, dir, apexConfig(x.addr, targets, r))
	for err == nil && !ready(st, len(targets)) {
		st, err = balancer.Watch(ctx, dir, st.Revision)
	}
	x.pid = st.PID
	return err
}

func ready(st balancer.State, n int) bool {
	for _, t := range st.Groups[0].Targets {
		if t.Health == balancer.Healthy {
			n--
		}
	}
	return n == 0
}

func apexConfig(addr netip.AddrPort, targets []netip.AddrPort, r row) balancer.Config {
	g := balancer.Group{ID: "g", Check: balancer.Check{
		Path: "/", Matcher: "200", Interval: 5 * time.Second, Timeout: 2 * time.Second, Healthy: 5, Unhealthy: 2,
	}}
	for _, t := range targets {
		g.Targets = append(g.Targets, balancer.Target{Addr: t})
	}
	forward := route.Action{Forward: &route.Forward{Groups: []route.Weighted{{Group: "g", Weight: 1}}}}
	l := balancer.Listener{ID: "l", Port: 80, Host: []netip.AddrPort{addr}, Default: forward, TLS: r.tls}
	for i := range r.rules {
		l.Rules = append(l.Rules, route.Rule{ID: fmt.Sprint(i), Priority: i + 1, Action: forward, Conditions: []route.Condition{
			{Field: route.PathPattern, Values: []string{fmt.Sprintf("/service-%d/*", i)}},
		}})
	}
	return balancer.Config{
		Listeners: []balancer.Listener{l}, Groups: []balancer.Group{g},
		Options: balancer.Options{Compression: r.gzip, IdleTimeout: 10 * time.Minute},
		Records: balancer.Records{Name: "app/bench/1", Access: true},
	}
}

func startNginx(log string) starter {
	return func(_ context.Context, p *processes, dir string, x *proxy, targets []netip.AddrPort, r row) error {
		compress := ""
		if r.gzip {
			compress = "gzip on; gzip_comp_level 1; gzip_types application/json;"
		}
		path, err := write(dir, "nginx.conf", fmt.Sprintf(nginxConfig, dir, x.addr, targets[0], targets[1], log, compress))
		if err != nil {
			return err
		}
		return x.ran(p.run(dir, "/usr/sbin/nginx", "-p", dir, "-e", dir+"/error.log", "-c", path))
	}
}

const nginxConfig = `daemon off; master_process off; worker_processes 1; worker_rlimit_nofile 100000;
pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 50000; }
http { access_log %[5]s; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f;
uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s; keepalive_requests 100000000; keepalive_timeout 600s;
map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
upstream t { server %[3]s; server %[4]s; keepalive 256; keepalive_requests 100000000; }
server { listen %[2]s; %[6]s location / { proxy_pass http://t; proxy_http_version 1.1; proxy_read_timeout 600s;
proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Port $server_port; } } }
`

func startHAProxy(_ context.Context, p *processes, dir string, x *proxy, targets []netip.AddrPort, r row) error {
	compress, bind := "", x.addr.String()
	if r.gzip {
		compress = "compression algo gzip\n compression type application/json"
	}
	if r.pem != "" {
		path, err := write(dir, "cert.pem", r.pem)
		if err != nil {
			return err
		}
		bind += " ssl crt " + path
	}
	path, err := write(dir, "haproxy.cfg", fmt.Sprintf(`global
 nbthread 2
defaults
 mode http
 timeout connect 10s
 timeout client 600s
 timeout server 600s
 timeout tunnel 600s
 retries 3
 option redispatch
 retry-on conn-failure empty-response response-timeout
listen f
 bind %s
 http-reuse always
 option forwardfor
 option httpchk GET /
 %s
 server a %s check inter 1s fall 2 rise 2
 server b %s check inter 1s fall 2 rise 2
`, bind, compress, targets[0], targets[1]))
	if err != nil {
		return err
	}
	return x.ran(p.run(dir, "/usr/sbin/haproxy", "-db", "-f", path))
}

func startCaddy(_ context.Context, p *processes, dir string, x *proxy, targets []netip.AddrPort, _ row) error {
	path, err := write(dir, "Caddyfile", fmt.Sprintf(`{
	admin off
	auto_https off
}
http://%s {
	reverse_proxy %s %s {
		lb_policy round_robin
		transport http {
			keepalive_idle_conns_per_host 512
		}
	}
}
`, x.addr, targets[0], targets[1]))
	if err != nil {
		return err
	}
	return x.ran(p.run(dir, "/usr/bin/caddy", "run", "--config", path, "--adapter", "caddyfile"))
}
