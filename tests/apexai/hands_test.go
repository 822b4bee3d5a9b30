package apexai

import (
	"context"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
)

type action = chromedp.Action[chromedp.Void]

func testID(name string) string { return `[data-testid="` + name + `"]` }

// await holds until a JavaScript expression is true, as long as the window is
// open and across a page that is loaded meanwhile. What is not there yet is not
// true.
func await(js string) action {
	poll := chromedp.Poll[chromedp.Void](`(() => { try { return Boolean(`+js+`); } catch (fault) { if (fault instanceof TypeError) return false; throw fault; } })()`, chromedp.WithPollingTimeout(0))
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for {
			err := chromedp.Do(ctx, poll)
			if err == nil || ctx.Err() != nil || !left(err) {
				return err
			}
		}
	})
}

// left is whether a fault means that the page was left meanwhile.
func left(err error) bool {
	for _, words := range []string{"Execution context was destroyed", "Cannot find context", "Inspected target navigated", "uniqueContextId not found"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

// click presses what a selector names once it is there to be pressed. A page
// may put another in its place at any time, so both are one step.
func click(selector string) action {
	return await(fmt.Sprintf(`((node) => { if (!node?.checkVisibility({ visibilityProperty: true }) || node.disabled) return false; node.click(); return true; })(document.querySelector(%q))`, selector))
}

// write types into a field.
func write(selector, text string) action {
	return chromedp.Steps(
		await(fmt.Sprintf(`((node) => { node.focus(); return document.activeElement === node; })(document.querySelector(%q))`, selector)),
		chromedp.KeyEvent(text),
	)
}
