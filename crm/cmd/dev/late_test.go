package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// holding has the page keep answers back: those to the addresses that
// window.held matches, until they are let in.
const holding = `(() => {
	window.waiting = [];
	const through = window.fetch;
	window.fetch = async (url, options = {}) => {
		const hold = window.held?.test((options.method ?? 'GET') + ' ' + url);
		const answer = await through(url, options);
		if (hold) await new Promise((done) => window.waiting.push(done));
		return answer;
	};
})()`

// hold keeps answers back from now on.
func hold(pattern string) action {
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf("window.held = new RegExp(%q)", pattern))
}

// kept holds until so many answers are kept back.
func kept(n int) action { return await(fmt.Sprintf("window.waiting.length === %d", n)) }

// letIn hands the page the answers that were kept back, and keeps none any more.
func letIn() action {
	return chromedp.Evaluate[chromedp.Void]("window.held = null; for (const one of window.waiting.splice(0)) one()")
}

// stays holds when something is true, and half a second later still is.
func stays(js string) action {
	return chromedp.Steps(await(js), chromedp.Evaluate[chromedp.Void]("window.since = performance.now()"), await("performance.now() > window.since + 500"),
		await("("+js+") || (() => { throw new Error('it did not stay') })()"))
}

// TestLateAnswers is somebody who is quicker than the network: an answer that
// comes late changes nothing of what was done meanwhile.
func TestLateAnswers(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/tasks"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), await(`document.querySelector('.taskspage')`), await(settled),
		chromedp.Evaluate[chromedp.Void](holding), call("POST", "/people", `{"firstName":"Rosa","lastName":"Engel"}`), call("POST", "/people", `{"firstName":"Rolf"}`),
		addDeals("A", "B"), await(`document.body.dataset.added`), call("POST", "/tasks", `{"title":"Of nobody","assigneeId":null}`))
	step("another page", hold("GET .*/pipelines"), press("g", "d"), kept(1), press("g", "t"), stays(`document.querySelector('.taskspage') && !document.querySelector('main .bones')`),
		letIn(), stays(`document.querySelector('.taskspage') && !document.querySelector('.board')`))
	step("everybody's tasks, or mine", await(settled), hold(`/tasks\?(?!.*assignee)`), click(`[data-mine="false"]`), kept(1), click(`[data-mine="true"]`), await(`document.querySelector('.tasklist .state h2')?.textContent === 'All clear'`),
		letIn(), stays(`document.querySelector('.tasklist .state h2')?.textContent === 'All clear' && !document.querySelector('.taskrow')`), click(`[data-mine="false"]`), await(texts(".taskrow .tasktitle", "Of nobody")))
	step("another section", press("g", "s"), await(`document.querySelector('.section .sheet')`), hold("/auth/sessions"), click(`a[href="/settings/sessions"]`), kept(1), click(`a[href="/settings/calendar"]`), await(texts(".section h2", "Calendar")),
		letIn(), stays(`document.querySelector('.section h2')?.textContent === 'Calendar' && !document.querySelector('.section .bones')`))
	step("a name and Enter", hold("/search"), held("k"), chromedp.WaitVisible(".palette input"), type_("rosa"), kept(1), type_(kb.Enter), stays(`document.querySelector('.palette')`), letIn(), await(`document.querySelector('.who h1')?.textContent === 'Rosa Engel'`))
	step("typing on while it is saved", await(settled), chromedp.SendKeys(details+" "+input("title"), "Buyer"), hold("PATCH .*/people"), click(details+" "+save), kept(1), chromedp.SendKeys(details+" "+input("lastName"), "s"), letIn(), told("Saved"),
		await(`document.querySelector('.details input[name="lastName"]').value === 'Engels' && document.querySelector('.details input[name="title"]').value === 'Buyer' && document.querySelector('.details.dirty')`),
		click(details+" "+save), told("Saved"), await(`document.querySelector('.who h1').textContent === 'Rosa Engels'`))
	step("a question at once", hold("/schema"), held("j"), kept(1), chromedp.SendKeys(testID("question"), "My open deals over 10k\r"), await(`performance.getEntriesByType('resource').some((one) => one.name.includes('/ai/query'))`), letIn(), chromedp.WaitVisible(testID("ask-chips")), type_(kb.Escape), await(`!document.querySelector('dialog')`))
	step("two changes at once", press("g", "d"), inLane("Lead", "B A"), click(`.deal[href]`), await(`document.querySelector('.who h1')?.textContent === 'B'`), await(settled), hold("PATCH .*/deals"),
		chromedp.Focus(testID("partner-search")), await(`document.querySelector('.partnersbox .options:not([hidden]) li')`), type_(kb.Enter), kept(1), tap(testID("lost")), chromedp.WaitVisible(".whylost input"), type_("Price"+kb.Enter),
		await(`document.querySelector('.ended.lost')`), letIn(), stays(`document.querySelector('.ended.lost') && document.querySelector('.partners a')`), told("Lost: B"))
	step("a board that comes while a deal is in the hand", hold("/deals/board"), chromedp.Evaluate[chromedp.Void](`history.back()`), kept(1),
		focusCard("A"), type_(" "), await(`document.querySelector('.lifted')`), letIn(), stays(`document.querySelector('.lifted')`), type_(kb.ArrowRight+" "), told("A is in Qualified"), inLane("Qualified", "A"), inLane("Lost", "B"), await(settled), inLane("Qualified", "A"))
	step("and while one is being written", click(`[data-testid="lane-add"]`), type_("Half"), hold("/deals/board"), click(testID("owner")), chromedp.WaitVisible(".menu"), choose("Mine"), kept(1), letIn(), await(settled),
		await(`document.querySelector('.addcard:not([hidden]) input[name=title]').value === 'Half'`))
	step("a list that was asked for before somebody was added", hold(`/people\?`), press("g", "p"), kept(1), press("c", "p"), await(`document.activeElement.name === 'firstName'`), type_("Zora"+kb.Enter), await(`document.querySelectorAll('`+rows+`').length === 1`), letIn(), await(settled),
		await(`document.querySelectorAll('`+rows+`').length === 3 && document.activeElement.name === 'firstName'`))
}
