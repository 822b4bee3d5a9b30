package acceptance

import (
	"context"
	"testing"
	"time"
)

// MySQL restarts under load, as in a failover: killed, or in order. Requests
// meanwhile are asked to come back, and each is answered in the end; nothing that
// was answered is lost, and nothing is there twice.
func TestMySQLRestartsUnderLoad(t *testing.T) {
	c := signIn(t, "failover@example.com")
	t.Run("killed", func(t *testing.T) { c.restart(t, "mysql-killed", crm.mysql.Kill, crm.mysql.Start) })
	t.Run("stopped", func(t *testing.T) { c.restart(t, "mysql-stopped", crm.mysql.Stop, crm.mysql.Start) })
}

// Redis is killed under load and loses all but its sessions, as a cache that
// fails over may: what was made under a key is not made again.
func TestRedisRestartsUnderLoad(t *testing.T) {
	c := signIn(t, "forgets@example.com")
	c.restart(t, "redis-forgets", crm.redis.Kill, func(ctx context.Context) error {
		if err := crm.redis.Start(ctx); err != nil {
			return err
		}
		return crm.forget(ctx, "idem:*")
	})
}

func (c client) restart(t *testing.T, name string, end func(), start func(context.Context) error) {
	t.Helper()
	c.t = t
	load := c.load(name, 90*time.Second)
	eventually(t, "requests flow", func() bool { return load.made.Load() > 20 })
	crm.router.count()
	began := time.Now()
	end()
	if err := start(context.Background()); err != nil {
		t.Fatal(err)
	}
	back := time.Now()
	before := load.made.Load()
	eventually(t, "requests flow again", func() bool { return load.made.Load() > before+20 })
	flowing := time.Since(back)
	load.stop()
	counted := crm.router.count()
	for status, count := range counted {
		if status >= 500 && status != 503 && status != 504 {
			t.Errorf("%d requests were answered %d", count, status)
		}
	}
	load.complete(t)
	if load.unsure > 0 {
		t.Errorf("%d were never answered", load.unsure)
	}
	t.Logf("away for %s; requests flowed %s after it came back; answers by status: %v", back.Sub(began).Round(time.Millisecond), flowing.Round(time.Millisecond), counted)
	for _, p := range crm.servers {
		if !p.healthy() {
			t.Errorf("%s is not healthy", p.name)
		}
	}
}
