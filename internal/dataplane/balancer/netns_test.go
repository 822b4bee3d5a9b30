package balancer

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"testing"
	"time"
)

// namespace makes a network namespace whose loopback is up, and returns its path.
func namespace(t *testing.T, name string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	name = fmt.Sprintf("apex-balancer-%s-%d", name, os.Getpid())
	ip := func(args ...string) {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %v: %v: %s", args, err, out)
		}
	}
	ip("netns", "add", name)
	t.Cleanup(func() { ip("netns", "delete", name) })
	ip("-n", name, "link", "set", "lo", "up")
	return "/run/netns/" + name
}

// A node listens in its own namespace and reaches targets from there: neither
// can be seen from outside.
func TestNodesInNamespaces(t *testing.T) {
	paths := []string{namespace(t, "a"), namespace(t, "b")}
	target, node := netip.MustParseAddr("127.0.0.9"), netip.MustParseAddr("127.0.0.5")
	cfg := configFor(freeAddr(t), netip.AddrPortFrom(target, 3000))
	cfg.Groups[0].Check.Interval = 50 * time.Millisecond
	for i, path := range paths {
		l, err := listenIn(path, netip.AddrPortFrom(target, 3000))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, i) }))
		cfg.Nodes = append(cfg.Nodes, Node{Zone: fmt.Sprint(i), Namespace: path, Addr: node})
	}
	b := startConfig(t, cfg)
	b.awaitHealthy(1)
	for i, path := range paths {
		if got := getIn(t, path, "http://127.0.0.5/"); got != fmt.Sprint(i) {
			t.Errorf("node %d: %q", i, got)
		}
	}
	count := map[string]int{}
	for range 4 { // a connection from the host goes out from any node
		resp, body := getOnce(t, nil, b.url("/"))
		if resp != 200 {
			t.Errorf("from the host: %d", resp)
		}
		count[body]++
	}
	if count["0"] != 2 || count["1"] != 2 {
		t.Errorf("nodes used %v", count)
	}
	if c, err := net.Dial("tcp", "127.0.0.5:80"); err == nil {
		c.Close()
		t.Error("the node's address answers outside of its namespace")
	}
}

func getIn(t *testing.T, path, url string) string {
	t.Helper()
	_, body := getOnce(t, func(ctx context.Context, _, addr string) (net.Conn, error) {
		return dialIn(ctx, path, netip.MustParseAddrPort(addr))
	}, url)
	return body
}

func getOnce(t *testing.T, dial func(context.Context, string, string) (net.Conn, error), url string) (int, string) {
	t.Helper()
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body [64]byte
	n, _ := resp.Body.Read(body[:])
	return resp.StatusCode, string(body[:n])
}

func TestMissingNamespace(t *testing.T) {
	if _, err := dialIn(t.Context(), "/run/netns/apex-none", netip.MustParseAddrPort("127.0.0.1:1")); err == nil {
		t.Error("dialled from a namespace that is not there")
	}
}
