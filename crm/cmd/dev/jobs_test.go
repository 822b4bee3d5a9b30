package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/receiver"
)

// giveUp puts jobs that wait for their next try among those that failed for
// good, as 20 hours of failures would, and returns how many.
func (s stores) giveUp(t *testing.T) int {
	t.Helper()
	at, err := redis.ParseURL(s.redis.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(at)
	defer client.Close()
	n, err := asynq.NewInspectorFromRedisClient(client).ArchiveAllRetryTasks("default")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestJobsStory looks at jobs that failed for good: one is run once more, one
// is forgotten, and the rest run together.
func TestJobsStory(t *testing.T) {
	base, data := siteOver(t)
	there := receiver.Start(t, "127.0.0.1")
	there.Answer(500)
	ctx := browse(t)
	step := stepper(t, ctx)
	rows := func(n int) action { return counts(`document.querySelectorAll('.ledger .entry')`, n) }
	open := does(`document.querySelector('.ledger .entry').click()`)
	step("nothing failed", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/settings/jobs"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), counts(`document.querySelectorAll('.ledger-figures > div')`, 7),
		await(`document.querySelector('.sheet').innerText.includes('Nothing has failed for good')`), await(`![...document.querySelectorAll('button')].some((b) => b.textContent === 'Run all once more' && b.checkVisibility())`), picture("jobs-none"))
	step("four that fail", call("POST", "/webhooks", `{"url":"`+there.URL+`","events":["company.created"]}`), call("POST", "/companies", `{"name":"One"}`), call("POST", "/companies", `{"name":"Two"}`),
		call("POST", "/companies", `{"name":"Three"}`), call("POST", "/companies", `{"name":"Four"}`), await(`[...document.querySelectorAll('.ledger-figures > div')].find((d) => d.textContent.includes('To be tried again'))?.textContent.startsWith('4')`), picture("jobs-retrying"))
	given := 0 // one may be tried once more meanwhile
	eventually(t, "all four are given up", func() bool { given += data.giveUp(t); return given == 4 })
	step("they are shown", rows(4), await(entry("Webhook delivery", "tries")), open, await(`document.querySelector('.ledger pre')?.textContent.includes('it answered 500')`), picture("jobs-dead"), scheme("dark"), picture("jobs-dead-dark"), scheme("light"))
	there.Answer(204)
	before := len(there.Find())
	step("one runs once more", push("Run once more"), told("It runs once more"), rows(3))
	eventually(t, "it arrives", func() bool { return len(there.Find()) == before+1 })
	step("one is forgotten", open, await(`document.querySelector('.ledger pre')`), push("Forget it"), rows(2))
	step("the rest run", push("Run all once more"), told("2 jobs run once more"), rows(0), await(`document.querySelector('.sheet').innerText.includes('Nothing has failed for good')`), picture("jobs-redriven"), wide(390, 844), picture("jobs-phone"))
	eventually(t, "they arrive", func() bool { return len(there.Find()) == before+3 })
}
