package main

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// held is a key with Ctrl.
func held(key string) action { return chromedp.KeyEvent(key, chromedp.KeyModifiers(2)) }

func offline(yes bool) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		everything := []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: -1, Offline: yes}}
		if _, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: everything}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: yes, DownloadThroughput: -1, UploadThroughput: -1})
		return err
	})
}

// TestFrame goes around the frame: rail, palette, menus, addresses, and what
// happens when something is not there.
func TestFrame(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/people"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), await(`document.querySelector('.state h2')`))
	step("the menu of what can be made", press("c"), chromedp.WaitVisible(".menu"), picture("create-menu"), press("p"), chromedp.WaitVisible(input("firstName")),
		type_("Ada"+kb.Tab+"Lovelace"+kb.Enter), await(`document.querySelectorAll('`+rows+`').length === 1`), type_(kb.Escape))
	step("a form over another page", press("g", "h"), await(`document.querySelector('.greeting')`), press("c", "c"), chromedp.WaitVisible("dialog.create "+input("name")), picture("create"),
		type_("Analytical Engines"+kb.Enter), await(`!document.querySelector('dialog')`), told("Analytical Engines added"))
	step("the palette finds records", held("k"), chromedp.WaitVisible(".palette input"), picture("palette"), type_("lovel"),
		await(`document.querySelector('.palette [aria-selected="true"]')?.textContent.includes('Ada Lovelace')`), picture("palette-found"),
		type_(kb.Enter), await(`document.querySelector('.who h1')?.textContent === 'Ada Lovelace' && !document.querySelector('dialog')`), await(`document.title.startsWith('Ada Lovelace')`))
	step("commands only", held("k"), chromedp.WaitVisible(".palette input"), type_(">companies"),
		await(`document.querySelector('.palette [aria-selected="true"]')?.textContent.includes('Go to Companies')`), type_(kb.Enter), await(`location.pathname === '/companies'`))
	step("recent", held("k"), await(`document.querySelector('.palette [role=group]')?.textContent.includes('Ada Lovelace')`), type_("?"), chromedp.WaitVisible("dialog.help"), picture("keys"), type_(kb.Escape))
	step("back and forward", does(`history.back()`), await(`document.querySelector('.who h1')`), does(`history.forward()`), await(`document.querySelector('[data-testid="company-row"]')`))
	step("a folded rail", held("\\"), await(`document.querySelector('.rail').offsetWidth === 56`), picture("folded"), chromedp.Reload(), await(`document.querySelector('.rail')?.offsetWidth === 56`), held("\\"), await(`document.querySelector('.rail').offsetWidth === 232`))
	paint, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(async () => {
		const painted = await Promise.race([
			new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime)).observe({type: 'paint', buffered: true})),
			new Promise((done) => setTimeout(done, 2000))]);
		const rows = Math.max(...performance.getEntriesByType('resource').filter((r) => r.name.includes('/api/v1/')).map((r) => r.responseEnd));
		const loaded = performance.getEntriesByType('resource').reduce((sum, r) => sum + r.transferSize, 0);
		return 'first paint after ' + Math.round(painted ?? NaN) + ' ms, the last answer after ' + Math.round(rows) + ' ms, ' + Math.round(loaded / 1024) + ' KiB fetched, the rest from the cache';
	})()`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	t.Log(paint)
	step("what is typed is not lost", await(`document.querySelector('[data-testid="company-row"] a')`), click(`[data-testid="company-row"] a[data-open]`), chromedp.WaitVisible(details+" "+input("industry")),
		chromedp.SendKeys(details+" "+input("industry"), "Machines"), click(".bar .crumb"), chromedp.WaitVisible("dialog .question"), picture("leave"), type_(kb.Escape), await(`!document.querySelector('dialog')`),
		await(`document.querySelector('.details input[name="industry"]').value === 'Machines'`), does(`history.back()`), chromedp.WaitVisible("dialog .question"),
		await(`location.pathname.startsWith('/companies/')`), type_(kb.Enter), await(`location.pathname === '/companies'`))
	step("an address of nothing", chromedp.Navigate(base+"/companies/0192aaaa-0000-7000-8000-000000000000"), await(`document.querySelector('.state h2')?.textContent === 'There is nothing here'`), picture("nothing"))
	step("no network", press("g", "h"), await(`document.querySelector('.greeting')`), chromedp.Navigate(base+"/companies"), await(`document.querySelector('[data-testid="company-row"]')`),
		offline(true), await(`document.querySelector('.away:not([hidden])')`))
	step("a page that cannot be had", press("g", "s"), await(`document.querySelector('.state h2')?.textContent === 'This page could not be loaded'`), picture("offline"))
	step("the network is back", offline(false), await(`document.querySelector('.away').hidden`), press("g", "s"), await(`document.querySelector('.state .button, .section .sheet')`))
	step("phone", wide(390, 844), chromedp.Navigate(base+"/"), await(`document.querySelector('.greeting')`), picture("home-phone"), click(".pocket"), chromedp.WaitVisible(".menu"), picture("more-phone"))
}
