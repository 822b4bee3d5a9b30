package main

import (
	"context"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// remember has every page keep what its notices say: they go away by
// themselves, on a busy machine before anybody has looked.
func remember(t *testing.T, ctx context.Context) {
	t.Helper()
	_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		window.notices = [];
		new MutationObserver((changes) => {
			for (const node of changes.flatMap((change) => [...change.addedNodes])) if (node.classList?.contains('toast')) notices.push(node.textContent);
		}).observe(document, { childList: true, subtree: true });`})
	if err != nil {
		t.Fatal(err)
	}
}

// told holds until a notice has said a text since the page was loaded. Each
// notice is taken once.
func told(text string) action {
	return await(`((at) => at >= 0 && notices.splice(at, 1))(notices.findIndex((t) => t.includes(` + strconv.Quote(text) + `)))`)
}
