package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestMailStory writes a template, a letter from it, and finds it in the
// stand-in's inbox.
func TestMailStory(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/settings/templates"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), chromedp.WaitVisible(testID("template-new")))
	step("a template", click(testID("template-new")), chromedp.WaitVisible("dialog "+input("name")), chromedp.SendKeys("dialog "+input("name"), "First hello"),
		chromedp.SendKeys("dialog "+input("subject"), "Hello {{firstName}}"), chromedp.SendKeys(`dialog textarea`, "Dear {{firstName}}, how is {{companyName}}?"), picture("template"),
		click(testID("template-save")), await(`document.querySelector('.mail-templates b')?.textContent === 'First hello'`), picture("templates"))
	step("somebody to write to", chromedp.Evaluate[chromedp.Void](`fetch('/api/v1/people', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({firstName: 'Ada', emails: [{value: 'ada@analytical.example'}]})}).then((r) => r.json()).then((p) => { document.body.dataset.person = p.id; })`),
		await(`document.body.dataset.person`), chromedp.Evaluate[chromedp.Void](`location.href = '/people/' + document.body.dataset.person + '?tab=e-mails'`), chromedp.WaitVisible(testID("mail-write")), picture("mails-none"))
	step("a letter that lacks a word", click(testID("mail-write")), await(`document.querySelector('dialog.mail select')?.options.length === 2`), chromedp.SendKeys(`dialog.mail select`, "First hello"),
		await(`document.querySelector('.mail-missing:not([hidden])')?.textContent.includes('companyName')`), picture("letter"), click(testID("mail-send")), await(`document.querySelector('dialog.mail .fault:not([hidden])')`))
	step("send", does(`(() => { const t = document.querySelector('dialog.mail textarea'); t.value = t.value.replace('{{companyName}}', '{{companyName|your firm}}'); t.dispatchEvent(new Event('input')); })()`),
		click(testID("mail-send")), await(`!document.querySelector('dialog')`), says("mail-status", "Sent"), picture("mails"))
	step("it arrived", chromedp.Navigate(base+"/standins/mail/"), await(`document.body.textContent.includes('Dear Ada, how is your firm?')`), picture("inbox"))
	step("health", chromedp.Navigate(base+"/settings/email"), await(`document.querySelector('.mail-health')?.textContent.includes('Set up')`), picture("mail-health"), scheme("dark"), picture("mail-health-dark"))
}
