package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// twins adds two people, two companies and two deals that look the same.
const twins = `(async () => {
	const post = async (path, body) => (await (await fetch('/api/v1' + path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)})).json()).id;
	const company = await post('/companies', {name: 'Anvil Works', industry: 'Steel'});
	await post('/companies', {name: 'Anvil Works Ltd', domain: 'anvil.example'});
	await post('/people', {firstName: 'Ana', lastName: 'Lima', title: 'Buyer', phones: [{value: '+49 30 111'}]});
	await post('/people', {firstName: 'Ana', lastName: 'Lima', title: 'Head of buying', companyId: company, phones: [{value: '+49 30 111'}, {value: '+49 30 222'}]});
	const one = await post('/deals', {title: 'Ten anvils', companyId: company, amountMinor: 120000, currency: 'EUR'});
	const two = await post('/deals', {title: 'Ten anvils', companyId: company, amountMinor: 900000, currency: 'USD', closeDate: '2027-03-01'});
	await post('/tasks', {title: 'Send the offer', target: {kind: 'deal', id: one}});
	document.body.dataset.twins = two;
})()`

// TestDuplicates merges what is there twice, tells apart what is not, and
// undoes both.
func TestDuplicates(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	pairs := func(n int) action {
		return await(fmt.Sprintf(`document.querySelectorAll('[data-testid="pair"]').length === %d && !document.querySelector('.bones, dialog[open]')`, n))
	}
	api := func(path, holds string) action {
		return await(`fetch('/api/v1` + path + `').then((r) => r.json()).then((v) => ` + holds + `)`)
	}
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/people"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), await(`document.querySelector('.state h2')`),
		chromedp.Evaluate[chromedp.Void](twins), await(`document.body.dataset.twins`), chromedp.Evaluate[chromedp.Void](`sessionStorage.deal = document.body.dataset.twins`))
	step("pairs of people", chromedp.Navigate(base+"/duplicates"), pairs(1), await(`document.querySelector('.pair .why').textContent === 'Same phone and name'`), picture("duplicates"), scheme("dark"), picture("duplicates-dark"), wide(390, 844), picture("duplicates-phone"))
	readable(t, ctx, "pairs, dark")
	step("at a desk", wide(1280, 800), scheme("light"))
	readable(t, ctx, "pairs, light")
	step("the second of them stays", press("j"), await(`document.activeElement.dataset.testid === 'merge'`), press("Enter"), chromedp.WaitVisible(".mergeover"), click(testID("stays-1")),
		await(`document.querySelector('[name="merge-title"][value="1"]').checked && document.querySelectorAll('.fate')[0].textContent === 'Goes into the trash'`), picture("compare"))
	readable(t, ctx, "two people, light")
	step("merge them", click(`.mergeline[data-name="title"] label`), click(testID("merge-now")), pairs(0), await(`document.querySelector('.state h2')`), picture("duplicates-none"),
		api("/people", `v.items.length === 1 && v.items[0].title === 'Buyer' && v.items[0].companyName === 'Anvil Works' && v.items[0].phones.length === 2`), told("one person of two"))
	step("two again", press("z"), told("two again"), pairs(1), api("/people", `v.items.length === 2`))
	step("not the same", does(`document.activeElement.blur()`), press("j"), await(`document.activeElement.dataset.testid === 'merge'`), press("x"), pairs(0), told("stay two"), press("z"), pairs(1))
	step("companies", click(testID("twins-companies")), await(`location.search === '?kind=companies' && document.querySelector('.pair strong')?.textContent === 'Anvil Works'`), pairs(1))
	step("deals", click(testID("twins-deals")), await(`document.querySelector('.pair strong')?.textContent === 'Ten anvils'`), pairs(1), click(testID("merge")), chromedp.WaitVisible(".mergeover"), picture("compare-deals"), scheme("dark"), wide(390, 844), picture("compare-deals-phone"))
	readable(t, ctx, "two deals, dark")
	step("merge the deals", wide(1280, 800), scheme("light"), click(`.mergeline[data-name="amount"] label:last-of-type`), click(testID("merge-now")), pairs(0), api("/deals", `v.items.length === 1 && v.items[0].currency === 'USD' && v.items[0].amountMinor === 900000 && v.items[0].closeDate === '2027-03-01' && v.items[0].nextTask.title === 'Send the offer'`), told("one deal of two"),
		press("z"), told("two again"), pairs(1), api("/deals", `v.items.length === 2`))
	step("what both come to", chromedp.Navigate(base+"/deals?shape=table"), await(`document.querySelector('[data-sum="amount"]')?.textContent === 'Amount: $9,000 + €1,200 in all'`), picture("deals-foot"))
	step("on its own page", chromedp.Navigate(base+"/deals/"+fetched(t, ctx, `sessionStorage.deal`)), await(`document.querySelector('[data-testid="duplicates"]:not([hidden])')?.textContent.includes('same title')`), picture("duplicate-deal"),
		click(testID("merge")), chromedp.WaitVisible(".mergeover"), click(testID("stays-0")), click(testID("merge-now")), await(`!document.querySelector('dialog[open]') && document.querySelector('[data-testid="duplicates"]').hidden`),
		await(`document.querySelector('[role="tab"]') && [...document.querySelectorAll('.called .sub')].some((n) => n.textContent.includes('9,000'))`), told("one deal of two"),
		press("z"), told("two again"), await(`!document.querySelector('[data-testid="duplicates"]').hidden`), click(testID("apart")), await(`document.querySelector('[data-testid="duplicates"]').hidden`), api("/duplicates?kind=deal", `v.items.length === 0`))
}
