package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestStory is what a person does on the first day.
func TestStory(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	add := func(first, last, email, title, company string) {
		t.Helper()
		before, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll('`+rows+`').length`))
		if err != nil {
			t.Fatal(err)
		}
		step("add "+first, chromedp.SendKeys(input("firstName"), first), chromedp.SendKeys(input("lastName"), last),
			chromedp.SendKeys(input("company"), company), chromedp.SendKeys(input("title"), title), chromedp.SendKeys(input("email"), email),
			click(save), await(fmt.Sprintf(`document.querySelectorAll('%s').length === %d`, rows, before+1)))
	}
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/people"), chromedp.WaitVisible("#sign-in"), picture("sign-in"),
		click("#sign-in"), chromedp.WaitVisible(`[data-testid="add-person"]`), await(`document.querySelector('.state h2')`), picture("empty"))
	step("open the row to add in", click(`[data-testid="add-person"]`), chromedp.WaitVisible(input("firstName")))
	for _, p := range []string{
		"Ada|Lovelace|ada@analytical.example|Countess of computing|Analytical Engines", "Grace|Hopper|grace@navy.example|Rear admiral|Navy Research",
		"Edsger|Dijkstra|ewd@structured.example|Professor|Structured Programs", "Barbara|Liskov|barbara@mit.example|Institute professor|MIT",
		"Katherine|Johnson|kj@space.example|Mathematician|Langley Space", "Alan|Turing|alan@bletchley.example|Codebreaker|Bletchley Park",
		"מרים|כהן|miriam@shalom.example|מנהלת|שלום בע״מ", "Søren|Åkerström 🚀|soren@nord.example|Chief of <b>markup</b>|Analytical Engines",
	} {
		f := strings.Split(p, "|")
		add(f[0], f[1], f[2], f[3], f[4])
	}
	step("look", picture("adding"), chromedp.KeyEvent("\x1b"), picture("people"))
	step("edit", click(rows+`:nth-child(2) a[data-open]`), chromedp.WaitVisible(details+" "+input("title")),
		selects(`.details input[name="title"]`), chromedp.SendKeys(details+" "+input("title"), "Founder"),
		picture("record"), click(details+" "+save), told("Saved"),
		await(`document.querySelector('.who .sub').textContent.includes('Founder')`))
	step("reload", chromedp.Reload(), await(`document.querySelector('.details input[name="title"]')?.value === 'Founder'`))
	step("a change behind the back", chromedp.SendKeys(details+" "+input("title"), " and CEO"), await(`document.querySelector('.details.dirty')`), chromedp.Evaluate[chromedp.Void](`(async () => {
		const at = '/api/v1' + location.pathname;
		const now = await (await fetch(at)).json();
		await fetch(at, {method: 'PATCH', headers: {'Content-Type': 'application/merge-patch+json', 'If-Match': '"v' + now.version + '"'}, body: JSON.stringify({title: 'Theirs'})});
		document.body.dataset.behind = 'done';
	})()`), await(`document.body.dataset.behind`), click(details+" "+save),
		chromedp.WaitVisible(".conflict"), picture("conflict"), click(".conflict .choices button"),
		await(`document.querySelector('.who .sub').textContent.includes('Founder and CEO') && !document.querySelector('.details.dirty')`))
	step("dark", scheme("dark"), picture("record-dark"), click(".bar .crumb"), await(`document.querySelectorAll('`+rows+`').length === 8`),
		await(`[...document.querySelectorAll('`+rows+`')].some((r) => r.textContent.includes('Founder and CEO'))`), picture("people-dark"))
	step("companies", press("g", "c"), await(`document.querySelectorAll('[data-testid="company-row"]').length === 7`), picture("companies-dark"),
		scheme("light"), click(`[data-testid="company-row"] a[data-open]`), chromedp.WaitVisible(`#tab-0`), does(`[...document.querySelectorAll('[role="tab"]')].find((tab) => tab.textContent === 'People').click()`), await(`document.querySelector('.related a')`), picture("company"))
	step("home and settings", press("g", "h"), await(`document.querySelector('.greeting')`), picture("home"), press("g", "s"), await(`document.querySelector('.section .sheet')`), picture("settings"))
	step("phone", does(`history.back()`), await(`document.querySelector('.greeting')`), does(`history.back()`), await(`document.querySelector('.related a')`),
		wide(390, 844), picture("company-phone"), click(".tabs .narrow"), chromedp.WaitVisible(details), picture("details-phone"),
		click(`.bar .crumb`), await(`document.querySelectorAll('[data-testid="company-row"]').length === 7`), picture("companies-phone"),
		click(`a[href="/people"]`), await(`document.querySelectorAll('`+rows+`').length === 8`), picture("people-phone"),
		click(`[data-testid="add-person"]`), chromedp.WaitVisible(input("firstName")), picture("adding-phone"),
		scheme("dark"), picture("adding-phone-dark"))
}
