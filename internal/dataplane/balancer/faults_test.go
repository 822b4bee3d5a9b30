package balancer

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// An attempt is how one request of an open-loop load ended.
type attempt struct {
	method, path string
	status       int
	err          error
}

// openLoop sends GETs and POSTs in turn at a steady rate, whatever becomes of
// those before, and calls at once at the middle.
func openLoop(addr netip.AddrPort, n int, every time.Duration, atMiddle func()) []attempt {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	attempts := make([]attempt, n)
	var wg sync.WaitGroup
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := range attempts {
		<-tick.C
		if i == n/2 {
			atMiddle()
		}
		a := &attempts[i]
		a.method, a.path = "GET", fmt.Sprintf("/n%d/", i)
		if i%2 == 1 {
			a.method = "POST"
		}
		wg.Go(func() { a.status, a.err = send(client, a.method, "http://"+addr.String()+a.path) })
	}
	wg.Wait()
	return attempts
}

func send(client *http.Client, method, url string) (int, error) {
	var body io.Reader
	if method == "POST" {
		body = strings.NewReader("something to do")
	}
	req, _ := http.NewRequest(method, url, body)
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// A target that is killed under load costs no GET, and of POSTs those alone that
// it had been sent and had not answered.
func TestKillUnderLoad(t *testing.T) {
	a, b := freeAddr(t), freeAddr(t)
	victim := startTarget(t, a)
	startTarget(t, b)
	dir := deepDir(t)
	launch(t, dir)
	addr := freeAddr(t)
	cfg := configFor(addr, a, b)
	cfg.Records = Records{Access: true}
	mustApply(t, dir, cfg)
	awaitState(t, dir, healthy(2))
	attempts := openLoop(addr, 600, 3*time.Millisecond, func() { victim.Process.Kill() })
	awaitState(t, dir, healthy(1))
	cfg.Records.Access = false // closes the file
	mustApply(t, dir, cfg)
	lines := strings.Join(recorded(t, filepath.Join(dir, AccessDir)), "")
	lost := 0
	for _, at := range attempts {
		if at.err == nil && at.status == 200 {
			continue
		}
		lost++
		sent := regexp.MustCompile(` ` + regexp.QuoteMeta(a.String()) + ` \d+\.\d{3} -1 -1 502 - .*"POST http://[^"]*` + at.path)
		if at.method == "GET" || !sent.MatchString(lines) {
			t.Errorf("%s %s: %d %v; records\n%s", at.method, at.path, at.status, at.err, lines)
		}
	}
	if lost > 10 {
		t.Errorf("%d POSTs lost", lost)
	}
}

// Requests that may be sent again do not wait for a target that hangs: when checks
// find that it does, another one gets them.
func TestFrozenTarget(t *testing.T) {
	a, b := freeAddr(t), freeAddr(t)
	frozen := startTarget(t, a)
	startTarget(t, b)
	bal := startConfig(t, configFor(freeAddr(t), a, b))
	bal.awaitHealthy(2)
	freeze(t, frozen.Process.Pid)
	var wg sync.WaitGroup
	client := &http.Client{Timeout: 30 * time.Second}
	for range 8 {
		wg.Go(func() {
			if status, err := send(client, "GET", bal.url("/")); status != 200 {
				t.Errorf("%d %v", status, err)
			}
		})
	}
	wg.Wait()
	st := bal.state()
	if got, _ := st.Target("g", a); got.Health != Unhealthy || st.Counters.Retries == 0 {
		t.Errorf("%+v, %d retries", got, st.Counters.Retries)
	}
}

// Many connections are served, and each is let go of.
func TestManyConnections(t *testing.T) {
	const many = 4000
	b := start(t, named(t, "a"))
	conns := make([]net.Conn, 0, many)
	for range many {
		c := b.dial()
		conns = append(conns, c)
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if resp, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || resp.StatusCode != 200 {
			t.Fatalf("connection %d: %v", len(conns), err)
		}
	}
	if st := b.state(); st.Counters.ActiveConnections != many {
		t.Errorf("%d connections", st.Counters.ActiveConnections)
	}
	for _, c := range conns {
		c.Close()
	}
	for deadline := time.Now().Add(20 * time.Second); b.stats.active.Load() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are left", b.stats.active.Load())
		}
	}
}

// A client that ends its side together with its request is answered, and its
// connection does not stay open.
func TestHalfClosedClient(t *testing.T) {
	b := start(t, named(t, "a"))
	c := b.dial()
	rd := bufio.NewReader(c)
	for range 3 {
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := http.ReadResponse(rd, nil); err != nil {
			t.Fatal(err)
		}
		rd.Discard(1)
	}
	raw, _ := c.SyscallConn()
	raw.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_CORK, 1) })
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	c.CloseWrite() // data and end leave in one packet
	if _, err := http.ReadResponse(rd, nil); err != nil {
		t.Fatal(err)
	}
	rd.Discard(1)
	if _, err := rd.ReadByte(); err != io.EOF {
		t.Errorf("then %v", err)
	}
}

// An idle client that is to go is told so with one more answer.
func TestLastCall(t *testing.T) {
	b := start(t, named(t, "a"))
	c := b.dial()
	rd := bufio.NewReader(c)
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if resp, err := http.ReadResponse(rd, nil); err != nil || resp.Close {
		t.Fatalf("%+v %v", resp, err)
	}
	rd.Discard(1)
	b.mu.Lock()
	for _, sock := range b.sockets {
		sock.close()
	}
	b.mu.Unlock()
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
	resp, err := http.ReadResponse(rd, nil)
	if err != nil || resp.StatusCode != 200 || !resp.Close {
		t.Errorf("%+v %v", resp, err)
	}
}
