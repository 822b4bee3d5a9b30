package acceptance

import (
	"bufio"
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"apexai/crm/internal/nodeclient"
)

const (
	socketCount = 200
	importRows  = 3000
)

// F3, told to stop: a task ends in order while an import runs, a draft is
// streamed and 200 sockets are open, and nobody notices but by the stream.
func TestF3TaskIsToldToStop(t *testing.T) { taskEnds(t, syscall.SIGTERM, "told") }

// F3, killed: the same as a power cut. A request that was on its way in the
// task may fail, and says so; nothing that was answered is lost.
func TestF3TaskIsKilled(t *testing.T) { taskEnds(t, syscall.SIGKILL, "killed") }

func taskEnds(t *testing.T, how syscall.Signal, name string) {
	c := signIn(t, "tasks@example.com")
	opened := time.Now()
	n := c.sockets(socketCount)
	connecting := time.Since(opened)
	at := c.beginImport(name)
	stream := c.draft(t)
	load := c.load(name, 3*time.Second)
	eventually(t, "requests flow and the import has begun", func() bool { return load.made.Load() > 20 && figure(c.call("GET", at, nil), "done") > 0 })
	crm.router.count()
	victim := crm.servers[0]
	dropped := time.Now()
	victim.signal(how)
	<-victim.ended
	ended := time.Since(dropped)
	eventually(t, "all sockets are back", func() bool { return n.Connected() == socketCount && len(n.Events("disconnect")) > 0 })
	slowest := comeback(n.Events("disconnect"), n.Events("connect"))
	if err := victim.run(); err != nil {
		t.Fatal(err)
	}
	if err := crm.router.ready(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the import is done", func() bool { return c.call("GET", at, nil).text("status") == "done" })
	imported := time.Since(dropped)
	load.stop()
	<-stream
	if slowest > max(5*time.Second, 5*connecting) { // on a machine that takes long to connect them at all
		t.Errorf("a socket was away for %s; all were connected in %s", slowest, connecting)
	}
	failed, all := 0, 0
	for status, count := range crm.router.count() {
		all += count
		if status >= 500 {
			failed += count
		}
	}
	if how == syscall.SIGTERM && (failed > 0 || ended > 30*time.Second) {
		t.Errorf("%d of %d requests failed; the task took %s to end", failed, all, ended)
	}
	if how == syscall.SIGKILL && failed > load.clients+2 {
		t.Errorf("%d of %d requests failed, more than can have been in the task", failed, all)
	}
	c.complete(t, at, name)
	load.complete(t)
	t.Logf("the task ended after %s; %d requests meanwhile, %d of them 5xx; %d sockets moved, the slowest was away for %s; the import of %d rows was done after %s",
		ended.Round(time.Millisecond), all, failed, len(n.Events("disconnect")), slowest.Round(time.Millisecond), importRows, imported.Round(100*time.Millisecond))
}

type nodeEvent = nodeclient.Event

// comeback is the longest time from a socket's break to its next connection.
func comeback(broken, back []nodeEvent) (slowest time.Duration) {
	for _, b := range broken {
		i := slices.IndexFunc(back, func(e nodeEvent) bool { return e.Socket == b.Socket && !e.At.Before(b.At) })
		if i >= 0 {
			slowest = max(slowest, back[i].At.Sub(b.At))
		}
	}
	return slowest
}

// beginImport uploads people and has them imported; it returns where the
// import is.
func (c client) beginImport(name string) string {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name+".csv")
	if err != nil {
		c.t.Fatal(err)
	}
	fmt.Fprintln(part, "First name,Last name,Email")
	for i := range importRows {
		fmt.Fprintf(part, "Import,%s %d,import-%s-%d@example.com\n", name, i, name, i)
	}
	form.Close()
	request, err := http.NewRequest("POST", crm.url+"/api/v1/imports", &body)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	at := c.send(request).want(201).header.Get("Location")
	c.call("POST", at+"/run", nil).want(200)
	return at
}

// complete holds the import to its rows: none lost, none double.
func (c client) complete(t *testing.T, at, name string) {
	t.Helper()
	counts, _ := c.call("GET", at, nil).want(200).body["counts"].(object)
	there := crm.number(t, `SELECT COUNT(*) FROM person_emails WHERE value_norm LIKE ?`, "import-"+name+"-%")
	if counts["created"] != float64(importRows) || there != importRows {
		t.Errorf("of %d rows %v were created by the count, %d are there", importRows, counts["created"], there)
	}
}

// draft begins an AI draft and reads it to its end, however that comes.
func (c client) draft(t *testing.T) <-chan struct{} {
	t.Helper()
	who := c.call("POST", "/api/v1/people", object{"firstName": "Streamed"}).want(201).text("id")
	ended := make(chan struct{})
	request, err := http.NewRequest("POST", crm.url+"/api/v1/ai/draft-email", strings.NewReader(`{"kind":"person","id":"`+who+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	go func() {
		defer close(ended)
		response, err := c.http.Do(request)
		if err != nil {
			return // the stream may break
		}
		defer response.Body.Close()
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		}
	}()
	return ended
}

// load is people who go on adding records, each under a key by which a
// repetition is known, and who ask again for a while, as the studio does.
type load struct {
	made     atomic.Int64
	clients  int
	patience time.Duration
	name     string
	ending   chan struct{}
	work     sync.WaitGroup
	mu       sync.Mutex
	names    []string // of what was answered, or shown to who asked again
	unsure   int      // were never answered: the key of a task that died is held for a minute
}

func (c client) load(name string, patience time.Duration) *load {
	l := &load{clients: 4, patience: patience, name: name, ending: make(chan struct{})}
	for worker := range l.clients {
		l.work.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-l.ending:
					return
				case <-time.After(10 * time.Millisecond):
				}
				l.add(c, fmt.Sprintf("Load %s %d-%d", name, worker, i))
			}
		})
	}
	return l
}

func (l *load) add(c client, name string) {
	for begun := time.Now(); time.Since(begun) < l.patience; {
		a := c.call("POST", "/api/v1/companies", object{"name": name}, "Idempotency-Key: "+name)
		if a.err == nil && (a.status == 201 || a.status == 200) {
			l.made.Add(1)
			l.mu.Lock()
			l.names = append(l.names, name)
			l.mu.Unlock()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	l.mu.Lock()
	l.unsure++
	l.mu.Unlock()
}

func (l *load) stop() {
	close(l.ending)
	l.work.Wait()
}

// complete holds the load to what was answered: all is there, and once. What
// was not answered may be there or not.
func (l *load) complete(t *testing.T) {
	t.Helper()
	there := crm.number(t, `SELECT COUNT(*) FROM companies WHERE name LIKE ?`, "Load "+l.name+" %")
	once := crm.number(t, `SELECT COUNT(DISTINCT name) FROM companies WHERE name LIKE ?`, "Load "+l.name+" %")
	if there < len(l.names) || there > len(l.names)+l.unsure || once != there {
		t.Errorf("%d were answered and %d not, %d are there, %d of them different", len(l.names), l.unsure, there, once)
	}
}
