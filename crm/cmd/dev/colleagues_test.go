package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// two are the demo workspace's owner and its member, each in a browser.
func two(t *testing.T, base, path string) (olivia, marco func(string, ...action), context_ context.Context) {
	t.Helper()
	ctx := browse(t)
	olivia, marco = stepper(t, ctx), stepper(t, browse(t))
	for who, step := range map[string]func(string, ...action){"#sign-in": olivia, testID("demo-member"): marco} {
		step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+path), chromedp.WaitVisible(who), click(who), chromedp.WaitVisible(".frame"), await(`document.querySelector('.livedot')?.dataset.state === 'live'`))
	}
	return olivia, marco, ctx
}

// TestBoardConflict moves a deal that a colleague moves while it is in the
// hand: both see in the end what one of them chose.
func TestBoardConflict(t *testing.T) {
	base := site(t)
	olivia, marco, _ := two(t, base, "/deals")
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	olivia("three deals", addDeals("A", "B", "C"), await(`document.body.dataset.added`), chromedp.Reload(), inLane("Lead", "C B A"), await(`document.querySelector('.livedot')?.dataset.state === 'live'`))
	clash := func(deal string) {
		t.Helper()
		olivia("lift "+deal, focusCard(deal), type_(" "), await(`document.querySelector('.lifted')`), type_(kb.ArrowRight), await(laneOf("Qualified")+`.querySelector('.lifted')`))
		marco("move "+deal, await(cardOf(deal)), focusCard(deal), type_(" "), await(`document.querySelector('.lifted')`), type_(kb.ArrowRight+kb.ArrowRight), await(laneOf("Proposal")+`.querySelector('.lifted')`),
			type_(" "), await(`!document.querySelector('.lifted')`), await(fmt.Sprintf(`fetch('/api/v1/deals').then((r) => r.json()).then((all) => all.items.find((d) => d.title === %q).stageName === 'Proposal')`, deal)))
		olivia("put down "+deal, type_(" "), await(`document.getElementById('toasts').textContent.includes('Marco Silva changed this')`), picture("board-conflict"))
	}
	clash("A")
	olivia("theirs", push("Take theirs"), inLane("Proposal", "A"), inLane("Qualified", ""), await(`!document.getElementById('toasts').textContent.includes('changed this')`))
	clash("B")
	olivia("mine", push("Keep mine"), inLane("Qualified", "B"), inLane("Proposal", "A"))
	marco("it is back", inLane("Qualified", "B"), inLane("Proposal", "A"), inLane("Lead", "C"))
	olivia("it stays", chromedp.Reload(), inLane("Qualified", "B"), inLane("Proposal", "A"))
}

// listening counts in window.masses the records that changed many at once, and
// keeps when that was last told.
const listening = `(async () => {
	window.masses = 0;
	window.massAt = 0;
	const { name } = performance.getEntriesByType('resource').find((one) => one.name.endsWith('/live.js'));
	(await import(name)).on('records.changed', ({ count }) => { window.masses += count; window.massAt = performance.now(); });
	document.body.dataset.listening = 'yes';
})()`

// said is all that the page's notices have said.
const said = `notices.join(' ')`

// TestMassChange changes many records: who did it is told that it is done, and
// not that much has changed; a colleague is told who changed what.
func TestMassChange(t *testing.T) {
	base := site(t)
	olivia, marco, ctx := two(t, base, "/companies")
	quiet := func(when string) {
		t.Helper()
		olivia("the news has come", await(`window.masses > 12`), chromedp.Evaluate[chromedp.Void](`window.masses = 0`))
		told, err := chromedp.Run(ctx, chromedp.Evaluate[string](said))
		if err != nil || strings.Contains(told, "Much has") || strings.Contains(told, "changed many") || strings.Contains(told, "changed some") {
			t.Errorf("%s, who does it is told: %s (%v)", when, told, err)
		}
	}
	listen := chromedp.Steps(await(`document.querySelector('.livedot')?.dataset.state === 'live'`), chromedp.Evaluate[chromedp.Void](listening), await(`document.body.dataset.listening`))
	calm := await(`window.masses > 12 && performance.now() - window.massAt > 2000`) // the server gathers such news for half a second, from when it was handed on
	olivia("records", listen, demoRecords, call("POST", "/people", `{"firstName":"One","lastName":"More"}`), await(`fetch('/api/v1/jobs').then((r) => r.json()).then((jobs) => jobs.outbox === 0)`), does(`window.massAt = performance.now()`), calm, chromedp.Navigate(base+"/people"), await(`document.querySelectorAll('`+rows+`').length > 10`), listen)
	marco("looks on", chromedp.Navigate(base+"/people"), await(`document.querySelectorAll('`+rows+`').length > 10`), listen, presses("Show it"))
	olivia("change them all", does(`document.querySelector('thead input[type=checkbox]').click()`), await(`document.querySelector('.bulkbar .link:not([hidden])')`), does(`document.querySelector('.bulkbar .link').click()`),
		await(`document.querySelector('.bulkbar .said').textContent === '201 selected'`), click(testID("bulk-owner")), await(`document.querySelector('.menu [role=menuitem]')`), choose("Marco Silva"), await(said+`.includes('Owner changed: 201 people')`), picture("mass-done"))
	quiet("changing many")
	marco("is told", await(said+`.includes('Olivia Park changed many people')`), await(`[...document.querySelectorAll('`+rows+`')].every((row) => row.textContent.includes('Marco Silva') || row.querySelector('[title="Marco Silva"]'))`))
	olivia("undo", await(said+`.includes('Owner changed: 201 peopleUndo')`), press("z"), await(said+`.includes('Undone')`))
	quiet("undoing")
	var lines strings.Builder
	for i := range 40 {
		fmt.Fprintf(&lines, "Imported,Nr %d,i%d@mass.example\n", i, i)
	}
	file := table(t, "many.csv", "First name,Last name,Email\n"+lines.String())
	olivia("import", chromedp.Navigate(base+"/import"), chromedp.WaitVisible(testID("import-choose")), listen, chromedp.SetUploadFiles(testID("import-file"), []string{file}), await(`document.querySelector('[data-testid="import-check"]')?.disabled === false`), click(testID("import-check")),
		chromedp.WaitVisible(testID("import-run")), click(testID("import-run")), says("import-created", "40"), says("import-result", "40 rows in all"))
	quiet("importing")
}
