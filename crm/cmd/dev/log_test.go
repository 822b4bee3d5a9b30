package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestAuditStory looks up in the audit log who did what, by each of its
// controls, and takes it along as a file.
func TestAuditStory(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	entries := func(n int) action { return counts(`document.querySelectorAll('.ledger > li')`, n) }
	pick := func(control, value string) action {
		return does(fmt.Sprintf(`(() => { const c = document.querySelector('.ledger-tools [name=%q]'); c.value = c.options ? [...c.options].find((o) => o.textContent === %q).value : %q; c.dispatchEvent(new Event('change', { bubbles: true })); })()`, control, value, value))
	}
	file := func(holds string) action {
		return await(`fetch([...document.querySelectorAll('.ledger-tools a')].find((a) => a.download === 'audit.csv').href).then((r) => r.text()).then((text) => { const lines = text.trim().split('\n').slice(1); return ` + holds + `; })`)
	}
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/settings/audit"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), await(`document.querySelector('.ledger')`))
	step("sixty-odd changes", chromedp.Evaluate[chromedp.Void](`(async () => {
		const call = async (method, path, body, version) => (await fetch('/api/v1' + path, { method, headers: { 'Content-Type': 'application/json', 'If-Match': '"v' + version + '"' }, body: JSON.stringify(body) })).json().catch(() => null);
		for (let i = 0; i < 60; i++) await call('POST', '/tags', { name: 'tag ' + i, kind: 'person' });
		const { id } = await call('POST', '/people', { firstName: 'Audited', title: '=1+1' });
		await call('PATCH', '/people/' + id, { title: 'Chief' }, 1);
		await call('DELETE', '/people/' + id, undefined, 2);
		await call('POST', '/people/' + id + '/restore');
		document.body.dataset.made = id;
	})()`), await(`document.body.dataset.made`))
	step("the newest", chromedp.Navigate(base+"/settings/audit"), entries(50), await(`document.querySelector('.ledger li').textContent.includes('Olivia Park restored person')`), picture("audit"))
	step("further back", push("Show more"), await(`document.querySelectorAll('.ledger > li').length > 60`))
	step("of people", pick("kind", "Person"), entries(4), pick("verb", "updated"), entries(1), does(`document.querySelector('.ledger button.entry').click()`),
		await(`document.querySelector('.differs .was')?.textContent === '=1+1'`), await(`document.querySelector('.differs').textContent.includes('Chief')`), picture("audit-entry"), file(`lines.length === 1 && text.includes('Chief')`))
	step("by whom and when", pick("actorId", "Olivia Park"), entries(1), pick("from", "2199-01-01"), entries(0), await(`document.querySelector('.section').innerText.includes('No changes of this sort.')`), picture("audit-none"),
		pick("from", ""), pick("to", "2020-01-01"), entries(0), file(`lines.length === 0`), pick("to", ""), entries(1))
	step("all of it", pick("kind", "All"), pick("verb", "All"), pick("actorId", "All"), entries(50), file(`lines.length >= 64 && lines.every((l) => !/(^|,)[=+@]/.test(l))`))
	step("the record", pick("kind", "Person"), entries(4), does(`document.querySelector('.ledger button.entry').click()`), await(`document.querySelector('.ledger .more:not([hidden]) a')`), scheme("dark"), wide(390, 844), picture("audit-phone-dark"),
		tap(`.ledger .more:not([hidden]) a`), await(`document.querySelector('.who h1')?.textContent === 'Audited'`))
	place, control := "Pacific/Pago_Pago", "to" // where it is yesterday
	if time.Now().UTC().Hour() >= 10 {
		place, control = "Pacific/Kiritimati", "from" // where it is tomorrow
	}
	in, err := time.LoadLocation(place)
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().In(in).Format(time.DateOnly)
	step("days are those of the reader's calendar", wide(1280, 800), scheme("light"), clocks(place), chromedp.Navigate(base+"/settings/audit"), entries(50),
		pick("kind", "Person"), pick(control, today), entries(4), file(`lines.length === 4`))
}

// clocks has the browser's clocks show the time of another place.
func clocks(place string) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: place})
		return err
	})
}
