package acceptance

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	ofWorkspace = ` WHERE workspace_id = (SELECT m.workspace_id FROM members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id > 0 AND u.email = 'told@example.com' LIMIT 1)`
	makeOld     = `UPDATE members SET created_at = created_at - INTERVAL 30 DAY WHERE workspace_id > 0 AND user_id = (SELECT id FROM users WHERE email = 'told@example.com')`
	makeDue     = `UPDATE tasks SET remind_at = UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE` + ofWorkspace
	countTold   = `SELECT COUNT(*) FROM notifications` + ofWorkspace + ` AND target_kind = 'task'`
	countTasks  = `SELECT COUNT(DISTINCT target_id) FROM notifications` + ofWorkspace + ` AND target_kind = 'task'`
	countWeeks  = `SELECT COUNT(*) FROM notifications` + ofWorkspace + ` AND title LIKE 'Your week: %'`
)

// lead has each process take the lead of the periodic work again and again,
// with all of it due, until each has had it so often and done holds.
func (s *stack) lead(t *testing.T, times int, done func() bool) {
	t.Helper()
	options, err := redis.ParseURL(s.redis.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	led := map[string]int{}
	often := func() (n int) {
		for _, count := range led {
			if count >= times {
				n++
			}
		}
		return n
	}
	eventually(t, "each process has led, and all is told", func() bool {
		if name, err := client.GetDel(context.Background(), "jobs:leader").Result(); err == nil {
			led[name]++
		}
		client.Del(context.Background(), "jobs:periodic") // what fails is tried again
		return often() >= len(s.servers) && done()
	})
}

// Two processes that both believe to lead tell each reminder once, and the
// week once to each member.
func TestToldOnceByTwoProcesses(t *testing.T) {
	const reminders = 120 // more than one reading takes
	c := signIn(t, "told@example.com")
	me := c.call("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	for i := range reminders {
		c.call("POST", "/api/v1/tasks", object{"title": fmt.Sprint("Told ", i), "dueDate": "2020-01-31", "assigneeId": me}).want(201)
	}
	crm.exec(t, makeOld)
	crm.exec(t, makeDue)
	now := time.Now().UTC()
	weeks := 1
	if now.Weekday() == time.Monday && now.Hour() < 7 {
		weeks = 0 // it is told from six on
	}
	crm.lead(t, 1, func() bool { return crm.number(t, countTasks) == reminders && crm.number(t, countWeeks) >= weeks })
	crm.lead(t, 2, func() bool { return true })
	if told, week := crm.number(t, countTold), crm.number(t, countWeeks); told != reminders || week > 1 {
		t.Errorf("%d reminders were told %d times, the week %d times", reminders, told, week)
	}
}
