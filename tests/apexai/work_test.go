package apexai

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"apex/internal/regiontest"
)

// work is people who go on adding companies and reading lists, whatever becomes
// of it, and who ask again as the studio does: with the same key, so that nothing
// is made twice.
type work struct {
	name   string
	people []person
	ending chan struct{}
	wg     sync.WaitGroup

	mu      sync.Mutex
	made    []string       // companies whose making was answered with 201
	unsure  int            // and those that were given up
	answers map[string]int // requests by what came back
	last    time.Time      // when a company was last made
	longest time.Duration  // without one being made
}

// Two workers of each of two people stay below the limit of requests.
const workPause = 250 * time.Millisecond

func (s stack) startWork(t *testing.T, name string) *work {
	t.Helper()
	w := &work{name: name, people: []person{s.signInAs(t, "olivia", "owner"), s.signInAs(t, "marco", "member")}, ending: make(chan struct{}), answers: map[string]int{}, last: time.Now()}
	for n := range 2 * len(w.people) {
		w.wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-w.ending:
					return
				case <-time.After(workPause):
				}
				w.add(w.people[n%len(w.people)], fmt.Sprintf("Work %s %d-%d", name, n, i))
				w.ask(w.people[n%len(w.people)], "GET", "/api/v1/people?limit=50", "", "")
			}
		})
	}
	t.Cleanup(w.end)
	return w
}

// add makes a company, and asks again until somebody says whether it did.
func (w *work) add(p person, name string) {
	for range 100 {
		if w.ask(p, "POST", "/api/v1/companies", `{"name":"`+name+`"}`, name) != http.StatusCreated {
			time.Sleep(200 * time.Millisecond)
			continue
		}
		w.mu.Lock()
		w.made = append(w.made, name)
		w.longest, w.last = max(w.longest, time.Since(w.last)), time.Now()
		w.mu.Unlock()
		return
	}
	w.mu.Lock()
	w.unsure++
	w.mu.Unlock()
}

func (w *work) ask(p person, method, path, body, key string) (status int) {
	status, out, err := p.try(method, path, body, "Idempotency-Key", key)
	what := strconv.Itoa(status)
	if err != nil {
		what = "none: " + err.Error()
	} else if status >= http.StatusInternalServerError && !strings.Contains(out, `"type":"/api/problems/`) {
		what += " of the balancer"
	}
	w.mu.Lock()
	w.answers[what]++
	w.mu.Unlock()
	return status
}

func (w *work) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.made)
}

// flows waits until so many more companies are made.
func (w *work) flows(t *testing.T, more int) {
	t.Helper()
	before := w.count()
	regiontest.Await(t, "the work goes on", func() bool { return w.count() >= before+more })
}

func (w *work) end() {
	select {
	case <-w.ending:
	default:
		close(w.ending)
	}
	w.wg.Wait()
}

// complete ends the work and holds it to what was answered: all of it is there,
// once. It returns how many requests failed, and tells all of them.
func (w *work) complete(t *testing.T) (failed int) {
	t.Helper()
	w.end()
	filter := url.QueryEscape(`{"f":"name","op":"startsWith","v":"Work ` + w.name + ` "}`)
	there, err := strconv.Atoi(w.people[0].list(t, "companies?limit=1&count=exact&filter="+filter).Total)
	if err != nil || there < len(w.made) || there > len(w.made)+w.unsure {
		t.Errorf("%d companies were made and %d are unsure, %d are there (%v)", len(w.made), w.unsure, there, err)
	}
	all := 0
	for what, n := range w.answers {
		all += n
		if what >= "5" {
			failed += n
		}
	}
	t.Logf("%d requests, %d of them failed; %d companies, each once; at most %s without one; answers: %s", all, failed, there, w.longest.Round(time.Millisecond), told(w.answers))
	return failed
}

func told(answers map[string]int) string {
	var all []string
	for _, what := range slices.Sorted(maps.Keys(answers)) {
		all = append(all, fmt.Sprintf("%s ×%d", what, answers[what]))
	}
	return strings.Join(all, ", ")
}

// onlyAsks fails the test for any answer but those that ask to come back.
func (w *work) onlyAsks(t *testing.T) {
	t.Helper()
	for what, n := range w.answers {
		if what >= "4" && what != "503" && what != "409" { // 409: the first try is at work still
			t.Errorf("%d requests were answered %s", n, what)
		}
	}
}
