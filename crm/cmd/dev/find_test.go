package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// talkedAbout makes two people, of whom one has a long history.
const talkedAbout = `(async () => {
	const send = async (path, body) => (await fetch('/api/v1' + path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)})).json();
	const [wren, idle] = await Promise.all([send('/people', {firstName: 'Wren', lastName: 'Holloway'}), send('/people', {firstName: 'Idle', lastName: 'Hands'})]);
	const links = [{kind: 'person', id: wren.id}];
	const day = (n) => new Date(Date.UTC(2026, 0, 1 + n, 9)).toISOString();
	const long = 'We went through all of it, and it took the whole day. '.repeat(200) + '\nThe gearbox of the ferry leaks. Nobody has ordered one.\n' + 'More of the same. '.repeat(100);
	const all = [send('/activities', {type: 'meeting', body: long, occurredAt: day(0), links}), send('/activities', {type: 'note', body: 'She prefers mornings.', pinned: true, occurredAt: day(1), links})];
	for (let i = 2; i < 60; i++) all.push(send('/activities', {type: 'call', subject: 'Call ' + i, body: 'Nobody was there.', occurredAt: day(i), links}));
	await Promise.all(all);
	await send('/activities', {type: 'note', body: 'מחיר התיבה: gearbox 4,000', links: [{kind: 'person', id: idle.id}]});
	document.body.dataset.talked = 'y';
})()`

// TestFindWhatWasSaid is somebody who remembers a word, and not who said it.
func TestFindWhatWasSaid(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	const option = `.palette [role="option"].tall`
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/companies"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), chromedp.WaitVisible(`[data-testid="add-company"]`),
		chromedp.Evaluate[chromedp.Void](talkedAbout, chromedp.EvalAwaitPromise), await(`document.body.dataset.talked`))
	step("a word", held("k"), chromedp.WaitVisible(".palette input"), type_("ferry gearb"), await(texts(option, "The gearbox of the ferry leaks.")),
		await(`document.querySelectorAll('`+option+`').length === 1 && document.querySelectorAll('`+option+` b').length === 2`), await(texts(option, "Wren Holloway · Meeting")))
	step("the names of records narrow", type_(kb.Escape), await(`!document.querySelector('dialog')`), held("k"), chromedp.WaitVisible(".palette input"), type_("gearbox"), await(`document.querySelectorAll('`+option+`').length === 2`), picture("found"),
		type_(" holl"), await(`document.querySelectorAll('`+option+`').length === 1`))
	step("open it", type_(kb.Enter), await(`document.querySelector('.who h1')?.textContent === 'Wren Holloway'`), await(`document.querySelector('.entry.found') === document.activeElement`),
		await(`document.querySelector('.entry.found .entrybody').textContent.includes('Nobody has ordered one')`), await(`CSS.highlights.get('found').size === 1`),
		await(`(() => { const box = [...CSS.highlights.get('found')][0].getBoundingClientRect(); return box.top > 0 && box.bottom < innerHeight; })()`), picture("found-entry"))
	step("and the newest", click(`[data-testid="newest"]`), await(texts(entries, "Call 59")), await(`!location.search && !document.querySelector('.entry.found')`))
	step("another's, by its address", held("k"), chromedp.WaitVisible(".palette input"), type_("מחיר"), await(texts(option, "Idle Hands · Note")), picture("found-rtl"), type_(kb.Enter),
		await(`document.querySelector('.who h1')?.textContent === 'Idle Hands' && document.querySelector('.entry.found')`), chromedp.Reload(), await(`document.querySelector('.entry.found')`))
	step("dark and small", scheme("dark"), wide(390, 844), held("k"), chromedp.WaitVisible(".palette input"), type_("gearbox"), await(`document.querySelectorAll('`+option+`').length === 2`), picture("found-phone"),
		type_(kb.ArrowDown+kb.Enter), await(`document.querySelector('.who h1')?.textContent === 'Wren Holloway' && document.activeElement.classList.contains('found')`), picture("found-entry-phone"))
	step("nothing", held("k"), chromedp.WaitVisible(".palette input"), type_("gearbox quux"), await(texts(".palette .nomatch", "No match")))
}
