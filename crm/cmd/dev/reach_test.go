package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestReach invites a colleague, calls and writes to somebody from the head of
// a record, and loses nothing that was typed on the way.
func TestReach(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	focused := func(name string) action { return await(`document.activeElement.name === '` + name + `'`) }
	none := await(`!document.querySelector('dialog')`)
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), chromedp.WaitVisible(".firststeps"))
	step("first steps begin in their field", chromedp.Navigate(base+"/welcome"), focused("workspace"))
	step("an invite is a link", chromedp.Navigate(base+"/welcome?step=invite"), focused("invite"), type_("ana@example.com"+kb.Enter),
		await(`document.querySelector('.welcome .copyable input')?.value.includes('/invite/')`), picture("welcome-invited"))
	step("records", chromedp.Evaluate[chromedp.Void](asSomebody), await(`sessionStorage.person`), chromedp.Evaluate[chromedp.Void](`location.href = '/people/' + sessionStorage.person`), chromedp.WaitVisible(testID("write-mail")))
	step("a number to call", chromedp.SendKeys(details+" "+input("phone"), "+351 (912) 345-678"), click(details+" "+save),
		await(`document.querySelector('.ways a[href="tel:+351912345678"]')?.textContent === '+351 (912) 345-678'`), await(`document.querySelector('.who .sub a')?.textContent === 'Analytical Engines'`), picture("ways"))
	step("a letter that is left is kept", click(testID("write-mail")), chromedp.WaitVisible("dialog.mail"), focused("subject"), await(`document.querySelector('dialog [name="to"]').value === 'ada@analytical.example'`),
		type_("Offer"), chromedp.SendKeys("dialog textarea", "Dear Ada,"), type_(kb.Escape), none, told("kept as a draft"))
	step("it is there again", chromedp.Reload(), chromedp.WaitVisible(testID("write-mail")), await(settled), press("c", "e"), chromedp.WaitVisible("dialog.mail"), focused("subject"),
		await(`document.querySelector('dialog [name="subject"]').value === 'Offer' && document.querySelector('dialog textarea').value === 'Dear Ada,'`), picture("letter-kept"),
		click(testID("mail-send")), none, told("E-mail to ada@analytical.example"))
	step("nothing is kept of what was sent", press("c", "e"), chromedp.WaitVisible("dialog.mail"), focused("subject"), await(`document.querySelector('dialog [name="subject"]').value === ''`), type_(kb.Escape), none)
	step("a form asks before it goes", press("c", "c"), chromedp.WaitVisible("dialog.create "+input("name")), type_("Babbage & Sons"+kb.Escape), chromedp.WaitVisible("dialog .question"), picture("throw-away"),
		type_(kb.Escape), await(`!document.querySelector('dialog .question')`), await(`document.querySelector('dialog.create input[name="name"]').value === 'Babbage & Sons'`),
		type_(kb.Escape), chromedp.WaitVisible("dialog .question"), type_(kb.Enter), none)
	step("what is typed while a note is on its way stays", chromedp.Evaluate[chromedp.Void](holding), hold(`POST .*/activities`), click(compose), type_("First note"), held(kb.Enter), kept(1), await(`document.querySelector('`+compose+`').value === ''`),
		type_("Second"), letIn(), await(texts(entries, "First note")), await(`document.querySelector('`+compose+`').value === 'Second'`))
	step("the deal knows whom to write to", chromedp.Evaluate[chromedp.Void](`fetch('/api/v1/deals?limit=1').then((r) => r.json()).then(({ items }) => { location.href = '/deals/' + items[0].id; })`),
		await(`document.querySelector('.ways a')?.textContent === 'Ada Lovelace'`), await(settled), click(testID("draft-mail")), await(`document.querySelector('.draftmail [name="to"]')?.value === 'ada@analytical.example'`),
		await(`document.querySelector('.draftmail textarea').value.startsWith('Hi Ada')`), await(`!document.querySelector('[data-testid="send-draft"]').disabled`), picture("draft-to"), type_(kb.Escape), none)
	step("on a phone", wide(390, 844), scheme("dark"), click(".ways a"), await(`document.querySelector('.who h1')?.textContent === 'Ada Lovelace'`), chromedp.WaitVisible(testID("write-mail")), await(settled), picture("ways-phone"))
}
