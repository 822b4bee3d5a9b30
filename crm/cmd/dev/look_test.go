package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"apexai/crm/web"
)

//go:embed testdata/styles.js
var foreign string

// media is paper or a screen, in dark, for somebody who wants no motion.
func media(kind string) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind, Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: "dark"}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return err
	})
}

// failing has the page's calls fail whose path is like the pattern; "" lets all through.
func failing(pattern string) action {
	return chromedp.Evaluate[chromedp.Void](`(() => {
		window.through ??= window.fetch;
		const pattern = ` + "`" + pattern + "`" + `;
		window.fetch = pattern ? (url, how) => (new RegExp(pattern).test(url) ? Promise.resolve(new Response('{"title": "Not today"}', {status: 500})) : window.through(url, how)) : window.through;
	})()`)
}

// fits holds until nothing makes the page wider than its window.
var fits = await(`document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll('.page > .bar .primary')].every((n) => n.getBoundingClientRect().right <= innerWidth)`)

// TestLook is what a designer looks at last: where the keyboard is after each
// overlay, pages that fail, no network, figures that are of now.
func TestLook(t *testing.T) {
	base := site(t)
	step := stepper(t, looking(t, base))
	step("people", chromedp.Navigate(base+"/people"), await(settled), await(`document.querySelectorAll('`+rows+`').length > 20`))
	lookFocus(step)
	lookFaults(step)
	lookNow(step)
}

// TestLookOtherwise looks at pages on paper, in a window at 200 %, without
// motion, and with the styles of every other page.
func TestLookOtherwise(t *testing.T) {
	base := site(t)
	ctx := looking(t, base)
	step := stepper(t, ctx)
	lookPaper(step, base)
	lookSmall(step, base)
	step("desk", wide(1280, 800), scheme("light"))
	lookStyles(t, ctx, step, base)
}

// looking is a browser in which somebody is at Home, with demo records.
func looking(t *testing.T, base string) context.Context {
	t.Helper()
	ctx := browse(t)
	stepper(t, ctx)("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), chromedp.WaitVisible(".firststeps"), demoRecords)
	return ctx
}

type steps = func(what string, actions ...action)

// lookFocus opens each overlay from a row by its keys, and closes it: the
// keyboard is at the row again.
func lookFocus(step steps) {
	const row = `document.querySelector('` + rows + ` a[data-open]')`
	for _, over := range []struct{ keys, shown string }{
		{"?", "dialog.help"}, {"c", ".menu"}, {"c d", "dialog.create"}, {"c c", "dialog.create"}, {"c t", "dialog.taskover"}, {"g n", "dialog.bellover"}, {"f", ".menu"},
	} {
		step("keys "+over.keys, does(row+`.focus()`), press(strings.Fields(over.keys)...), chromedp.WaitVisible(over.shown),
			await(`document.querySelector('`+over.shown+`').contains(document.activeElement)`), chromedp.KeyEvent(kb.Escape),
			await(`!document.querySelector('dialog[open], .menu') && document.activeElement === `+row))
	}
	step("columns by mouse", click(`[data-testid="columns"]`), await(`document.activeElement.closest('.menu')`), chromedp.KeyEvent(kb.Escape), await(`!document.querySelector('.menu') && document.activeElement.dataset.testid === 'columns'`))
}

// lookFaults has calls fail: a card of Home alone, then each page as a whole.
func lookFaults(step steps) {
	step("a card that fails", failing("home/attention"), press("g", "h"), await(settled), await(`document.querySelector('.homecard > [role="alert"]')?.textContent.includes('Not today') && document.querySelector('.homenumbers') && document.querySelector('[data-testid="my-tasks"]')`), picture("look-card"),
		failing(""), click(`.homecard > [role="alert"] .link`), await(`document.querySelector('[data-testid="attention"]') && !document.querySelector('.homecard > [role="alert"]')`))
	for _, page := range []struct{ key, calls, shows string }{
		{"t", "/tasks[?]", ".taskrow"}, {"c", "/companies[?]", `[data-testid="company-row"]`}, {"d", "/pipelines", ".deal"}, {"r", "/pipelines", ".report .headline"},
	} {
		step("page "+page.key+" fails", failing(page.calls), press("g", page.key), await(`document.querySelector('main .state:not([hidden])')?.textContent.includes('could not be loaded')`), picture("look-fails-"+page.key),
			failing(""), click(`main .state:not([hidden]) .button`), await(`!document.querySelector('main .state:not([hidden])') && document.querySelector('`+page.shows+`')`))
	}
	step("no network", offline(true), await(`document.querySelector('.away:not([hidden])').getBoundingClientRect().bottom <= document.querySelector('.place').getBoundingClientRect().top + 1`), picture("look-offline"),
		held("k"), chromedp.WaitVisible(".palette input"), chromedp.KeyEvent(kb.Escape), await(`!document.querySelector('dialog')`),
		press("?"), await(`document.querySelector('dialog.help') || document.getElementById('toasts').textContent.includes('You are offline')`),
		chromedp.KeyEvent(kb.Escape), offline(false), await(`document.querySelector('.away').hidden`))
}

// lookNow wins a deal and comes back to the reports, which were left before.
func lookNow(step steps) {
	const won = `document.querySelector('[data-testid="report-won-lost"] .headline')?.textContent`
	step("reports are of now", await(won), chromedp.Evaluate[chromedp.Void](`document.body.dataset.won = `+won+`.match(/(\d+) won/)[1]`), press("g", "h"), await(`document.querySelector('.greeting')`),
		chromedp.Evaluate[chromedp.Void](`(async () => {
			const deal = (await (await fetch('/api/v1/deals?limit=100')).json()).items.find((one) => one.status === 'open');
			const answer = await fetch('/api/v1/deals/' + deal.id + '/won', {method: 'POST', headers: {'Content-Type': 'application/json', 'If-Match': '"v' + deal.version + '"'}, body: '{}'});
			document.body.dataset.answered = answer.status;
		})()`), await(`document.body.dataset.answered === '200'`),
		await(`(async () => {
			const report = await (await fetch('/api/v1/reports/won-lost')).json();
			return report.won.count === Number(document.body.dataset.won) + 1;
		})()`), press("g", "r"), await(`new RegExp('^' + (Number(document.body.dataset.won) + 1) + ' won').test(`+won+`)`))
}

// lookPaper prints: only what a page says, in dark on white, and all of it.
func lookPaper(step steps, base string) {
	const dark = `getComputedStyle(document.body).backgroundColor !== 'rgb(255, 255, 255)'`
	step("paper", chromedp.Navigate(base+"/reports"), await(settled), await(`document.querySelector('.report .headline')`), wide(794, 1123), media("print"), await(`!(`+dark+`) && !document.querySelector('.rail').checkVisibility() && !document.querySelector('.report .quiet').checkVisibility()`),
		await(`[...document.querySelectorAll('.report')].every((n) => n.getBoundingClientRect().right <= innerWidth)`), await(`document.querySelector('.place').scrollHeight <= document.querySelector('.place').clientHeight + 1`), picture("look-paper-reports"))
	step("a list on paper", chromedp.Navigate(base+"/people"), await(settled), await(`document.querySelectorAll('`+rows+`').length > 20`), fits,
		await(`document.querySelector('`+rows+` .names a').getBoundingClientRect().width > 40 && [...document.querySelectorAll('.records th')].every((n) => n.getBoundingClientRect().right <= innerWidth)`), picture("look-paper-people"), media("screen"))
}

// lookSmall is a window of 1280 pixels at 200 %, without motion, and a phone.
func lookSmall(step steps, base string) {
	step("200 %", wide(640, 400))
	for _, path := range []string{"/", "/people", "/deals", "/tasks", "/reports", "/import", "/settings/audit"} {
		step(path+" at 200 %", chromedp.Navigate(base+path), await(settled), fits, picture("look-double"+strings.ReplaceAll(path, "/", "-")))
	}
	step("no motion", press("?"), chromedp.WaitVisible("dialog.help"), await(`document.getAnimations().length === 0 && getComputedStyle(document.querySelector('dialog.help')).animationName === 'none'`), chromedp.KeyEvent(kb.Escape))
	step("a section on a phone", wide(390, 844), chromedp.Navigate(base+"/settings/webhooks"), await(settled),
		await(`(() => { const at = document.querySelector('.sections nav [aria-current]').getBoundingClientRect(); return at.left >= 0 && at.right <= innerWidth; })()`), picture("look-section"))
}

// lookStyles adds the styles of all pages to each: nothing may look otherwise.
func lookStyles(t *testing.T, ctx context.Context, step steps, base string) {
	t.Helper()
	var files []string
	err := fs.WalkDir(web.Files(), "static", func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".css") && !strings.HasSuffix(name, "print.css") {
			files = append(files, strings.TrimPrefix(name, "static/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range everywhere(t, ctx) {
		step(path, chromedp.Navigate(base+path), await(settled))
		faults, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](foreign+"("+string(list)+")", chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range faults {
			t.Errorf("%s: %s", path, fault)
		}
	}
}
