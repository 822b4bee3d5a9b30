package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPeopleComeAndGo is an invite, an account made for it, a profile, a
// second workspace, an API key, a forgotten password.
func TestPeopleComeAndGo(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	out := chromedp.Evaluate[chromedp.Void](`fetch('/api/v1/auth/session', {method: 'DELETE'}).then(() => document.body.dataset.out = 'y')`)
	step("the owner goes in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/settings/members"), chromedp.WaitVisible("#sign-in"), click("#sign-in"),
		text(".rows", "Olivia Park (you)"))
	step("make a link", chromedp.Evaluate[chromedp.Void](`document.querySelector('select[name=role]').value = 'viewer'`), click(save),
		await(`document.querySelector('.copyable input')?.value.includes('/invite/')`), picture("members"))
	link, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('.copyable input').value`))
	if err != nil {
		t.Fatal(err)
	}
	step("somebody opens it", out, await(`document.body.dataset.out`), chromedp.Navigate(link), text("h1", "Join Demo workspace"), picture("invite"),
		await(`document.activeElement.name === 'name'`), type_("Ivo Newcomer"+kb.Tab+"ivo@example.com"+kb.Tab+"long enough"+kb.Enter),
		text(".workspace", "Demo workspace"), text(".user", "Ivo Newcomer"))
	step("the link is used up", chromedp.Navigate(link), text(".state h2", "no longer good"))
	step("members, for a viewer", chromedp.Navigate(base+"/settings/members"), text(".rows", "Ivo Newcomer (you)"), await(`!document.querySelector('.rows select')`))
	step("profile", chromedp.Navigate(base+"/settings/profile"), chromedp.WaitVisible(input("name")), selects(`input[name=name]`),
		type_("Ivo Renamed"), chromedp.Evaluate[chromedp.Void](`document.querySelector('select[name=zone]').value = 'Europe/Madrid'`), click(save), text(".user", "Ivo Renamed"),
		await(`document.querySelector('select[name=zone]')?.value === 'Europe/Madrid'`), picture("profile"))
	step("sessions", chromedp.Navigate(base+"/settings/sessions"), text(".tagged", "This one"), picture("sessions"))
	step("a workspace of their own", click(`[data-testid="workspaces"]`), text(".menu", "Demo workspace"), picture("workspaces"),
		does(`[...document.querySelectorAll('.menu button')].find((b) => b.textContent.includes('Make a workspace')).click()`),
		chromedp.WaitVisible("dialog "+input("name")), type_("Ivo and Sons"+kb.Enter), text(".workspace", "Ivo and Sons"))
	step("a key", chromedp.Navigate(base+"/settings/keys"), chromedp.WaitVisible(input("name")), chromedp.SendKeys(input("name"), "Reporting"), click(save),
		await(`document.querySelector('.copyable input')?.value.startsWith('apx_live_')`), text(".rows", "Reporting"), picture("keys"), scheme("dark"), picture("keys-dark"),
		wide(390, 844), picture("keys-phone"), wide(1280, 800), scheme("light"))
	step("back to the other workspace", click(`[data-testid="workspaces"]`), text(".menu", "Demo workspace"),
		does(`[...document.querySelectorAll('.menu button')].find((b) => b.textContent.includes('Demo workspace')).click()`), text(".workspace", "Demo workspace"))
	step("the password is forgotten", out, await(`document.body.dataset.out`), chromedp.Navigate(base+"/"), chromedp.WaitVisible("#sign-in"),
		chromedp.SendKeys(input("email"), "ivo@example.com"), chromedp.SendKeys(input("password"), "guess"+kb.Enter), text(".fault:not([hidden])", "not right"),
		click(".turns .link:last-child"), chromedp.WaitVisible(`[data-testid="submit"]`), await(`document.querySelector('input[name=email]').value === 'ivo@example.com'`),
		click(`[data-testid="submit"]`), chromedp.WaitVisible(`[data-testid="mailed"]`), picture("mailed"))
	step("and chosen anew", click(`[data-testid="mailed"]`), chromedp.WaitVisible(input("fresh")), type_("quite different"+kb.Enter),
		text(".lead", "The password is set"), await(`document.activeElement.name === 'password'`), type_("quite different"+kb.Enter), text(".user", "Ivo Renamed"))
}
