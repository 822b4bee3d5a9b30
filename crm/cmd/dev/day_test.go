package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tabTo presses Tab until what the selector names has the focus.
func tabTo(selector string) action {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for range 60 {
			there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.activeElement.matches('`+selector+`')`))
			if err != nil || there {
				return err
			}
			if err := chromedp.Do(ctx, chromedp.KeyEvent(kb.Tab)); err != nil {
				return err
			}
		}
		return fmt.Errorf("tab never comes to %s", selector)
	})
}

// TestF9SalesDay is a salesperson's day without a mouse: who called, what they
// want, what is to be done, and the deal until it is won.
func TestF9SalesDay(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	palette := func(text, finds string) action {
		return chromedp.Steps(held("k"), chromedp.WaitVisible(".palette input"), type_(text),
			await(`document.querySelector('.palette [aria-selected="true"]')?.textContent.includes('`+finds+`')`), type_(kb.Enter), await(`!document.querySelector('dialog')`))
	}
	began := time.Now()
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/"), chromedp.WaitVisible("#sign-in"), tabTo("#sign-in"), press("Enter"), await(`document.querySelector('.greeting')`))
	step("a company", press("c", "c"), await(`document.activeElement.matches('dialog [name="name"]')`), type_("Rocket Works"+kb.Tab+"rocket.example"+kb.Enter), told("Rocket Works added"))
	step("somebody there", press("c", "p"), await(`document.activeElement.matches('dialog [name="firstName"]')`), type_("Rosa"+kb.Tab+"Engel"), tabTo(`dialog [name="company"]`), type_("rock"),
		await(`document.querySelector('dialog .options:not([hidden])')?.textContent.includes('Rocket Works')`), type_(kb.ArrowDown), press("Enter"),
		await(`document.querySelector('dialog [name="company"]').value === 'Rocket Works'`), tabTo(`dialog [name="email"]`), type_("rosa@rocket.example"+kb.Enter), told("Rosa Engel added"))
	step("a deal", press("c", "d"), await(`document.activeElement.matches('dialog [name="title"]')`), type_("Engines for Mars"), tabTo(`dialog [name="amount"]`), type_("12000"),
		tabTo(`dialog [name="company"]`), type_("rocket w"), await(`document.querySelector('dialog .options:not([hidden])')?.textContent.includes('Rocket Works')`), type_(kb.ArrowDown), press("Enter"), type_(kb.Enter), told("Engines for Mars added"))
	step("find it", palette("engines", "Engines for Mars"), await(`document.querySelector('.who h1')?.textContent === 'Engines for Mars'`), await(`document.querySelector('.composer')`))
	step("log a call", press("l"), await(`document.activeElement.matches('.composer textarea')`), type_("Rosa wants an offer by Friday"), held("\r"),
		await(`document.querySelector('.entry')?.textContent.includes('Rosa wants an offer')`), picture("day-call"), type_(kb.Escape))
	step("a task", press("c", "t"), chromedp.WaitVisible("dialog.taskover"), type_("Send the offer today"), held("\r"), await(`!document.querySelector('dialog')`), told("Send the offer"))
	step("another stage", press("s"), chromedp.WaitVisible(".menu"), press("p"), await(`document.activeElement.textContent.includes('Proposal')`), press("Enter"),
		await(`document.querySelector('.stepper [aria-current]')?.textContent === 'Proposal'`), told("Proposal"))
	step("won too early", press("w"), await(`document.querySelector('.stepper .ended.won')`), told("Won"), press("z"), await(`document.querySelector('.stepper [aria-current]')?.textContent === 'Proposal'`))
	step("the task is done", press("g", "t"), await(`document.querySelector('.taskrow')?.textContent.includes('Send the offer')`), press("j"), await(`document.activeElement.matches('.taskrow')`), press("x"), told("Done: Send the offer"))
	step("won", palette("mars", "Engines for Mars"), await(`document.querySelector('.stepper [aria-current]')`), press("w"), await(`document.querySelector('.stepper .ended.won')`), picture("day-won"))
	step("the board says so", press("g", "d"), await(`[...document.querySelectorAll('.lane')].some((lane) => lane.textContent.includes('Won') && lane.textContent.includes('Engines for Mars'))`))
	step("thrown away and back", palette("rosa", "Rosa Engel"), await(`document.querySelector('.who h1')?.textContent === 'Rosa Engel'`), palette(">delete this", "Delete this person"),
		await(`location.pathname === '/people'`), told("in the trash"), press("z"), await(`document.querySelector('`+rows+`')?.textContent.includes('Rosa Engel')`))
	step("and home", palette(">sign out", "Sign out"), chromedp.WaitVisible("#sign-in"))
	t.Logf("a company, a person, a deal, a call, a task, a stage, won, found, deleted and undone in %v without a mouse", time.Since(began).Round(time.Millisecond))
}
