package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	compose = `[data-testid="compose"]`
	entries = `[data-testid="entry"]`
	tasks   = `[data-testid="task-row"]`
)

func texts(selector, wanted string) string {
	return `[...document.querySelectorAll('` + selector + `')].some((n) => n.textContent.includes(` + "`" + wanted + "`" + `))`
}

// TestSalesCall is somebody who calls a person, writes it down, and does what
// was promised.
func TestSalesCall(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	save := func() action { return chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2)) }
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/people"), chromedp.WaitVisible("#sign-in"), click("#sign-in"),
		chromedp.WaitVisible(`[data-testid="add-person"]`), await(`document.querySelector('.state h2')`))
	step("a person", press("c", "p"), await(`document.activeElement.name === 'firstName'`), type_("Ada"+kb.Tab+"Lovelace"+kb.Tab+"Analytical Engines"+kb.Enter),
		await(`document.querySelectorAll('`+rows+`').length === 1`), type_(kb.Escape), click(rows+" a[data-open]"), chromedp.WaitVisible(compose))
	step("nothing yet", await(texts(".timeline .state h2", "Log the first call")), picture("timeline-empty"))
	step("log a call", press("l"), await(`document.activeElement.dataset.testid === 'compose'`), type_("She likes the engine and asks for an offer.\nhttps://example.com/offer"),
		picture("timeline-writing"), chromedp.Reload(), chromedp.WaitVisible(compose), await(`document.querySelector('`+compose+`').value.includes('likes the engine')`),
		await(`document.querySelector('.writetypes [aria-checked="true"]').dataset.type === 'call'`),
		chromedp.Focus(compose), does(`(() => { const s = document.querySelector('select[name="outcome"]'); s.value = 'connected'; s.dispatchEvent(new Event('change')); })()`), save(),
		await(texts(entries, "likes the engine")+" && "+texts(entries, "logged a call")+" && "+texts(entries, "reached")), await(`document.querySelector('`+compose+`').value === ''`))
	step("a task", click(`[data-type="task"]`), type_("Send the offer tomorrow 3pm !"), await(texts(".understood", "Tomorrow 15:00")+" && "+texts(".understood", "High priority")), picture("timeline-task"),
		save(), told("Task added: Send the offer"), await(`document.querySelector('a[href="/tasks"] .badge')`))
	step("a note that names somebody", click(`[data-type="note"]`), type_("Thanks @oli"), await(`document.querySelector('.mentions:not([hidden]) li')`), picture("timeline-mention"),
		press("Enter"), type_("for the help"), save(), await(`[...document.querySelectorAll('.mention')].some((n) => n.textContent.startsWith('@'))`))
	step("edit a field", chromedp.SendKeys(details+" "+input("title"), "Countess"), click(details+` [data-testid="save"]`), await(texts(entries, "set Title to Countess")), picture("timeline"))
	step("pin", does(`document.querySelector('.entry.call .quiet').click()`), chromedp.WaitVisible(".menu"), press("p"), chromedp.KeyEvent(kb.Enter),
		await(`document.querySelector('.lineday.pinned .entry')`), picture("timeline-pinned"))
	step("its tasks", click(`#tab-1`), await(`document.querySelectorAll('`+tasks+`').length === 1`), picture("record-tasks"))
	step("the day's tasks", press("g", "t"), chromedp.WaitVisible(".taskspage"), await(`document.querySelectorAll('`+tasks+`').length === 1`),
		press("n"), type_("Call the bank today"+kb.Enter), await(`document.querySelectorAll('`+tasks+`').length === 2`), type_("Write the report every friday 16:00"+kb.Enter), await(`document.querySelectorAll('`+tasks+`').length === 3`),
		type_("Water the plants"+kb.Enter), await(`document.querySelectorAll('`+tasks+`').length === 4`), picture("tasks"))
	step("by keyboard", does(`document.activeElement.blur()`), press("j"), await(`document.activeElement.textContent.includes('Call the bank')`),
		press("d"), chromedp.WaitVisible(".menu"), picture("tasks-move"), press("m"), await(`document.querySelector('.taskgroup.in-tomorrow')?.textContent.includes('Call the bank')`))
	step("done, undone, done", does(`document.activeElement.blur()`), press("j"), press("x"), await(`document.querySelectorAll('`+tasks+`').length === 3`),
		press("z"), await(`document.querySelectorAll('`+tasks+`').length === 4`), does(`document.activeElement.blur()`), press("j"), press("x"), await(`document.querySelectorAll('`+tasks+`').length === 3`),
		click(`[data-testid="show-done"]`), await(`document.querySelectorAll('.taskgroup.in-done `+tasks+`').length === 1`), picture("tasks-done"))
	step("open one", click(tasks+" .tasktitle"), chromedp.WaitVisible(".tasksheet"), picture("task-sheet"), type_(kb.Escape), await(`!document.querySelector('dialog')`))
	step("dark and small", scheme("dark"), picture("tasks-dark"), wide(390, 844), picture("tasks-phone"), chromedp.Navigate(base+"/people"), await(`document.querySelector('`+rows+` a[data-open]')`),
		click(rows+" a[data-open]"), chromedp.WaitVisible(compose), await(texts(entries, "likes the engine")), picture("timeline-phone"), wide(1280, 800), picture("timeline-dark"))
}
