package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// asSomebody makes records over the API, as the page's own user.
const asSomebody = `(async () => {
	const send = async (path, body) => (await fetch('/api/v1' + path, {method: 'POST', headers: {'Content-Type': 'application/json', 'Idempotency-Key': Math.random().toString(36).slice(2).padEnd(16, 'x')}, body: JSON.stringify(body)})).json();
	const company = await send('/companies', {name: 'Analytical Engines', domain: 'analytical.example', industry: 'Machines'});
	const person = await send('/people', {firstName: 'Ada', lastName: 'Lovelace', title: 'Head of Computing', companyId: company.id, emails: [{value: 'ada@analytical.example'}]});
	const links = [{kind: 'person', id: person.id}];
	await send('/activities', {type: 'call', subject: 'First call', body: 'She runs the computing team. Budget of 40 seats is approved for spring.', occurredAt: new Date(Date.now() - 3 * 864e5).toISOString(), links});
	await send('/activities', {type: 'note', body: 'Demo went well; she liked the engine. I will send the quote by Friday and call her lawyer on Monday.', links});
	const past = new Date(Date.now() - 4 * 864e5).toISOString().slice(0, 10);
	await send('/deals', {title: 'Engine licences', amountMinor: 4800000, closeDate: past, companyId: company.id, primaryPersonId: person.id});
	document.body.dataset.person = sessionStorage.person = person.id;
})()`

const again = `[aria-label="Sum up again"]`

// behave has both providers of the local stand-in behave so.
func behave(mode string) action {
	return chromedp.Evaluate[chromedp.Void](`Promise.all(['gemini', 'openai'].map((provider) => fetch('/standins/model/mode', {method: 'PUT', body: JSON.stringify({provider, mode: '`+mode+`'})})))`, chromedp.EvalAwaitPromise)
}

// patchAI changes the workspace's settings of the assistant.
func patchAI(values string) action {
	return chromedp.Evaluate[chromedp.Void](`fetch('/api/v1/ai/settings', {method: 'PATCH', headers: {'Content-Type': 'application/merge-patch+json'}, body: JSON.stringify(`+values+`)})`, chromedp.EvalAwaitPromise)
}

// TestAssistantStory: a note becomes two tasks, a summary says where it is
// from, a question becomes a filter, and with AI off all stays calm.
func TestAssistantStory(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	step("sign in", wide(1360, 860), scheme("light"), chromedp.Navigate(base+"/people"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), chromedp.WaitVisible(`[data-testid="add-person"]`),
		chromedp.Evaluate[chromedp.Void](asSomebody), await(`document.body.dataset.person`), does(`location.assign('/people/' + document.body.dataset.person)`))
	step("a summary with its sources", chromedp.WaitVisible(testID("sum-up")), click(testID("sum-up")), await(`document.querySelectorAll('.summary .points li').length === 2`),
		says("summary", "Ada Lovelace, Head of Computing at Analytical Engines"), says("summary", "local stand-in"), await(`document.querySelector('[data-testid="score"] strong')`), picture("assistant"),
		click(testID("assist-source")))
	step("the source", await(`document.querySelector('.assistshown') || document.querySelector('.assistactivity .text')`), picture("assistant-source"),
		does(`document.querySelector('dialog[open]')?.close()`), await(`!document.querySelector('dialog')`))
	step("a note becomes two tasks", click(testID("find-tasks")), await(`document.querySelector('.notechoice input:checked')`), picture("assistant-notes"), click(testID("find")),
		await(`document.querySelectorAll('dialog .proposal').length === 2`), picture("assistant-proposals"), click("dialog "+testID("accept")),
		await(`document.querySelectorAll('dialog .proposal').length === 1`), click("dialog "+testID("accept")), await(`!document.querySelector('dialog[open]')`),
		chromedp.Evaluate[chromedp.Void](`fetch('/api/v1/tasks?target=person:' + location.pathname.split('/').pop()).then((r) => r.json()).then(({items}) => { document.body.dataset.tasks = items.map((t) => t.title).sort().join('|'); })`),
		await(`document.body.dataset.tasks === 'Call her lawyer|Send the quote'`))
	step("a draft is written while one looks on", click(testID("draft-mail")), await(`document.querySelector('.draftmail textarea').value.length > 20`), picture("draft-streaming"),
		await(`!document.querySelector('[data-testid="send-draft"]').disabled && document.querySelector('.draftmail textarea').value.startsWith('Hi Ada')`), picture("draft"),
		click(testID("send-draft")), await(`!document.querySelector('dialog[open]')`), told("on its way"))
	step("the composer drafts too", does(`[...document.querySelectorAll('[role="tab"]')].find((tab) => tab.textContent === 'E-mails').click()`), chromedp.WaitVisible(testID("mail-write")), click(testID("mail-write")),
		chromedp.WaitVisible(".mail-tools"), click(".mail-tools button:last-child"), await(`document.querySelector('.mail-letter textarea').value.endsWith('Olivia Park')`), picture("draft-composer"),
		does(`document.querySelector('dialog[open]').close()`), await(`!document.querySelector('dialog[open]')`))
	step("ask", held("j"), chromedp.WaitVisible(testID("question")), picture("ask-empty"), chromedp.SendKeys(testID("question"), "My open deals over 10k\r"), chromedp.WaitVisible(testID("ask-chips")),
		says("ask-chips", "more than 10,000"), await(`document.querySelectorAll('.askchip').length === 3`), picture("ask"),
		selects(`[data-testid="question"]`), chromedp.SendKeys(testID("question"), "People at Analytical\r"), await(texts(".askkind", "People")), says("ask-count", "1 found"), picture("ask-people"),
		selects(`[data-testid="question"]`), chromedp.SendKeys(testID("question"), "What is the meaning of it all\r"), chromedp.WaitVisible(testID("not-understood")), chromedp.KeyEvent("\x1b"), await(`!document.querySelector("dialog[open]")`))
	for _, f := range []struct{ mode, says string }{{"nonsense", "nothing was changed"}, {"busy", "The assistant is busy"}} {
		step(f.mode, behave(f.mode), click(again), says("assist-calm", f.says), says("summary", "Ada Lovelace, Head of Computing"), picture("assistant-"+f.mode))
	}
	step("the budget is spent", behave("well"), patchAI(`{dailyTokens: 10}`), click(again), says("assist-calm", "Today's budget for the assistant is spent"), picture("assistant-budget"), patchAI(`{dailyTokens: 200000}`))
	step("home", chromedp.Navigate(base+"/"), chromedp.WaitVisible(testID("next-actions")), says("next-actions", "Engine licences"), await(`document.querySelector('.next .assistmodel')`), picture("next-actions"), scheme("dark"), picture("next-actions-dark"))
	step("settings", chromedp.Navigate(base+"/settings/assistant"), await(`document.querySelector(".assistchart rect.some")`), picture("ai-settings-dark"), scheme("light"), picture("ai-settings"),
		click(testID("ai-on")), told("Saved"))
	step("off", does(`location.assign('/people/' + sessionStorage.person)`), await(`location.pathname.startsWith('/people/')`), chromedp.WaitVisible(again), click(again),
		says("assist-calm", "The assistant is off"), picture("assistant-off"), wide(390, 844), scheme("dark"), picture("assistant-off-phone"))
}
