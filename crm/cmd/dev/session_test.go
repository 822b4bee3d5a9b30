package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestOpenBrowsersHear has an owner at one task change what somebody may do
// whose browser is held by another task, and at last send them off.
func TestOpenBrowsersHear(t *testing.T) {
	bases, _ := sites(t, 2)
	his, hers := browse(t), browse(t)
	owner, member := stepper(t, hers), stepper(t, his)
	live := await(`document.querySelector('.livedot[data-state="live"]')`)
	makes := `document.querySelector('[data-testid="add-person"]:not([hidden])')`
	becomes := func(role string) action {
		return does(fmt.Sprintf(`(() => {
			const select = document.querySelector('select[aria-label="Role of Marco Silva"]');
			select.value = '%s';
			select.dispatchEvent(new Event('change'));
		})()`, role))
	}
	roles := `document.querySelector('select[aria-label="Role of Marco Silva"]')`
	member("a member goes in at the second task", wide(1280, 800), scheme("light"), chromedp.Navigate(bases[1]+"/people"), chromedp.WaitVisible(`[data-testid="demo-member"]`), click(`[data-testid="demo-member"]`),
		text(".user", "Marco Silva"), await(makes), live)
	owner("the owner at the first", wide(1280, 800), scheme("light"), chromedp.Navigate(bases[0]+"/settings/members"), chromedp.WaitVisible(`[data-testid="demo-owner"]`), click(`[data-testid="demo-owner"]`),
		await(roles))
	owner("he is to read only", becomes("viewer"))
	member("he sees at once that he makes nothing any more", await("!"+makes+` && document.querySelector('.state h2') && document.querySelector('[data-testid="create"]').hidden`), picture("viewer-now"))
	owner("he is a member again", await(roles+`.value === 'viewer'`), becomes("member"))
	member("and sees it", await(makes), live, press("c"), chromedp.WaitVisible(".menu"), press("c"), chromedp.WaitVisible("dialog "+input("name")), chromedp.SendKeys("dialog "+input("name"), "Half typed"))
	owner("not for long", await(roles+`.value === 'member'`), becomes("viewer"))
	member("what he types is not taken from him", text("#toasts", "You are a viewer now. What you type is still here."), await(`document.querySelector('dialog input[name=name]').value === 'Half typed'`), picture("viewer-while-typing"),
		chromedp.KeyEvent(kb.Escape), click("dialog .danger"), await(`!document.querySelector('dialog')`), click("#toasts .link"), await("!"+makes+` && document.querySelector('.state h2')`), live)
	owner("he is removed", click(`[aria-label="Remove Marco Silva"]`), chromedp.WaitVisible("dialog .danger"), click("dialog .danger"), await("!"+roles))
	member("his browser is at the way in, untouched", text(".lead", "Your session has ended"), picture("session-ended"))
}

// TestTabsLeaveTogether signs out in one tab of a browser; the other is at
// another task.
func TestTabsLeaveTogether(t *testing.T) {
	bases, _ := sites(t, 2)
	one := browse(t)
	step := stepper(t, one)
	step("sign in", chromedp.Navigate(bases[0]+"/people"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), text(".user", "Olivia Park"))
	tab, cancel := chromedp.NewContext(one)
	t.Cleanup(cancel)
	if err := chromedp.Do(tab); err != nil { // the tab lives as long as this first context
		t.Fatal(err)
	}
	other := stepper(t, tab)
	other("the same session at the other task", chromedp.Navigate(bases[1]+"/companies"), text(".user", "Olivia Park"), await(`document.querySelector('.livedot[data-state="live"]')`))
	step("go elsewhere here", chromedp.Evaluate[chromedp.Void](`fetch('/api/v1/workspaces', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"name":"Elsewhere"}'}).then(() => location.reload())`), text(".workspace", "Elsewhere"))
	other("and there, rather than what is not there any more", text(".workspace", "Elsewhere"), await(`document.querySelector('.livedot[data-state="live"]')`))
	// A mouse presses nothing in a tab behind another.
	step("sign out here", does(`document.querySelector('.user').click()`), chromedp.WaitVisible(`[data-testid="sign-out"]`), does(`document.querySelector('[data-testid="sign-out"]').click()`), await(`document.querySelector('[data-testid="submit"]')`))
	other("and there", text(".lead", "Your session has ended"))
}
