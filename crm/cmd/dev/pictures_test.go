package main

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPictures makes the pictures of docs/pictures, in the folder that
// SCREENSHOTS names; without it there is nothing to do.
func TestPictures(t *testing.T) {
	if os.Getenv("SCREENSHOTS") == "" {
		t.Skip("SCREENSHOTS names no folder")
	}
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	calm := await(settled + ` && document.activeElement.blur() === undefined && !document.querySelector('.toast')`)
	see := func(name, path string, more ...action) {
		t.Helper()
		step(name, append(append([]action{chromedp.Navigate(base + path), await(settled)}, more...), calm, picture(name))...)
	}
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/"), chromedp.WaitVisible("#sign-in"), wide(960, 640), picture("sign-in"), wide(1280, 800), chromedp.Click("#sign-in"), await(`document.querySelector('.greeting')`))
	see("first-steps", "/welcome?step=pipeline", await(`document.querySelector('.preset')`))
	step("records", chromedp.Evaluate[chromedp.Void](`fetch('/api/v1/demo', {method: 'POST'}).then((r) => { document.body.dataset.demo = r.status; })`), await(`document.body.dataset.demo === '200'`))
	deal := "/deals/" + fetched(t, ctx, `(await (await fetch('/api/v1/deals?limit=100')).json()).items.find((deal) => deal.stageName === 'Proposal').id`)
	person := "/people/" + fetched(t, ctx, `(await (await fetch('/api/v1/people?sort=name&limit=1')).json()).items[0].id`)
	see("home", "/")
	see("people", "/people")
	see("record", person, await(`document.querySelector('.entry')`))
	see("deal", deal, await(`document.querySelector('.entry')`))
	see("board", "/deals", await(`document.querySelector('.lane .deal')`))
	see("tasks", "/tasks")
	see("import", "/import")
	see("reports", "/reports")
	step("palette", chromedp.Navigate(base+"/people"), await(settled), held("k"), chromedp.WaitVisible(".palette input"), chromedp.KeyEvent("an"), await(`document.querySelectorAll('.palette [role=option]').length > 3`), picture("palette"))
	step("tour", chromedp.Navigate(base+"/"), chromedp.Click(`[data-testid="tour"]`), await(`document.querySelector('.tourhint h2')`), picture("tour"))
	step("dark", scheme("dark"))
	see("dark", "/deals", await(`document.querySelector('.lane .deal')`))
	step("phone", wide(390, 844))
	see("phone", person, await(`document.querySelector('.entry')`))
}
