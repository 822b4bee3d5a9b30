package main

import (
	"context"
	_ "embed"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"apexai/crm/web"
)

var (
	//go:embed testdata/audit.js
	audit string
	//go:embed testdata/hostile.js
	hostile string
)

// demoRecords fills the workspace; a busy machine may say "not now" first.
var demoRecords = chromedp.Steps(chromedp.Evaluate[chromedp.Void](`(async () => {
	for (let tries = 0; tries < 8 && !document.body.dataset.demo; tries++) {
		const answer = await fetch('/api/v1/demo', {method: 'POST'}).catch(() => ({}));
		if (answer.ok) document.body.dataset.demo = 'here';
	}
})()`), await(`document.body.dataset.demo`))

// settled is true once a page shows what it has: none of its parts waits.
const settled = `document.querySelector('main h1') && !document.querySelector('.bones, .skeleton, main[aria-busy="true"], main [aria-busy="true"]')`

// listed are the values that a table of the studio gives one member.
func listed(t *testing.T, file, member string) []string {
	t.Helper()
	text, err := fs.ReadFile(web.Files(), "static/"+file)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, found := range regexp.MustCompile(`(?m)^\s*\{.*\b`+member+`: '([^']+)'`).FindAllStringSubmatch(string(text), -1) {
		list = append(list, found[1])
	}
	return list
}

// fetched is a value that the page gets from the API.
func fetched(t *testing.T, ctx context.Context, js string) string {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[string]("(async () => String("+js+"))()", chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const firstOf = `(await (await fetch('/api/v1/KIND?limit=1')).json()).items[0].id`

// everywhere lists an address for every page and section of the settings.
func everywhere(t *testing.T, ctx context.Context) []string {
	t.Helper()
	var all []string
	for _, path := range listed(t, "pages.js", "path") {
		kind, _, record := strings.Cut(strings.TrimPrefix(path, "/"), "/:id")
		switch {
		case path == "/settings/*":
			for _, section := range listed(t, "settings/sections.js", "path") {
				all = append(all, "/settings/"+section)
			}
		case record && (kind == "people" || kind == "companies" || kind == "deals"):
			all = append(all, "/"+kind+"/"+fetched(t, ctx, strings.ReplaceAll(firstOf, "KIND", kind)))
		case !strings.Contains(path, ":"):
			all = append(all, strings.TrimSuffix(path, "/*"))
		}
	}
	return all
}

// readable looks for what keeps people from using the page as it is now.
func readable(t *testing.T, ctx context.Context, where string) {
	t.Helper()
	faults, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](audit, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Errorf("%s: %s", where, fault)
	}
}

// TestReadable opens every page and everything that lies over pages, light on a
// desk and dark on a phone, with records whose names mean harm, and looks for
// what keeps people from using it.
func TestReadable(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	look := func(where string) {
		t.Helper()
		readable(t, ctx, where)
		step(where, picture("audit"+strings.NewReplacer("/", "-", " ", "-", ",", "").Replace(where)))
	}
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/people"), chromedp.WaitVisible("#sign-in"))
	look(" sign in, light")
	step("sign in", click("#sign-in"), chromedp.WaitVisible(".frame"), await(settled))
	look(" no people, light")
	step("records", demoRecords)
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[any](hostile, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatal(err)
	}
	paths := everywhere(t, ctx)
	for _, look_ := range []struct {
		theme         string
		width, height int64
	}{{"light", 1280, 800}, {"dark", 390, 844}} {
		step(look_.theme, wide(look_.width, look_.height), scheme(look_.theme))
		for _, path := range paths {
			step(path, chromedp.Navigate(base+path), await(settled))
			look(regexp.MustCompile(`[0-9a-f-]{36}`).ReplaceAllString(path, "id") + ", " + look_.theme)
		}
		step("back", chromedp.Navigate(base+"/people"), await(settled))
		for _, over := range []struct{ keys, waits string }{
			{"?", "dialog.help"}, {"/", "dialog .palette"}, {"c", ".menu"}, {"c p", ".adding"}, {"c c", "dialog[open]"}, {"c d", "dialog[open]"}, {"c t", "dialog[open]"},
		} {
			keys := strings.Fields(over.keys)
			if over.keys == "/" {
				step("palette", held("k"), chromedp.WaitVisible(over.waits))
			} else {
				step(over.keys, press(keys...))
			}
			step(over.keys, chromedp.WaitVisible(over.waits))
			look(" " + over.keys + ", " + look_.theme)
			step("close "+over.keys, chromedp.KeyEvent(kb.Escape), await(`!document.querySelector('dialog[open], .menu, .adding')`))
		}
	}
}
