package server

import (
	"sync"
	"testing"
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
