package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestKeyboard does a piece of work without the mouse, makes mistakes in it,
// and changes its mind.
func TestKeyboard(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	step("sign up", wide(1280, 800), chromedp.Navigate(base+"/companies"), chromedp.WaitVisible("#sign-in"), await(`document.activeElement.name === 'email'`),
		type_(kb.Tab+kb.Tab+kb.Tab+kb.Enter), await(`document.activeElement.name === 'name'`),
		type_("Zoë Quinn"+kb.Tab+"zoe@example.com"+kb.Tab+"long enough"+kb.Enter), chromedp.WaitVisible(`[data-testid="add-company"]`),
		await(`document.querySelector('.user').textContent.includes('Zoë Quinn')`))
	step("a mistake", await(`document.querySelector('.state h2')`), press("c"), chromedp.WaitVisible(".menu"), press("c"), await(`document.activeElement.name === 'name'`),
		type_("Acme"+kb.Tab+"not a domain"+kb.Enter), await(`document.querySelector('.field .fault:not([hidden])')?.textContent.includes('domain')`),
		await(`document.activeElement.name === 'domain'`), picture("mistake"))
	step("put right", does(`document.activeElement.select()`), type_("acme.example"+kb.Enter),
		await(`document.querySelectorAll('[data-testid="company-row"]').length === 1`), await(`document.activeElement.name === 'name' && document.activeElement.value === ''`))
	step("go to people", type_(kb.Escape), await(`!document.querySelector('.adding')`), press("g", "p"), await(`location.pathname === '/people' && document.querySelector('.state h2')`))
	step("choose a company", press("c", "p"), await(`document.activeElement.name === 'firstName'`),
		type_("Wile"+kb.Tab+"Coyote"+kb.Tab+"ac"), await(`document.querySelector('.options:not([hidden]) .avatar')`), picture("picker"),
		type_(kb.ArrowDown), press("Enter"), await(`document.querySelector('input[name="company"]').value === 'Acme'`),
		type_(kb.Tab+kb.Tab+"wile@acme.example"+kb.Enter), await(`document.querySelectorAll('`+rows+`').length === 1`),
		await(`document.querySelector('`+rows+`').textContent.includes('Acme')`))
	step("an address twice", type_("Other"+kb.Tab+kb.Tab+kb.Tab+kb.Tab+"WILE@acme.example"), press("Enter"),
		await(`[...document.querySelectorAll('.adding .fault:not([hidden])')].some((f) => f.textContent.includes('Wile Coyote has the e-mail address'))`))
	step("open by row", type_(kb.Escape), await(`!document.querySelector('.adding')`), does(`document.activeElement.blur()`),
		press("j"), await(`document.activeElement.dataset.open`), type_(kb.Enter), await(`document.querySelector('.who h1')?.textContent === 'Wile Coyote'`),
		chromedp.Focus(details+" "+input("phone")), type_("+1 555 0100"), chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2)),
		told("Saved"))
	step("close", type_(kb.Escape+kb.Escape), await(`!document.querySelector('.who')`), await(`document.activeElement.dataset.open`))
	step("search", press("/"), type_("nobody"), await(`document.querySelector('.state h2')?.textContent === 'No match'`), picture("no-match"),
		click(".state .button"), await(`document.querySelectorAll('`+rows+`').length === 1`))
	step("delete and undo", click(rows+" a[data-open]"), chromedp.WaitVisible(`[data-testid="delete"]`), click(`[data-testid="delete"]`),
		await(`!document.querySelector('.who') && document.querySelectorAll('`+rows+`').length === 0`), picture("deleted"), press("z"), await(`document.querySelectorAll('`+rows+`').length === 1`))
	step("help", does(`document.activeElement.blur()`), press("?"), chromedp.WaitVisible("dialog.overlay"), picture("help"), type_(kb.Escape), await(`!document.querySelector('dialog')`))
	step("the session ends elsewhere", signsOut(), does(`document.querySelector('`+rows+` a[data-open]')?.click()`), // the page may have heard of it
		chromedp.WaitVisible("#sign-in"), picture("ended"))
}
