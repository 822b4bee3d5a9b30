package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestViewer reads records as somebody who may change nothing: nothing is
// offered that would be refused.
func TestViewer(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	step("records", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/people"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), chromedp.WaitVisible(`[data-testid="add-person"]`),
		chromedp.Evaluate[chromedp.Void](asSomebody), await(`document.body.dataset.person`), chromedp.Evaluate[chromedp.Void](`fetch('/api/v1/deals?limit=1').then((r) => r.json()).then(({ items }) => { sessionStorage.deal = items[0].id; })`), await(`sessionStorage.deal`))
	step("somebody who reads", signsOut(), chromedp.Navigate(base+"/people"), chromedp.WaitVisible(testID("demo-viewer")), click(testID("demo-viewer")), await(`document.querySelectorAll('`+rows+`').length === 1`), await(`!document.querySelector('[data-testid="add-person"]').checkVisibility()`))
	step("a deal", chromedp.Evaluate[chromedp.Void](`location.href = '/deals/' + sessionStorage.deal`), await(`document.querySelector('.stepper [aria-current]')`), await(settled), await(texts(".timeline", "added this")),
		await(`!document.querySelector('[data-testid="won"], [data-testid="delete"], .composer') && !document.querySelector('.stepper').textContent.includes('null')`),
		await(`[...document.querySelectorAll('.details form input')].every((one) => one.readOnly) && [...document.querySelectorAll('.details form select')].every((one) => one.disabled)`), picture("viewer-deal"))
	step("its keys", press("?"), await(`document.querySelector('dialog.help')?.textContent.includes('Copy link') || document.querySelector('dialog.help')?.textContent.includes('Back')`),
		await(`!document.querySelector('dialog.help').textContent.includes('Mark this deal')`), chromedp.KeyEvent(kb.Escape), await(`!document.querySelector('dialog')`))
	step("tables", chromedp.Navigate(base+"/import"), await(`document.querySelector('.state h2')?.textContent === 'Nothing was imported yet'`), picture("viewer-import"))
}
