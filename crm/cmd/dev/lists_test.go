package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// fillList adds people and companies past the pages.
const fillList = `(async () => {
	const post = async (path, body) => (await fetch('/api/v1' + path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)})).json();
	await post('/fields', {kind: 'person', label: 'Level', type: 'select', options: ['Low', 'High']});
	await post('/fields', {kind: 'person', label: 'Seats', type: 'number'});
	const me = (await (await fetch('/api/v1/auth/me')).json()).user.id;
	for (let i = 0; i < 24; i++) await post('/people', {firstName: 'Person ' + String(i).padStart(2, '0'), lastName: 'Listed', title: i % 2 ? 'Engineer' : 'Buyer', source: i % 3 ? 'Fair' : 'Website',
		ownerId: i % 4 ? me : null, tags: i % 5 ? ['Lead'] : ['VIP', 'Lead'], emails: [{value: 'p' + i + '@listed.example'}], custom: {level: i % 2 ? 'High' : 'Low', seats: i}});
	document.body.dataset.filled = 'yes';
})()`

// TestLists narrows, edits, selects and looks by keyboard and mouse.
func TestLists(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	shown := func(n int) action {
		return await(fmt.Sprintf(`document.querySelectorAll('%s').length === %d && !document.querySelector('.skeleton')`, rows, n))
	}
	cell := func(n int, column string) string {
		return fmt.Sprintf(`[...document.querySelectorAll('%s')][%d].querySelector('[data-column="%s"]')`, rows, n, column)
	}
	step("sign in", wide(1440, 860), scheme("light"), chromedp.Navigate(base+"/people"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), await(`document.querySelector('.state h2')`), picture("lists-empty"),
		chromedp.Evaluate[chromedp.Void](fillList), await(`document.body.dataset.filled`), chromedp.Navigate(base+"/people?sort=name"), shown(24), picture("lists"))
	step("filter by a chip", press("f"), await(`document.querySelector('.menu [role=menuitem]')`), does(`[...document.querySelectorAll('.menu [role=menuitem]')].find((n) => n.textContent === 'Title').click()`),
		await(`document.activeElement.getAttribute('aria-label') === 'Value'`), type_("eng"), picture("lists-filter"), press("Enter"), shown(12), await(`location.search.includes('filter=')`))
	step("and by another", press("f"), await(`document.querySelector('.menu [role=menuitem]')`), does(`[...document.querySelectorAll('.menu [role=menuitem]')].find((n) => n.textContent === 'Tags').click()`),
		await(`document.querySelector('.filtervalue input[type=checkbox]')`), does(`[...document.querySelectorAll('.filtervalue label')].find((n) => n.textContent.includes('VIP')).click()`),
		click(`[data-testid="apply-filter"]`), shown(2), await(`document.querySelectorAll('[data-testid="filter-chip"]').length === 2`), picture("lists-chips"),
		does(`document.querySelectorAll('[data-testid="filter-chip"] .quiet')[1].click()`), shown(12))
	step("save it as a view", click(`[data-testid="save-view"]`), chromedp.WaitVisible(`input[name="viewname"]`), chromedp.SendKeys(`input[name="viewname"]`, "Engineers"), press("Enter"),
		await(`document.querySelector('.viewtab[aria-pressed=true]').textContent.includes('Engineers') && location.search.includes('view=')`),
		does(`document.querySelector('.viewtab').click()`), shown(24), chromedp.Reload(), shown(24),
		does(`[...document.querySelectorAll('.viewtab')].find((n) => n.textContent.includes('Engineers')).click()`), shown(12),
		does(`document.querySelector('.viewtab').click()`), shown(24), chromedp.Navigate(base+"/people?sort=name"), shown(24))
	pick := func(label string) action {
		return does(`[...document.querySelectorAll('.menu [role^=menuitem]')].find((n) => n.textContent === '` + label + `').click()`)
	}
	tab := `[...document.querySelectorAll('.viewtab')].find((n) => n.textContent.includes('Engineers'))`
	favourite := `document.querySelector('.favourites:not([hidden]) [data-testid="favourite"]')`
	step("a favourite", does(tab+`.click()`), shown(12), does(tab+`.click()`), await(`document.querySelector('.menu [role=menuitem]')`), pick("Add to favourites"),
		await(favourite+`?.textContent === 'Engineers' && `+favourite+`.ariaCurrent === 'page'`), picture("favourite"), scheme("dark"), picture("favourite-dark"), scheme("light"),
		press("g", "h"), await(`document.querySelector('.greeting') && !`+favourite+`.ariaCurrent`), click(`[data-testid="favourite"]`), shown(12), await(`location.search.startsWith('?view=') && `+favourite+`.ariaCurrent === 'page'`),
		chromedp.Reload(), shown(12), await(favourite), does(tab+`.click()`), await(`document.querySelector('.menu [role=menuitem]')`), pick("Remove from favourites"), await(`document.querySelector('.favourites').hidden`),
		chromedp.Navigate(base+"/people?sort=name"), shown(24))
	step("edit a cell by keyboard", does(cell(0, "title")+`.focus()`), press("e"), await(`document.querySelector('.celledit input')`), selects(`.celledit input`),
		type_("Chief"), picture("lists-cell"), press("Enter"), await(cell(0, "title")+`.textContent === 'Chief' && !document.querySelector('.celledit')`),
		await(`fetch("/api/v1/people?q=Person&sort=name&limit=1").then((r) => r.json()).then((p) => p.items[0].title === "Chief")`),
		press("Enter"), await(`document.querySelector('.celledit input')`), type_("x"+kb.Escape), await(`!document.querySelector('.celledit') && `+cell(0, "title")+`.textContent === 'Chief'`))
	step("tab goes on to the next cell", press("Enter"), await(`document.querySelector('.celledit input')`), type_(kb.Tab), await(`document.querySelector('.celledit')?.closest('td').dataset.column === 'email'`), type_(kb.Escape))
	step("a conflict with somebody else", chromedp.Evaluate[chromedp.Void](`(async () => {
		const p = (await (await fetch('/api/v1/people?q=Person&sort=name&limit=2')).json()).items[1];
		await fetch('/api/v1/people/' + p.id, {method: 'PATCH', headers: {'Content-Type': 'application/merge-patch+json', 'If-Match': '"v' + p.version + '"'}, body: JSON.stringify({title: 'Theirs'})});
		document.body.dataset.theirs = 'done';
	})()`), await(`document.body.dataset.theirs`), does(cell(1, "title")+`.focus()`), press("F2"), await(`document.querySelector('.celledit input')`), selects(`.celledit input`), type_("Mine"), press("Enter"),
		// Their change may come before the editing begins; else it is a conflict, and mine is kept.
		await(`(async () => {
			[...document.querySelectorAll('.toast .link')].find((n) => n.textContent === 'Keep mine')?.click();
			return (await (await fetch('/api/v1/people?q=Person&sort=name&limit=2')).json()).items[1].title === 'Mine';
		})()`), picture("lists-conflict"), await(cell(1, "title")+`.textContent === 'Mine'`))
	step("peek and walk", does(`document.querySelector('`+rows+` a[data-open]').focus()`), press(" "), await(`document.querySelector('.peek:not([hidden]) h2')?.textContent === 'Person 00 Listed'`), press("j"),
		await(`document.querySelector('.peek h2').textContent === 'Person 01 Listed'`), picture("lists-peek"), scheme("dark"), picture("lists-peek-dark"), scheme("light"), type_(kb.Escape), await(`document.querySelector('.peek').hidden`))
	step("select and tag", press("x"), press("j"), press("j"), chromedp.KeyEvent("X", chromedp.KeyModifiers(8)), await(`document.querySelector('.bulkbar .said').textContent === '3 selected'`), picture("lists-bulk"),
		press("l"), await(`document.querySelector('.menu [role=menuitem]')`), does(`[...document.querySelectorAll('.menu [role=menuitem]')].find((n) => n.textContent === 'VIP').click()`),
		told("Tagged: 3 people"), await(cell(1, "tags")+`.textContent.includes('VIP') && `+cell(2, "tags")+`.textContent.includes('VIP')`),
		press("z"), told("Undone"), await(`!`+cell(1, "tags")+`.textContent.includes('VIP')`))
	step("columns and groups", click(`[data-testid="columns"]`), await(`document.querySelector('[data-column="cf.seats"][type=checkbox]')`), click(`input[data-column="cf.seats"]`), click(`input[data-column="cf.level"]`), picture("lists-columns"), type_(kb.Escape),
		await(`document.querySelector('.listfoot').textContent.includes('Seats: 276 in all')`), await(cell(3, "cf.seats")+`.textContent === '3'`),
		click(`[data-testid="group"]`), await(`document.querySelector('.menu [role^=menuitem]')`), does(`[...document.querySelectorAll('.menu [role^=menuitem]')].find((n) => n.textContent.startsWith('Source')).click()`),
		await(`document.querySelectorAll('.grouphead').length === 2`), shown(24), picture("lists-groups"), scheme("dark"), picture("lists-groups-dark"), scheme("light"))
	step("fields, tags and trash", chromedp.Navigate(base+"/settings/fields"), await(`document.querySelectorAll('[data-testid="field-line"]').length === 2`), picture("settings-fields"),
		click(`[data-testid="add-field-company"]`), chromedp.WaitVisible(`dialog input[name="label"]`), chromedp.SendKeys(`dialog input[name="label"]`, "Segment"), press("Enter"), await(`document.querySelectorAll('[data-testid="field-line"]').length === 3`),
		chromedp.Navigate(base+"/settings/tags"), await(`document.querySelectorAll('[data-testid="tag-line"]').length === 2`), picture("settings-tags"),
		chromedp.Evaluate[chromedp.Void](`(async () => {
			const p = (await (await fetch('/api/v1/people?sort=name&limit=3')).json()).items;
			await fetch('/api/v1/people/' + p[2].id, {method: 'DELETE', headers: {'If-Match': '"v' + p[2].version + '"'}});
			const twin = await (await fetch('/api/v1/people', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({firstName: 'Person 04', lastName: 'Listed', title: 'Director', phones: [{value: '+49 30 1234'}]})})).json();
			document.body.dataset.twin = twin.id;
		})()`), await(`document.body.dataset.twin`), chromedp.Evaluate[chromedp.Void](`sessionStorage.twin = document.body.dataset.twin`),
		chromedp.Navigate(base+"/settings/trash"), await(`document.querySelectorAll('[data-testid="trash-line"]').length === 1`), picture("settings-trash"),
		click(`[data-testid="trash-line"] .button`), await(`document.querySelector('.state h2')?.textContent === 'The trash is empty'`))
	twin, err := chromedp.Run(ctx, chromedp.Evaluate[string](`sessionStorage.twin`))
	if err != nil {
		t.Fatal(err)
	}
	step("merge a duplicate and undo it", chromedp.Navigate(base+"/people/"+twin), await(`document.querySelector('[data-testid="duplicates"]:not([hidden])')?.textContent.includes('same name')`), picture("duplicate"),
		click(`[data-testid="merge"]`), await(`document.querySelectorAll('.mergeline').length > 2`), picture("merge"), scheme("dark"), picture("merge-dark"), scheme("light"), click(`[data-testid="merge-now"]`),
		await(`document.querySelector('[data-testid="duplicates"]').hidden && document.querySelector('.ownfields')?.textContent.includes('Lead')`), told("one person of two"), picture("merged"),
		press("z"), await(`!document.querySelector('[data-testid="duplicates"]').hidden && !document.querySelector('.ownfields').textContent.includes('Lead')`))
	step("phone", chromedp.Navigate(base+"/people?sort=name"), shown(25), wide(390, 844), picture("lists-phone"))
}
