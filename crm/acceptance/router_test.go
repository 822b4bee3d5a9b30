package acceptance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A router does what the load balancer does: each request goes to the next
// task that is healthy, without stickiness, and tasks are asked how they are.
type router struct {
	url  string
	next atomic.Uint64

	mu               sync.Mutex
	servers          []*process
	healthy          map[*process]bool
	studio, standins *process
	proxies          map[string]*httputil.ReverseProxy
	statuses         map[int]int // of /api/ since the last count
}

const askEvery = 100 * time.Millisecond

func route() (*router, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &router{url: "http://" + l.Addr().String(), healthy: map[*process]bool{}, proxies: map[string]*httputil.ReverseProxy{}, statuses: map[int]int{}}
	go http.Serve(l, r) // until the tests end
	return r, nil
}

func (r *router) set(servers []*process, studio, standins *process) {
	r.mu.Lock()
	r.servers, r.studio, r.standins = servers, studio, standins
	r.mu.Unlock()
	go func() {
		for ; ; time.Sleep(askEvery) {
			for _, p := range servers {
				ok := p.healthy()
				r.mu.Lock()
				r.healthy[p] = ok
				r.mu.Unlock()
			}
		}
	}()
}

// ready waits until every process is healthy.
func (r *router) ready() error {
	for deadline := time.Now().Add(startWithin); ; time.Sleep(askEvery / 5) {
		r.mu.Lock()
		all := r.studio.healthy() && r.standins.healthy()
		for _, p := range r.servers {
			all = all && r.healthy[p]
		}
		r.mu.Unlock()
		if all {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not everything is healthy within %s", startWithin)
		}
	}
}

func (r *router) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	switch path := request.URL.Path; {
	case strings.HasPrefix(path, "/api/"):
		m := &meter{ResponseWriter: w}
		r.pass(m, request, r.task(""))
		r.mu.Lock()
		r.statuses[m.status]++
		r.mu.Unlock()
	case strings.HasPrefix(path, "/socket.io/"):
		r.pass(w, request, r.task(""))
	case strings.HasPrefix(path, "/standins/"):
		r.pass(w, request, r.standins)
	default:
		r.pass(w, request, r.studio)
	}
}

// task is the next healthy one, or when none is, as a balancer does, the next;
// not the one at the address of which it is known that nobody listens.
func (r *router) task(dead string) *process {
	r.mu.Lock()
	defer r.mu.Unlock()
	var up, all []*process
	for _, p := range r.servers {
		if dead != "" && strings.HasSuffix(p.url, dead) {
			continue
		}
		all = append(all, p)
		if r.healthy[p] {
			up = append(up, p)
		}
	}
	if len(up) == 0 {
		up = all
	}
	return up[r.next.Add(1)%uint64(len(up))]
}

func (r *router) pass(w http.ResponseWriter, request *http.Request, to *process) {
	if to == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	r.mu.Lock()
	proxy := r.proxies[to.url]
	if proxy == nil {
		target, _ := url.Parse(to.url) // made of a port
		proxy = httputil.NewSingleHostReverseProxy(target)
		proxy.FlushInterval = -1
		proxy.ErrorHandler = r.failed
		proxy.ErrorLog = nil
		r.proxies[to.url] = proxy
	}
	r.mu.Unlock()
	proxy.ServeHTTP(w, request)
}

// failed tries another task if this one was not reached, so that nothing was
// sent; what was sent may have been done, and is 502.
func (r *router) failed(w http.ResponseWriter, request *http.Request, err error) {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" && request.Header.Get("X-Tried") == "" {
		request.Header.Set("X-Tried", "1")
		if request.Body == nil || request.ContentLength == 0 || request.GetBody != nil {
			r.mu.Lock()
			for _, p := range r.servers {
				if strings.HasSuffix(p.url, op.Addr.String()) {
					r.healthy[p] = false
				}
			}
			r.mu.Unlock()
			request.URL.Scheme, request.URL.Host = "", ""
			r.pass(w, request, r.task(op.Addr.String()))
			return
		}
	}
	w.WriteHeader(http.StatusBadGateway)
	io.WriteString(w, err.Error())
}

// count returns how many answers of /api/ had each status since it was last
// called.
func (r *router) count() map[int]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	counted := r.statuses
	r.statuses = map[int]int{}
	return counted
}

// busy is counted as the status of an answer that says that no connection to
// the database was free: on a slow machine that is so, and clients ask again.
const busy = 1

// meter notes the status of an answer.
type meter struct {
	http.ResponseWriter
	status int
}

func (m *meter) WriteHeader(status int) {
	m.status = status
	m.ResponseWriter.WriteHeader(status)
}

func (m *meter) Write(p []byte) (int, error) {
	if m.status == http.StatusServiceUnavailable && bytes.Contains(p, []byte("all database connections are busy")) {
		m.status = busy
	}
	return m.ResponseWriter.Write(p)
}

func (m *meter) Unwrap() http.ResponseWriter { return m.ResponseWriter }
