package server

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
)

// A commit whose answer is lost was done or not. Who asks again under the same
// key learns of the record, or has it made: it is there once in any case, also
// if the work was a deadlock's victim first, and if Redis has lost what it knew.
func TestCommitAnswerIsLost(t *testing.T) {
	w := newWire(t, shared.mysql.URL)
	s := start(t, map[string]string{"DATABASE_URL": w.url, "ROLE": "web"}, io.Discard)
	c := signIn(t, s.url, "demo@example.com")
	c.http.CheckRedirect = notFollowed
	_, link := c.addRecord("people", "person", object{"firstName": "Linked"})
	pipeline, _ := c.pipeline("Lost commits", "In", "Out")
	for path, body := range map[string]func(name string) object{
		"people": func(n string) object {
			return object{"firstName": n, "emails": []object{{"value": n + "@lost.example"}}}
		},
		"companies":  func(n string) object { return object{"name": n, "domain": n + ".lost.example"} },
		"deals":      func(n string) object { return object{"title": n, "pipelineId": pipeline} },
		"tasks":      func(n string) object { return object{"title": n, "dueDate": "2099-01-01"} },
		"activities": func(n string) object { return object{"type": "note", "body": n, "links": []object{link}} },
	} {
		for victims := range int64(2) {
			for _, forgets := range []bool{false, true} {
				post := func(name string) func() answer {
					return func() answer {
						if forgets {
							forgetAnswers(t)
						}
						return c.do("POST", "/api/v1/"+path, body(name), "Idempotency-Key: "+name)
					}
				}
				name := fmt.Sprintf("%s%d%v", path, victims, forgets)
				w.commit("undone"+name, requestLost, victims)
				undone(t, "undone"+name, post("undone"+name))
				w.commit("done"+name, answerLost, victims)
				c.alreadyDone("done"+name, post("done"+name))
			}
		}
	}
}

// A commit may reach MySQL after its task has given it up and the next request
// under the key is at work: that one waits for it, and is sent to what it made.
func TestCommitIsLate(t *testing.T) {
	w := newWire(t, shared.mysql.URL)
	s := start(t, map[string]string{"DATABASE_URL": w.url, "ROLE": "web"}, io.Discard)
	c := signIn(t, s.url, "demo@example.com")
	c.http.CheckRedirect = notFollowed
	post := func() answer {
		return c.once("POST", "/api/v1/companies", object{"name": "belated", "domain": "belated.example"}, "Idempotency-Key: belated")
	}
	w.commit("belated", late, 0)
	post().want(504)
	atWork := make(chan struct{})
	var first sync.Once
	w.faults(func(_, statement string) fault {
		if strings.HasPrefix(statement, "INSERT INTO companies") {
			first.Do(func() { close(atWork) })
		}
		return noFault
	})
	second := make(chan answer)
	go func() { second <- post() }()
	<-atWork
	close(w.release)
	if a := <-second; a.status != 303 && a.status != 503 { // 503 if it waited for too long on a busy machine
		t.Errorf("the second: %d %s", a.status, a.raw)
	}
	eventually(t, "a repetition is sent to the record", func() bool { return post().status == 303 })
	if n := madeBy(t, shared.mysql.URL, `"belated"`); n != 1 {
		t.Errorf("%d were made", n)
	}
}

// undone asks again after a commit that MySQL never heard of.
func undone(t *testing.T, name string, post func() answer) {
	t.Helper()
	if a := post().want(504); a.header.Get("Retry-After") == "" {
		t.Errorf("%s: it does not say to come back: %s", name, a.raw)
	}
	post().want(201)
	if n := madeBy(t, shared.mysql.URL, `"`+name); n != 1 {
		t.Errorf("%s: %d were made", name, n)
	}
}

// alreadyDone asks again after a commit that MySQL did not get to answer.
func (c client) alreadyDone(name string, post func() answer) {
	c.t.Helper()
	post().want(504)
	at := post().want(303).header.Get("Location")
	if a := c.do("GET", at, nil).want(200); !strings.Contains(a.raw, name) {
		c.t.Errorf("%s: sent to %s", name, a.raw)
	}
	if again := post().want(303).header.Get("Location"); again != at {
		c.t.Errorf("%s: sent to %s, then to %s", name, at, again)
	}
	if n := madeBy(c.t, shared.mysql.URL, `"`+name); n != 1 {
		c.t.Errorf("%s: %d were made", name, n)
	}
}

// madeBy is how many records were made, as the audit log has it, that tell of name.
func madeBy(t testing.TB, mysql, name string) (n int) {
	t.Helper()
	cfg := must(config.Load(func(name string) string { return settings(map[string]string{"DATABASE_URL": mysql})[name] }))
	db := must(database.Open(cfg.Database, 1))
	defer db.Close()
	err := db.View(t.Context(), func(ctx context.Context, q database.Queryer) (err error) {
		n, _, err = database.One(ctx, q, database.Scalar[int], `SELECT COUNT(*) FROM audit_log WHERE workspace_id > 0 AND verb = 'created' AND became LIKE ?`, "%"+name+"%")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
