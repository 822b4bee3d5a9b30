package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/id"
	"apexai/crm/internal/idempotency"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

func TestRepeatsAreAnsweredOnce(t *testing.T) {
	c := signedIn(t)
	company, filter := only(t, c, "Repeats")
	send := func(key, first string) answer {
		return c.do("POST", "/api/v1/people", object{"firstName": first, "companyId": company}, "Idempotency-Key: "+key)
	}
	one := send("k1", "Once").want(201)
	two := send("k1", "Once").want(201)
	if two.raw != one.raw || two.etag() != one.etag() || two.header.Get("Location") != one.header.Get("Location") || two.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("one %s\ntwo %s %v", one.raw, two.raw, two.header)
	}
	send("k1", "Other").want(422)
	send("k2", "Second").want(201)
	refused := c.do("POST", "/api/v1/people", object{}, "Idempotency-Key: k3").want(422)
	if again := c.do("POST", "/api/v1/people", object{}, "Idempotency-Key: k3").want(422); again.header.Get("Idempotency-Replayed") != "true" || again.raw != refused.raw {
		t.Errorf("a refusal was not repeated: %s", again.raw)
	}
	if n := len(c.do("GET", "/api/v1/people?"+filter, nil).want(200).items()); n != 2 {
		t.Errorf("%d people, want 2", n)
	}
	// Keys belong to their user.
	other := signIn(t, shared.crm.url, "repeats@example.com")
	if a := other.do("POST", "/api/v1/people", object{"firstName": "Once", "companyId": company}, "Idempotency-Key: k1").want(201); a.header.Get("Idempotency-Replayed") != "" {
		t.Error("another user got the answer")
	}
}

// An answer that was lost on its way, with what Redis knew of it, does not make
// the work be done twice: a repetition is sent to what is there.
func TestLostAnswer(t *testing.T) {
	c := signedIn(t)
	c.http.CheckRedirect = notFollowed
	company, filter := only(t, c, "Lost answers")
	send := func(path, key string, body any, more ...string) answer {
		return c.do("POST", path, body, append(more, "Idempotency-Key: "+key)...)
	}
	person := object{"firstName": "Lost", "companyId": company}
	made := send("/api/v1/people", "lost", person).want(201)
	note := object{"type": "note", "body": "Once is enough", "links": []object{{"kind": "person", "id": made.text("id")}}}
	noted := send("/api/v1/activities", "lost note", note).want(201)
	forgetAnswers(t)
	if a := send("/api/v1/people", "lost", person).want(303); a.header.Get("Location") != made.header.Get("Location") {
		t.Errorf("sent to %s", a.header.Get("Location"))
	}
	if a := send("/api/v1/activities", "lost note", note).want(303); c.do("GET", a.header.Get("Location"), nil).want(200).text("id") != noted.text("id") {
		t.Errorf("sent to %s", a.header.Get("Location"))
	}
	if n := len(c.do("GET", "/api/v1/people?"+filter, nil).want(200).items()); n != 1 {
		t.Errorf("%d people, want 1", n)
	}
	send("/api/v1/people", "another", person).want(201)
}

// forgetAnswers takes what Redis has under all Idempotency-Keys.
func forgetAnswers(t *testing.T) {
	t.Helper()
	options, err := redis.ParseURL(shared.redis.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	keys, err := client.Keys(t.Context(), "idem:*").Result()
	if err == nil && len(keys) > 0 {
		err = client.Del(t.Context(), keys...).Err()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Of requests sent at one moment one does the work.
func TestDoubleSubmit(t *testing.T) {
	c := signedIn(t)
	company, filter := only(t, c, "Double")
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			a := c.do("POST", "/api/v1/people", object{"firstName": "Twice", "companyId": company}, "Idempotency-Key: double")
			if a.status != 201 && a.status != 409 {
				t.Errorf("%d %s", a.status, a.raw)
			}
		})
	}
	senders.Wait()
	if n := len(c.do("GET", "/api/v1/people?"+filter, nil).want(200).items()); n != 1 {
		t.Errorf("%d people, want 1", n)
	}
}

// Of changes to one version one is made, however close they come.
func TestConcurrentChanges(t *testing.T) {
	c := signedIn(t)
	at := c.do("POST", "/api/v1/people", object{"firstName": "Busy"}).want(201).header.Get("Location")
	var made, stale int
	var mu sync.Mutex
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			a := c.do("PATCH", at, object{"title": "x"}, `If-Match: "v1"`)
			mu.Lock()
			defer mu.Unlock()
			switch a.status {
			case 200:
				made++
			case 412:
				stale++
			}
		})
	}
	senders.Wait()
	if made != 1 || stale != 7 {
		t.Errorf("%d made, %d stale; want 1 and 7", made, stale)
	}
}

// Work that may have been done is not done again under the same key; work that
// was not done is, and work that can tell by the key whether it was.
func TestUncertainWorkIsNotRepeated(t *testing.T) {
	client := redis.NewClient(must(redis.ParseURL(shared.redis.URL)))
	defer client.Close()
	guard, caller := idempotency.Guard{Redis: client}, tenant.Tenant{Workspace: 77, User: id.New()}
	for name, tt := range map[string]struct {
		fault *problem.Problem
		done  int
	}{
		"uncertain": {problem.Uncertain("it broke off", nil), 1}, "unsettled": {problem.Unsettled("it broke off", nil), 3}, "unavailable": {problem.Unavailable("not now", nil), 3},
	} {
		done := 0
		for range 3 {
			r := httptest.NewRequest("POST", "/x", strings.NewReader("{}"))
			r.Header.Set("Idempotency-Key", name)
			w := httptest.NewRecorder()
			guard.Serve(w, r, caller, func(w http.ResponseWriter, r *http.Request) {
				done++
				web.Fail(w, r, tt.fault)
			})
			if w.Code != tt.fault.Status || !strings.Contains(w.Body.String(), tt.fault.Type) {
				t.Errorf("%s: %d %s", name, w.Code, w.Body)
			}
		}
		if done != tt.done {
			t.Errorf("%s: done %d times", name, done)
		}
	}
}

// sentTwice sends each command again, as a client of Redis does that got no answer.
type sentTwice struct{}

func (sentTwice) DialHook(next redis.DialHook) redis.DialHook { return next }

func (sentTwice) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (sentTwice) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, c redis.Cmder) error {
		next(ctx, c) // whose answer is lost
		return next(ctx, c)
	}
}

// A claim that Redis was sent twice is not taken for another's.
func TestClaimIsSentTwice(t *testing.T) {
	client := redis.NewClient(must(redis.ParseURL(shared.redis.URL)))
	defer client.Close()
	client.AddHook(sentTwice{})
	guard, caller := idempotency.Guard{Redis: client}, tenant.Tenant{Workspace: 78, User: id.New()}
	done := 0
	for range 2 {
		r := httptest.NewRequest("POST", "/x", strings.NewReader("{}"))
		r.Header.Set("Idempotency-Key", "twice")
		w := httptest.NewRecorder()
		guard.Serve(w, r, caller, func(w http.ResponseWriter, _ *http.Request) {
			done++
			w.WriteHeader(http.StatusCreated)
		})
		if w.Code != http.StatusCreated {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if done != 1 {
		t.Errorf("done %d times", done)
	}
}
