package balancer

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// recorded returns the lines of all closed files in a directory of records.
func recorded(t *testing.T, dir string) (lines []string) {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(dir, "*.log"))
	for _, path := range paths {
		if !regexp.MustCompile(`^\d{8}T\d{6}\.\d{3}Z_\d{8}T\d{6}\.\d{3}Z\.log$`).MatchString(filepath.Base(path)) {
			t.Errorf("file %s", path)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.SplitAfter(string(text), "\n")...)
	}
	return lines
}

// recordOf finds the line that speaks of a path, as one that whoever delivers
// files sees it.
func (b *bench) recordOf(path string) string {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if err := b.access.shut(time.Now()); err != nil {
			b.t.Fatal(err)
		}
		for _, line := range recorded(b.t, b.access.dir) {
			if strings.Contains(line, path) {
				return line
			}
		}
	}
	b.t.Fatalf("no record of %s", path)
	return ""
}

func recording(t *testing.T, h http.HandlerFunc) *bench {
	cfg := configFor(freeAddr(t), backend(t, h))
	cfg.Records = Records{Name: "app/web/1", Access: true, Connections: true}
	b := startConfig(t, cfg)
	b.awaitHealthy(1)
	return b
}

const (
	stampPattern = `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z`
	tracePattern = `Root=1-[0-9a-f]{8}-[0-9a-f]{24}`
)

// The lines have the fields of an Application Load Balancer's access log, in its
// order.
func TestAccessRecord(t *testing.T) {
	b := recording(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(201)
		io.WriteString(w, "made")
	})
	request := "POST /people?x=%22 HTTP/1.1\r\nHost: crm.example.com\r\nUser-Agent: a \"b\"\\\r\nContent-Length: 3\r\n\r\nann"
	got := b.raw(request)
	line := b.recordOf("/people")
	want := `^http ` + stampPattern + ` app/web/1 127\.0\.0\.1:\d+ 127\.0\.0\.1:\d+ 0\.\d{3} 0\.\d{3} 0\.000 201 201 (\d+) (\d+) ` +
		`"POST http://crm\.example\.com:80/people\?x=%22 HTTP/1\.1" "a \\x22b\\x22\\x5C" - - g "` + tracePattern + `" "-" "-" ` +
		`0 ` + stampPattern + ` "forward" "-" "-" "127\.0\.0\.1:\d+" "201" "-" "-" TID_[0-9a-f]{32} "-" "-" -\n$`
	m := regexp.MustCompile(want).FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("record %s\nwanted %s", line, want)
	}
	if m[1] != strconv.Itoa(len(request)) || m[2] != strconv.Itoa(len(got)) {
		t.Errorf("%s received and %s sent, want %d and %d", m[1], m[2], len(request), len(got))
	}
}

// What never reached a target says so.
func TestRecordOfRefused(t *testing.T) {
	b := recording(t, func(http.ResponseWriter, *http.Request) {})
	b.raw("GET /refused HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
	want := ` app/web/1 127\.0\.0\.1:\d+ - -1 -1 -1 400 - \d+ \d+ "GET http://.*/refused HTTP/1\.1" "-" - - - "` +
		tracePattern + `" "-" "-" - ` + stampPattern + ` "-" "-" "-" "-" "-" `
	if line := b.recordOf("/refused"); !regexp.MustCompile(want).MatchString(line) {
		t.Errorf("record %s\nwanted %s", line, want)
	}
}

func TestConnectionRecord(t *testing.T) {
	b := recording(t, func(http.ResponseWriter, *http.Request) {})
	get(t, b.url("/"))
	if err := b.opening.shut(time.Now()); err != nil {
		t.Fatal(err)
	}
	lines := recorded(t, b.opening.dir)
	want := `^` + stampPattern + ` 127\.0\.0\.1 \d+ 80 - - - "-" - - - TID_[0-9a-f]{32}\n$`
	if len(lines) == 0 || !regexp.MustCompile(want).MatchString(lines[0]) {
		t.Errorf("records %q\nwanted %s", lines, want)
	}
}

// A file is closed when it is old, when it is large, when records are switched
// off, and by the next run if it was left open; never an empty one.
func TestJournal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "j")
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	j := newJournal(dir)
	check := func(what string, err error, logs, open int) {
		t.Helper()
		closed, _ := filepath.Glob(dir + "/*.log")
		left, _ := filepath.Glob(dir + "/*.open")
		if err != nil || len(closed) != logs || len(left) != open {
			t.Errorf("%s: %v, closed %v, open %v", what, err, closed, left)
		}
	}
	line := func(b []byte) []byte { return append(b, "0123456789"...) }
	j.write(line)
	check("off", j.set(true, time.Minute, 20, now), 0, 0)
	check("nothing", j.tend(now.Add(time.Hour)), 0, 0)
	j.write(line)
	check("written", j.tend(now), 0, 1)
	check("old", j.tend(now.Add(time.Minute)), 1, 0)
	j.write(line)
	j.write(line)
	check("large", j.tend(now.Add(2*time.Minute)), 2, 0)
	j.write(line)
	check("off again", j.set(false, time.Minute, 20, now.Add(3*time.Minute)), 3, 0)
	j.write(line)
	check("stays off", j.tend(now.Add(4*time.Minute)), 3, 0)
	if err := os.WriteFile(dir+"/20260101T000000.000Z.open", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	check("left by another", newJournal(dir).set(true, time.Minute, 20, now), 4, 0)
	check("on again", j.set(true, time.Minute, 20, now), 4, 0)
	os.RemoveAll(dir)
	j.write(line)
	if err := j.tend(now); err == nil || j.lostRecords() != 1 {
		t.Errorf("no directory: %v, %d lost", err, j.lostRecords())
	}
}

// A client that leaves before its answer is a 460.
func TestRecordOfGoneClient(t *testing.T) {
	reached, goOn := make(chan struct{}), make(chan struct{})
	b := recording(t, func(http.ResponseWriter, *http.Request) {
		close(reached)
		<-goOn
	})
	c := b.dial()
	io.WriteString(c, "GET /left HTTP/1.1\r\nHost: a\r\n\r\n")
	<-reached
	c.SetLinger(0)
	c.Close()
	close(goOn)
	if line := b.recordOf("/left"); !strings.Contains(line, " 460 200 ") {
		t.Errorf("record %s", line)
	}
	if n := b.state().Counters.ByStatus["4XX"]; n != 1 {
		t.Errorf("%d counted", n)
	}
}
