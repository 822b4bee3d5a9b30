package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// text holds until an element's text has a part.
func text(selector, part string) action {
	return await("document.querySelector(`" + selector + "`)?.textContent.includes(`" + part + "`)")
}

// signsOut ends the session, behind the page's back.
func signsOut() action {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`fetch('/api/v1/auth/session', {method: 'DELETE'}).then((r) => r.ok)`, chromedp.EvalAwaitPromise))
		return err
	})
}

// invited makes the link of an invite for an address, as who is signed in.
func invited(t *testing.T, ctx context.Context, email string) string {
	t.Helper()
	link, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(`fetch('/api/v1/invites', {method: 'POST', headers: {'Content-Type': 'application/json'},
		body: JSON.stringify({email: %q, role: 'member'})}).then((r) => r.json()).then(({url}) => url)`, email), chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// TestGoogle signs in by way of (a stand-in for) Google's own page.
func TestGoogle(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	toGoogle := click(`[data-testid="google"]`)
	account := func(email string) action { return click(`[id="` + email + `"]`) }
	step("changes their mind", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/people?sort=name"), chromedp.WaitVisible("#sign-in"), picture("sign-in"), scheme("dark"), picture("sign-in-dark"), scheme("light"),
		toGoogle, chromedp.WaitVisible("#cancel"), picture("google"), click("#cancel"), text(".lead", "You did not go on with Google"), await(`location.pathname + location.search === '/people?sort=name'`))
	step("goes on", toGoogle, chromedp.WaitVisible("#cancel"), account("grace@example.com"), text(".user", "Grace Hopper"), await(`location.pathname + location.search === '/people?sort=name' && !sessionStorage.google`))
	step("an answer that this browser did not ask for", chromedp.Navigate(base+"/login?state=guess&code=guess"), text(".lead", "begun in another window"), await(`location.search === ''`))
	step("nobody was signed out by it", chromedp.Navigate(base+"/"), text(".user", "Grace Hopper"))
	step("the owner invites somebody", signsOut(), chromedp.Navigate(base+"/"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), text(".user", "Olivia Park"))
	link := invited(t, ctx, "katherine@example.com")
	step("who comes by Google", signsOut(), chromedp.Navigate(link), text("h1", "Join Demo workspace"), picture("invite-google"), wide(390, 844), picture("invite-google-phone"), wide(1280, 800),
		toGoogle, chromedp.WaitVisible("#cancel"), account("katherine@example.com"), text(".user", "Katherine Johnson"), text(".workspace", "Demo workspace"), await(`location.pathname === '/'`))
}

// TestAddressIsVerified is an invite for an address that its owner has to
// prove, by a link that comes by mail.
func TestAddressIsVerified(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	step("the owner goes in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), text(".user", "Olivia Park"))
	link := invited(t, ctx, "ivy@example.com")
	step("somebody makes an account", signsOut(), chromedp.Navigate(link), text("h1", "Join Demo workspace"), await(`document.querySelector('input[name=email]')?.value === 'ivy@example.com'`),
		chromedp.SendKeys(input("name"), "Ivy Green"), chromedp.SendKeys(input("fresh"), "long enough"+kb.Enter),
		text(".lead", "to verify that the address is yours"), chromedp.WaitVisible(`[data-testid="mailed"]`), picture("verify"))
	mailed, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('[data-testid="mailed"]').href`))
	if err != nil {
		t.Fatal(err)
	}
	step("is nobody yet", click(".wide"), chromedp.WaitVisible(input("password")), chromedp.SendKeys(input("password"), "long enough"+kb.Enter), text(".lead", "to verify that the address is yours"))
	step("opens the link, which keeps the invite", chromedp.Navigate(mailed), text(".lead", "Your address is verified"), text("h1", "Join Demo workspace"), await(`location.pathname.startsWith('/invite/') && !location.search`), picture("verified"),
		await(`document.activeElement.name === 'password'`), chromedp.SendKeys(input("password"), "long enough"+kb.Enter), text(".user", "Ivy Green"), text(".workspace", "Demo workspace"))
	step("a link is good once", chromedp.Navigate(mailed), text(".lead", "has been used or has expired"))
}
