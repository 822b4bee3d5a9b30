package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/receiver"
)

// exec changes a site's database behind its back, as time would.
func (s stores) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	c, err := config.Load(func(name string) string {
		return map[string]string{"APP_ENV": "dev", "DATABASE_URL": s.mysql.URL, "REDIS_URL": s.redis.URL}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(c.Database, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Pool().ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// push presses the newest button of a label.
func push(label string) action {
	found := fmt.Sprintf(`[...document.querySelectorAll('button')].findLast((b) => b.textContent.trim() === %q && b.checkVisibility())`, label)
	return does(found + `.click()`)
}

// presses has the page press a button as soon and as often as it comes: the
// notice that has it may be gone before anybody has looked.
func presses(label string) action {
	return does(fmt.Sprintf(`(() => { const look = () => { const found = [...document.querySelectorAll('button')].find((b) => b.textContent.trim() === %q); found?.click(); requestAnimationFrame(look); }; look(); })()`, label))
}

// entry is the first row of a ledger whose text has both parts.
func entry(one, other string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('.ledger .entry')].find((e) => e.textContent.includes(%q) && e.textContent.includes(%q))`, one, other)
}

// count is how many things a JavaScript expression lists.
func counts(js string, want int) action { return await(fmt.Sprintf(`(%s).length === %d`, js, want)) }

// call asks the API from the page and waits for the answer.
func call(method, path, body string) action {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		status, err := chromedp.Run(ctx, chromedp.Evaluate[int](fmt.Sprintf(
			`fetch('/api/v1%s', {method: %q, headers: {'Content-Type': 'application/json'}, body: %q || undefined}).then((r) => r.status)`, path, method, body), chromedp.EvalAwaitPromise))
		if err == nil && status >= 300 {
			err = fmt.Errorf("%s %s: %d", method, path, status)
		}
		return err
	})
}

// eventually waits until ok says so.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// secretShown is the secret that is shown this once; what shows it is closed.
func secretShown(t *testing.T, ctx context.Context, step func(string, ...action)) string {
	t.Helper()
	step("a secret", await(`document.querySelectorAll('dialog').length === 1 && document.querySelector('dialog .copyable input').value.startsWith('whsec_')`), picture("webhook-secret"))
	secret, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('dialog .copyable input').value`))
	if err != nil {
		t.Fatal(err)
	}
	step("close", does(`document.querySelector('dialog [aria-label="Close"]').click()`), await(`!document.querySelector('dialog')`), await(`document.querySelector('[data-testid="webhook-state"]')`))
	return secret
}

// TestWebhookStory uses each control of the page of webhooks, and is the
// system that they tell.
func TestWebhookStory(t *testing.T) {
	base, data := siteOver(t)
	there := receiver.Start(t, "127.0.0.1")
	ctx := browse(t)
	step := stepper(t, ctx)
	state := func(text string) action { return says("webhook-state", text) }
	write := func(name, text string) action {
		return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('dialog input[name=%q]').value = %q`, name, text))
	}
	step("none yet", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/settings/webhooks"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), await(`document.querySelector('.state h2')?.textContent === 'No webhooks yet'`), picture("webhooks-none"))
	step("a wrong address", push("Add a webhook"), chromedp.WaitVisible("dialog "+input("url")), write("url", "ftp://example.com/x"), push("Add"), await(`document.querySelector('dialog .fault').textContent.includes('https://')`), picture("webhook-add"))
	step("a right one", write("url", there.URL+"/crm?token=hush"), write("events", "person.*"), push("Add"))
	secret := secretShown(t, ctx, step)
	step("a test", state("On"), push("Send a test"), await(entry("webhook.test", "204 in")), picture("webhook-tested"))
	step("a change", call("POST", "/people", `{"firstName":"Ada","lastName":"Lovelace"}`), await(entry("person.created", "204 in")))
	first := there.Find(`"person.created"`, `"firstName":"Ada"`)
	if len(first) != 1 || !first[0].SignedWith(secret) {
		t.Fatalf("of the new person %d messages came, or the signature is not right", len(first))
	}
	step("what was sent", does(entry("person.created", "204 in")+`.click()`), await(`document.querySelector('.ledger .more:not([hidden]) pre')?.textContent.includes('Lovelace')`), picture("webhook-delivery"),
		push("Send anew"), told("Sent anew"), counts(`[...document.querySelectorAll('.ledger .entry')].filter((e) => e.textContent.includes('person.created') && e.textContent.includes('204 in'))`, 2))
	if both := there.Find(`"person.created"`); len(both) != 2 || both[0].Header.Get("webhook-id") != both[1].Header.Get("webhook-id") || !both[1].SignedWith(secret) {
		t.Errorf("sent anew it is another message: %v", both)
	}
	step("other events", push("Change"), chromedp.WaitVisible("dialog "+input("events")), write("events", "deal.*, company.created"), push("Save"), await(`document.querySelector('.sheet .lead')?.textContent === 'company.created, deal.*'`))
	step("another secret", push("New secret"), push("Make it"))
	fresh := secretShown(t, ctx, step)
	step("a company", call("POST", "/companies", `{"name":"Rocket Works"}`), call("POST", "/people", `{"firstName":"Unheard"}`), await(entry("company.created", "204 in")))
	if got := there.Find("Rocket Works"); len(got) != 1 || !got[0].SignedWith(fresh) || got[0].SignedWith(secret) || len(there.Find("Unheard")) > 0 {
		t.Errorf("with another secret and other events: %v", got)
	}
	step("off and on", push("Switch off"), state("Off"), push("Switch on"), state("On"))
	there.Answer(500)
	step("it fails", push("Send a test"), await(entry("webhook.test", "it answered 500; tried again")), state("Failing"), picture("webhook-failing"))
	data.exec(t, "UPDATE webhooks SET failing_since = ?", time.Now().UTC().Add(-73*time.Hour))
	step("it is given up", push("Send a test"), state("Off: it failed for three days"), chromedp.Navigate(base+"/people"), chromedp.WaitVisible(`[data-testid="add-person"]`),
		press("g", "n"), await(`document.querySelector('[data-testid="notification"]')?.textContent.includes('is off: it failed for three days')`), picture("webhook-notice"),
		await(`!document.querySelector('.bell').textContent.includes('hush')`), tap(`[data-testid="notification"]`), state("Off: it failed for three days"), scheme("dark"), picture("webhook-off-dark"), wide(390, 844), picture("webhook-off-phone"), wide(1280, 800), scheme("light"))
	there.Answer(204)
	step("it works again", push("Switch on"), state("On"), push("Send a test"), await(entry("webhook.test", "204 in")))
	step("the list", chromedp.Navigate(base+"/settings/webhooks"), await(entry("/crm?token=hush", "On")), picture("webhooks"), does(entry("/crm", "On")+`.click()`), state("On"))
	step("no more", push("Delete"), await(`document.querySelector('dialog')`), push("Delete"), await(`document.querySelector('.state h2')?.textContent === 'No webhooks yet'`))
}
