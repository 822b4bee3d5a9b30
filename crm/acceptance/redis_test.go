package acceptance

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/nodeclient"
)

// all says whether each of so many sockets got such an event.
func all(n *nodeclient.Client, count int, event string, part string) bool {
	told := map[int]bool{}
	for _, e := range n.Events(event) {
		if strings.Contains(string(e.Payload), part) {
			told[e.Socket] = true
		}
	}
	return len(told) == count
}

// What another task's job would leave while Redis is away; a person can do
// nothing then, as nobody's session can be read.
const insertChange = `INSERT INTO outbox (topic, body) SELECT 'change', JSON_OBJECT('workspace', workspace_id, 'audit', id,
	'kind', 'person', 'id', '01890000-0000-7000-8000-000000000000', 'version', 77, 'verb', 'updated') FROM audit_log ORDER BY id DESC LIMIT 1`

// forget takes what Redis has under keys of a pattern.
func (s *stack) forget(ctx context.Context, pattern string) error {
	options, err := redis.ParseURL(s.redis.URL)
	if err != nil {
		return err
	}
	client := redis.NewClient(options)
	defer client.Close()
	keys, err := client.Keys(ctx, pattern).Result()
	if err != nil || len(keys) == 0 {
		return err
	}
	return client.Del(ctx, keys...).Err()
}

// F4: Redis restarts. Nobody is signed out, nothing that was committed is
// lost, and live updates go on, even while it is away: through MySQL.
func TestF4RedisRestarts(t *testing.T) {
	const count = 20
	c := signIn(t, "redis@example.com")
	n := c.sockets(count)
	c.call("POST", "/api/v1/people", object{"firstName": "Before"}).want(201)
	crm.redis.Stop()
	began := time.Now()
	if a := c.call("GET", "/api/v1/people", nil); a.status != 503 || a.header.Get("Retry-After") == "" || a.header.Get("Set-Cookie") != "" {
		t.Errorf("without Redis: %d %v", a.status, a.header)
	}
	crm.exec(t, insertChange)
	eventually(t, "all sockets hear of it without Redis", func() bool { return all(n, count, "record.changed", `"version":77`) })
	outage := time.Since(began)
	if n.Connected() != count {
		t.Errorf("%d of %d sockets are left", n.Connected(), count)
	}
	lines := strings.Count(crm.servers[0].text()+crm.servers[1].text(), "\n")
	time.Sleep(3 * time.Second) // an outage that lasts: what is counted is what it writes into the logs
	if more := strings.Count(crm.servers[0].text()+crm.servers[1].text(), "\n") - lines; more > 20 {
		t.Errorf("%d lines were logged in 3 s of an outage", more)
	}
	if err := crm.redis.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	back := time.Now()
	eventually(t, "the session is good again, at each task", func() bool {
		first, second := c.call("GET", "/api/v1/people", nil), c.call("GET", "/api/v1/people", nil)
		return first.status == 200 && second.status == 200
	})
	signedIn := time.Since(back)
	eventually(t, "the outbox is handed on", func() bool { return crm.number(t, `SELECT COUNT(*) FROM outbox WHERE handed_at IS NULL`) == 0 })
	who := c.call("POST", "/api/v1/people", object{"firstName": "After"}).want(201).text("id")
	eventually(t, "all sockets hear of what is done now", func() bool { return all(n, count, "record.changed", who) })
	t.Logf("Redis away: sockets heard of a change after %s; back: session good after %s, live after %s",
		outage.Round(time.Millisecond), signedIn.Round(time.Millisecond), time.Since(back).Round(time.Millisecond))
}
