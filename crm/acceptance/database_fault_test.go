package acceptance

import (
	"context"
	"testing"
	"time"
)

// MySQL restarts under load, as in a failover: requests meanwhile are asked to
// come back, nothing that was answered is lost, and nothing is there twice.
func TestMySQLRestartsUnderLoad(t *testing.T) {
	c := signIn(t, "failover@example.com")
	load := c.load("failover")
	eventually(t, "requests flow", func() bool { return load.made.Load() > 20 })
	crm.router.count()
	began := time.Now()
	crm.mysql.Kill()
	if err := crm.mysql.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	back := time.Now()
	before := load.made.Load()
	eventually(t, "requests flow again", func() bool { return load.made.Load() > before+20 })
	flowing := time.Since(back)
	load.stop()
	counted := crm.router.count()
	for status, count := range counted {
		if status >= 500 && status != 503 {
			t.Errorf("%d requests were answered %d", count, status)
		}
	}
	load.complete(t)
	t.Logf("MySQL was away for %s; requests flowed %s after it came back; answers by status: %v", back.Sub(began).Round(time.Millisecond), flowing.Round(time.Millisecond), counted)
	for _, p := range crm.servers {
		if !p.healthy() {
			t.Errorf("%s is not healthy", p.name)
		}
	}
}
