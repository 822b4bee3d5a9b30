package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// nearly adds two people whose names differ by a letter, two of one name, and a
// deal with an amount.
const nearly = `(async () => {
	const post = async (path, body) => (await (await fetch('/api/v1' + path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)})).json()).id;
	const company = await post('/companies', {name: 'Anvil Works'});
	await post('/people', {firstName: 'Ana', lastName: 'Lima', companyId: company});
	await post('/people', {firstName: 'Ana', lastName: 'Lima', companyId: company});
	await post('/people', {firstName: 'Katherine', lastName: 'Jones', companyId: company});
	await post('/deals', {title: 'Ten anvils', companyId: company, amountMinor: 120000, currency: 'EUR'});
	sessionStorage.near = await post('/people', {firstName: 'Catherine', lastName: 'Jones', companyId: company});
	document.body.dataset.nearly = 'made';
})()`

// endless answers each further page of a list with two hundred records, up to
// forty-five thousand.
const endless = `(() => {
	const through = window.fetch;
	window.fetch = async (url, ...more) => {
		const asked = new URL(url.url ?? url, location);
		if (asked.pathname !== '/api/v1/people' || !asked.searchParams.get('limit')) return through(url, ...more);
		if (!window.one) window.one = (await (await through('/api/v1/people?limit=1')).json()).items[0];
		const from = Number(asked.searchParams.get('cursor') || 0);
		const to = Math.min(45000, from + Number(asked.searchParams.get('limit')));
		const items = Array.from({length: to - from}, (_, i) => ({...window.one, id: window.one.id.slice(0, 28) + String(from + i).padStart(8, '0'), firstName: 'Number', lastName: String(from + i + 1)}));
		return new Response(JSON.stringify({items, total: '45000', nextCursor: to < 45000 ? String(to) : ''}), {headers: {'Content-Type': 'application/json'}});
	};
	document.querySelector('input[type="search"]').value = '';
	document.querySelector('input[type="search"]').dispatchEvent(new Event('input', {bubbles: true}));
})()`

// TestNearStory tells names that are only similar from those that are the
// same, reads sums on a phone, and goes to the end of a very long list.
func TestNearStory(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/people"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), await(`document.querySelector('.state h2')`),
		chromedp.Evaluate[chromedp.Void](nearly), await(`document.body.dataset.nearly`))
	step("pairs", chromedp.Navigate(base+"/duplicates"), await(`document.querySelectorAll('.pair').length === 2 && !document.querySelector('.bones')`),
		await(`[...document.querySelectorAll('.pairs > li')].map((li) => li.className).join() === 'pair,pairhead muted small,pair'`),
		await(`[...document.querySelectorAll('.why')].map((n) => n.textContent).join() === 'Same name,Similar name' && document.querySelector('.pairhead').textContent.includes('Perhaps the same')`), picture("near"))
	readable(t, ctx, "similar names, light")
	step("by keyboard past the heading", press("j", "j"), await(`document.activeElement.closest('.pair') === document.querySelectorAll('.pair')[1]`))
	step("dark, on a phone", scheme("dark"), wide(390, 844), picture("near-phone-dark"))
	readable(t, ctx, "similar names, dark")
	step("on its page", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/people/"+fetched(t, ctx, `sessionStorage.near`)), await(`document.querySelector('[data-testid="duplicates"]:not([hidden])')?.textContent.includes('This may be Katherine Jones (similar name)')`), picture("near-person"))
	step("sums on a phone", wide(390, 844), chromedp.Navigate(base+"/deals?shape=table"), await(`document.querySelector('[data-sum="amount"]')?.textContent === 'Amount: €1,200 in all' && document.querySelector('[data-sum="amount"]').offsetHeight > 0`), picture("near-foot"), scheme("dark"), picture("near-foot-dark"))
	readable(t, ctx, "sums on a phone, dark")
	step("a very long list", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/people"), await(`document.querySelectorAll('[data-testid="person-row"]').length === 4 && !document.querySelector('.records[aria-busy]')`),
		chromedp.Evaluate[chromedp.Void](endless), await(`document.querySelector('.listfoot').textContent.startsWith('45,000 people')`), does(`document.activeElement.blur()`))
	last := func(pattern string) action {
		return await(`/Number ` + pattern + `/.test(document.activeElement.closest('tr')?.textContent)`)
	}
	foot := func(pattern string) action {
		return await(`/^` + pattern + `/.test(document.querySelector('.listfoot').textContent)`)
	}
	step("its end", press("End"), last(`20\d{3}`), foot(`20,\d{3} of 45,000 are here. End again loads more`), picture("near-end"))
	step("further", press("End"), last(`40\d{3}`), foot(`40,\d{3} of`), press("End"), last("45000"), foot("45,000 people"))
}
