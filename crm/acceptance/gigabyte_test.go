package acceptance

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// endless gives a table row after row, and counts what was taken.
type endless struct {
	left  int64
	taken *atomic.Int64
}

const tableRow = "Gigabyte,giga@byte.example,and so on\n"

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n+len(tableRow) <= len(p) {
		n += copy(p[n:], tableRow)
	}
	e.left -= int64(n)
	e.taken.Add(int64(n))
	return n, nil
}

// memory is a process's resident memory now, and the most since it was asked
// to begin anew.
func (p *process) memory(t *testing.T) (now, most int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Skip(err) // another system
	}
	for name, into := range map[string]*int{"VmRSS": &now, "VmHWM": &most} {
		if m := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(text); m != nil {
			kb, _ := strconv.Atoi(string(m[1])) // digits
			*into = kb >> 10
		}
	}
	return now, most
}

// TestGigabyte: uploads of 1 GB are refused, at once if they say how much they
// are, else once they are too much, and cost the server hardly any memory.
func TestGigabyte(t *testing.T) {
	const gigabyte, refusal = 1 << 30, `"route":"POST /api/v1/imports","status":413`
	c := owner(t)
	server := crm.servers[0]
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", server.cmd.Process.Pid), []byte("5"), 0); err != nil {
		t.Logf("the peak is of the whole run: %v", err)
	}
	before, _ := server.memory(t)
	pieces := crm.number(t, "SELECT COUNT(*) FROM file_chunks WHERE workspace_id > 0")
	for name, tt := range map[string]struct {
		length, most int64
	}{"announced": {gigabyte, 4 << 20}, "not announced": {-1, 30 << 20}} {
		var taken atomic.Int64
		begun, refused := time.Now(), strings.Count(server.text(), refusal)
		var all sync.WaitGroup
		const at = 4
		for range at {
			all.Go(func() {
				form := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"giga.csv\"\r\n\r\n"
				request, err := http.NewRequest("POST", server.url+"/api/v1/imports", io.MultiReader(strings.NewReader(form), &endless{gigabyte, &taken}))
				if err != nil {
					t.Error(err)
					return
				}
				request.ContentLength = tt.length
				request.Header.Set("Content-Type", "multipart/form-data; boundary=b")
				request.Header.Set("Cookie", c.cookie())
				response, err := (&http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
				if err != nil {
					return // who goes on sending may be cut off before reading the answer, which the log has
				}
				defer response.Body.Close()
				if text, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(text), "too-large") {
					t.Errorf("%s: %d %s", name, response.StatusCode, text)
				}
			})
		}
		all.Wait()
		eventually(t, name+": all are refused", func() bool { return strings.Count(server.text(), refusal) == refused+at })
		if taken.Load() > at*tt.most {
			t.Errorf("%s: %d MB were taken of each", name, taken.Load()/at>>20)
		}
		t.Logf("%s: refused after %.1f MB and %s", name, float64(taken.Load())/at/(1<<20), time.Since(begun).Round(time.Millisecond))
	}
	_, most := server.memory(t)
	t.Logf("memory: %d MB before, at most %d MB", before, most)
	if most-before > 64 {
		t.Errorf("eight gigabytes cost %d MB of memory", most-before)
	}
	if left := crm.number(t, "SELECT COUNT(*) FROM file_chunks WHERE workspace_id > 0"); left != pieces {
		t.Errorf("%d pieces of refused files are left", left-pieces)
	}
}
