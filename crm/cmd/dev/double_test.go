package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// twice presses a button twice before anything can come of the first time.
func twice(selector string) action {
	return does(fmt.Sprintf("(() => { const button = document.querySelector(`%s`); button.click(); button.click(); })()", selector))
}

// counting has the page count what it posts, by path.
func counting() action {
	return chromedp.Evaluate[chromedp.Void](`(() => {
		if (window.posted) { window.posted = {}; return; }
		window.posted = {};
		const real = window.fetch;
		window.fetch = (url, options) => {
			if (options?.method === 'POST') window.posted[url] = (window.posted[url] ?? 0) + 1;
			return real(url, options);
		};
	})()`)
}

// TestPressedTwice presses every form's button twice.
func TestPressedTwice(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	type_ := func(selector, text string) action { return chromedp.SendKeys(selector, text) }
	step("sign in", wide(1280, 800), chromedp.Navigate(base+"/people"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), chromedp.WaitVisible(`[data-testid="add-person"]`))
	person, err := chromedp.Run(ctx, chromedp.Evaluate[string](`fetch('/api/v1/people', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"firstName":"Zoe"}'}).then((r) => r.json()).then(({id}) => id)`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	gone := await(`!document.querySelector('dialog')`)
	for _, form := range []struct {
		name, page, ready string
		fill              []action
		button, path      string
		after             action
	}{
		{"person in a row", "/people", `[data-testid="add-person"]`, []action{click(`[data-testid="add-person"]`), chromedp.WaitVisible(input("firstName")), type_(input("firstName"), "Row")}, save, "/people", await(`document.querySelectorAll('` + rows + `').length === 2`)},
		{"person", "/", ".greeting", []action{press("c", "p"), chromedp.WaitVisible("dialog " + input("firstName")), type_("dialog "+input("firstName"), "Form")}, "dialog " + save, "/people", gone},
		{"company", "/", ".greeting", []action{press("c", "c"), chromedp.WaitVisible("dialog " + input("name")), type_("dialog "+input("name"), "Form")}, "dialog " + save, "/companies", gone},
		{"deal", "/", ".greeting", []action{press("c", "d"), chromedp.WaitVisible("dialog " + input("title")), type_("dialog "+input("title"), "Form")}, "dialog " + save, "/deals", gone},
		{"task", "/", ".greeting", []action{press("c", "t"), chromedp.WaitVisible("dialog " + input("title")), type_("dialog "+input("title"), "Form")}, "dialog " + save, "/tasks", gone},
		{"deal in its lane", "/deals", `[data-testid="lane-add"]`, []action{click(`[data-testid="lane-add"]`), chromedp.WaitVisible(".addcard:not([hidden]) " + input("title")), type_(".addcard:not([hidden]) "+input("title"), "Lane")}, ".addcard:not([hidden]) .primary", "/deals", await(`document.querySelectorAll('.cards > li').length === 2`)},
		{"note", "/people/" + person, `[data-testid="compose"]`, []action{type_(`[data-testid="compose"]`, "A note")}, `[data-testid="log"]`, "/activities", text(".entrybody", "A note")},
		{"field", "/settings/fields", `[data-testid="add-field-person"]`, []action{click(`[data-testid="add-field-person"]`), chromedp.WaitVisible("dialog " + input("label")), type_("dialog "+input("label"), "Form")}, `[data-testid="field-save"]`, "/fields", gone},
		{"tag", "/settings/tags", input("tag-person"), []action{type_(input("tag-person"), "Form")}, "form.inline .button", "/tags", await(`document.querySelectorAll('[data-testid="tag-line"]').length === 1`)},
		{"template", "/settings/templates", `[data-testid="template-new"]`, []action{click(`[data-testid="template-new"]`), chromedp.WaitVisible("dialog " + input("name")), type_("dialog "+input("name"), "Form"), type_("dialog "+input("subject"), "Form"), type_("dialog textarea", "Form")}, `[data-testid="template-save"]`, "/templates", gone},
		{"webhook", "/settings/webhooks", ".state .button", []action{click(".state .button"), chromedp.WaitVisible("dialog " + input("url")), type_("dialog "+input("url"), "https://hooks.example/")}, `[data-testid="webhook-save"]`, "/webhooks", await(`document.querySelectorAll('dialog .copyable').length === 1`)},
		{"key", "/settings/keys", input("name"), []action{type_(input("name"), "Form")}, save, "/keys", await(`document.querySelectorAll('.rows .row').length === 1`)},
		{"invite", "/settings/members", input("email"), nil, save, "/invites", await(`document.querySelector('.copyable')`)},
		{"e-mail", "/", ".greeting", []action{press("c", "e"), chromedp.WaitVisible("dialog " + input("to")), type_("dialog "+input("to"), "to@x.example"), type_("dialog "+input("subject"), "Form"), type_("dialog textarea", "Form")}, `[data-testid="mail-send"]`, "/emails", gone},
	} {
		step(form.name, chromedp.Navigate(base+form.page), chromedp.WaitVisible(form.ready), counting())
		step(form.name+" is filled in", form.fill...)
		step(form.name+" is pressed for twice", twice(form.button), form.after)
		posted, err := chromedp.Run(ctx, chromedp.Evaluate[int]("window.posted['/api/v1"+form.path+"'] ?? 0"))
		if err != nil || posted != 1 {
			t.Errorf("%s: posted %d times (%v)", form.name, posted, err)
		}
	}
}
