package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long one thing is waited for. A busy machine takes its time.
const patience = 3 * time.Minute

// await holds until a JavaScript expression, or what it promises, is true,
// across a page that is loaded meanwhile. What is not there yet is not true.
func await(js string) action {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := polled[chromedp.Void](ctx, `Boolean(await (`+js+`))`)
		return err
	})
}

// does has the page make a call once it can be made: what it is made on may
// still be on its way.
func does(js string) action { return await("((" + js + "), true)") }

// selects marks all that stands in a field, to be typed over.
func selects(selector string) action {
	return does(fmt.Sprintf("((field) => { field.focus(); field.select(); })(document.querySelector(%q))", selector))
}

// polled is what a JavaScript expression comes to once that is anything.
func polled[T any](ctx context.Context, js string) (T, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("not within %v: %s", patience, js))
	defer cancel()
	for {
		v, err := chromedp.Run(ctx, chromedp.Poll[T](`(async () => { try { return `+js+`; } catch (fault) { if (fault instanceof TypeError) return null; throw fault; } })()`, chromedp.WithPollingTimeout(0), chromedp.WithPollingInterval(20*time.Millisecond))) // a tab in the background draws no frames
		if err != nil && ctx.Err() != nil {
			return v, context.Cause(ctx)
		}
		if err == nil || !left(err) {
			return v, err
		}
	}
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

// aim waits until what a selector names can be pressed: the first that is
// there to see, enabled, at rest and not covered. It comes to its middle, and
// has the page keep whether the press hits: one that lands elsewhere, because
// the page moved in between, does nothing.
const aim = `((selector) => {
	const node = [...document.querySelectorAll(selector)].find((one) => one.checkVisibility({ visibilityProperty: true }));
	if (!node || node.matches(':disabled')) return null;
	node.scrollIntoView({ block: 'nearest', inline: 'nearest' });
	const box = node.getClientRects()[0];
	const x = box.left + box.width / 2;
	const y = box.top + box.height / 2;
	const was = window.aimed;
	window.aimed = { node, x, y, frames: was && was.node === node && was.x === x && was.y === y ? was.frames + 1 : 0 };
	const under = document.elementFromPoint(x, y);
	if (window.aimed.frames < 2 || !under || !node.contains(under)) return null;
	const shot = window.shot = { hit: false };
	const kinds = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'];
	const judge = (event) => {
		const on = event.target.closest?.(selector);
		if (on && event.type === 'click') shot.hit = true;
		if (!on) { event.preventDefault(); event.stopImmediatePropagation(); }
		if (event.type === 'click') shot.end();
	};
	shot.end = () => { for (const kind of kinds) removeEventListener(kind, judge, true); };
	for (const kind of kinds) addEventListener(kind, judge, true);
	return [x, y];
})`

// click presses what a selector names with the mouse, as a hand does: it aims
// until it can hit, and again if the page moved under it.
func click(selector string) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for range 5 {
			at, err := polled[[]float64](ctx, fmt.Sprintf("%s(%q)", aim, selector))
			if err != nil {
				return fmt.Errorf("aim at %s: %w", selector, err)
			}
			for _, p := range []phase{downs, lets} {
				if err := mouse(ctx, t, p, at[0], at[1]); err != nil {
					return err
				}
			}
			hit, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`(window.shot?.end(), window.shot?.hit ?? true)`)) // without a shot it is another page
			if hit || (err != nil && left(err)) {
				return nil
			}
			if err != nil {
				return err
			}
		}
		return errors.New("it moves away: " + selector)
	})
}
