package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestWelcome goes through the first steps and the tour, by keyboard.
func TestWelcome(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	at := func(title string) action {
		return await(`document.querySelector('.welcome .step h2')?.textContent === '` + title + `'`)
	}
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/"), chromedp.WaitVisible("#sign-in"), click("#sign-in"),
		chromedp.WaitVisible(".firststeps"), picture("home-first"))
	step("a pipeline", click(".firststeps li:nth-child(1) a"), at("Name the workspace"), picture("welcome"), click(`[data-testid="skip"]`),
		at("Choose a pipeline"), picture("welcome-pipeline"), click(".preset:nth-of-type(3)"), click(`[data-testid="continue"]`))
	step("nobody is invited", at("Invite a colleague"), picture("welcome-invite"), click(`[data-testid="skip"]`))
	step("demo records", at("Bring something in"), picture("welcome-data"), click(`[data-testid="demo"]`), await(`document.querySelector('.greeting')`))
	step("the tour", click(`[data-testid="tour"]`), await(`document.querySelector('.tourhint h2')?.textContent === 'Find anything'`), picture("tour"),
		type_(kb.Enter), await(`document.querySelector('.tourhint h2')?.textContent === 'Add in a breath'`), type_(kb.ArrowRight),
		await(`location.pathname === '/people' && document.querySelector('.tourhint h2')?.textContent === 'Through a list'`), await(`document.querySelectorAll('`+rows+`').length > 20`), picture("tour-people"),
		type_(kb.ArrowLeft), await(`document.querySelector('.tourhint h2')?.textContent === 'Add in a breath'`), type_(kb.Escape), await(`!document.querySelector('.tourhint')`))
	step("it is remembered", chromedp.Reload(), await(`document.querySelector('.firststeps li.is [data-testid="tour"]')`), picture("home-after"))
	step("sent away", click(`.firststeps [aria-label="Not now"]`), await(`!document.querySelector('.firststeps')`), chromedp.Reload(), await(`document.querySelector('.homecard') && !document.querySelector('.firststeps')`))
}
