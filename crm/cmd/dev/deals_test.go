package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	inputs "github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A phase is what a hand does to a thing that it drags.
type phase int

const (
	downs phase = iota
	moves
	lets
)

// A hand does a phase at a point of the page.
type hand func(ctx context.Context, t *chromedp.Target, p phase, x, y float64) error

func mouse(ctx context.Context, t *chromedp.Target, p phase, x, y float64) error {
	kinds := map[phase]inputs.DispatchMouseEventType{downs: inputs.DispatchMouseEventTypeMousePressed, moves: inputs.DispatchMouseEventTypeMouseMoved, lets: inputs.DispatchMouseEventTypeMouseReleased}
	_, err := cdp.Call(ctx, t, inputs.DispatchMouseEvent, inputs.DispatchMouseEventParams{Type: kinds[p], X: x, Y: y, Button: inputs.MouseButtonLeft, Buttons: 1, ClickCount: 1})
	return err
}

func finger(ctx context.Context, t *chromedp.Target, p phase, x, y float64) error {
	kinds := map[phase]inputs.DispatchTouchEventType{downs: inputs.DispatchTouchEventTypeTouchStart, moves: inputs.DispatchTouchEventTypeTouchMove, lets: inputs.DispatchTouchEventTypeTouchEnd}
	points := []*inputs.TouchPoint{{X: x, Y: y}}
	if p == lets {
		points = []*inputs.TouchPoint{}
	}
	_, err := cdp.Call(ctx, t, inputs.DispatchTouchEvent, inputs.DispatchTouchEventParams{Type: kinds[p], TouchPoints: points})
	return err
}

// middle is the middle of what a JavaScript expression names.
func middle(ctx context.Context, js string) (x, y float64, err error) {
	at, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](`(() => { const b = (`+js+`).getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2]; })()`))
	if err != nil {
		return 0, 0, err
	}
	return at[0], at[1], nil
}

// grab takes a card in a hand and holds it over what "over" names.
func grab(h hand, card, over string) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		x, y, err := middle(ctx, cardOf(card))
		if err != nil {
			return err
		}
		toX, toY, err := middle(ctx, over)
		if err != nil {
			return err
		}
		if err := h(ctx, t, downs, x, y); err != nil {
			return err
		}
		if err := h(ctx, t, moves, x+6, y); err != nil { // a mouse lifts by moving
			return err
		}
		if _, err := chromedp.Run(ctx, await(`document.querySelector('.flying')`)); err != nil { // a finger by resting
			return err
		}
		for i := 1.0; i <= 8; i++ {
			if err := h(ctx, t, moves, x+(toX-x)*i/8, y+(toY-y)*i/8); err != nil {
				return err
			}
		}
		return nil
	})
}

// let lets go over what "over" names.
func let(h hand, over string) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		x, y, err := middle(ctx, over)
		if err != nil {
			return err
		}
		return h(ctx, t, lets, x, y)
	})
}

func cardOf(title string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('.cards .deal')].find((c) => c.querySelector('.title').textContent === %q)`, title)
}

func laneOf(stage string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('.lane')].find((l) => l.querySelector('h2').textContent === %q)`, stage)
}

// inLane holds when a lane has these cards in this order.
func inLane(stage, cards string) action {
	return await(fmt.Sprintf(`[...(%s?.querySelectorAll('.cards .title') ?? ['no lane'])].map((t) => t.textContent).join(' ') === %q`, laneOf(stage), cards))
}

func focusCard(title string) action {
	return chromedp.Evaluate[chromedp.Void](cardOf(title) + `.focus()`)
}

// addDeals makes deals by the API, the last one on top, and keeps the stages
// in the page as window.stages.
func addDeals(titles ...string) action {
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(async () => {
		const call = async (path, body) => (await fetch('/api/v1' + path, body ? {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)} : {})).json();
		window.stages = Object.fromEntries((await call('/pipelines')).items[0].stages.map((s) => [s.name, s.id]));
		for (const title of %q.split(' ')) await call('/deals', {title, amountMinor: 100000, stageId: window.stages.Lead});
		document.body.dataset.added = %q;
	})()`, strings.Join(titles, " "), titles[0]))
}

const cards = `document.querySelectorAll('.cards .deal').length`

// TestBoardByEveryHand moves deals by mouse, finger and keyboard; what was
// moved is there after a reload.
func TestBoardByEveryHand(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	step("an empty board", wide(1280, 800), chromedp.Navigate(base+"/deals"), chromedp.WaitVisible("#sign-in"), chromedp.Click("#sign-in"),
		await(`document.querySelector('.ghost')`), picture("board-empty"))
	step("the first deal", chromedp.Click(`[data-testid="first-deal"]`), await(`document.activeElement.name === 'title'`), type_("First"+kb.Tab+"1.250,50"+kb.Enter),
		inLane("Lead", "First"), await(laneOf("Lead")+`.querySelector('.sum').textContent.includes('1,250.5')`), await(`!document.querySelector('.ghost')`))
	step("more deals", type_(kb.Escape), addDeals("A", "B", "C", "D"), await(`document.body.dataset.added`), chromedp.Reload(), inLane("Lead", "D C B A First"), picture("board"))
	step("by mouse", grab(mouse, "B", laneOf("Qualified")), picture("board-dragging"), let(mouse, laneOf("Qualified")), inLane("Qualified", "B"), inLane("Lead", "D C A First"),
		await(`document.querySelector('.toast')?.textContent.includes('B is in Qualified')`), await(laneOf("Qualified")+`.querySelector('.count').textContent === '1'`))
	step("within a lane", grab(mouse, "A", cardOf("D")), let(mouse, cardOf("D")), await(`!document.querySelector('.flying')`),
		await(`[...`+laneOf("Lead")+`.querySelectorAll('.title')].map((t) => t.textContent).join(' ').match(/^(A D|D A) C First$/)`))
	step("and back", grab(mouse, "D", laneOf("Qualified")), type_(kb.Escape), await(`!document.querySelector('.flying')`), let(mouse, laneOf("Qualified")), inLane("Qualified", "B"), await(cards+` === 5`))
	step("a click opens", chromedp.Evaluate[chromedp.Void](cardOf("B")+`.click()`), await(`document.querySelector('.who h1')?.textContent === 'B'`), chromedp.Evaluate[chromedp.Void](`history.back()`), await(cards+` === 5`))
	step("by finger", grab(finger, "C", laneOf("Qualified")), let(finger, laneOf("Qualified")), await(laneOf("Qualified")+`.querySelector('.count').textContent === '2'`), await(`!document.querySelector('.flying')`))
	step("by keyboard", focusCard("First"), type_(" "), await(`document.querySelector('.lifted')`), await(`document.querySelector('[aria-live=assertive]').textContent.includes('First is lifted')`),
		type_(kb.ArrowRight+kb.ArrowRight), await(laneOf("Proposal")+`.querySelector('.lifted')`), picture("board-lifted"), type_(" "), inLane("Proposal", "First"), await(`!document.querySelector('.lifted')`),
		await(`document.activeElement.querySelector?.('.title')?.textContent === 'First'`))
	step("and back by Escape", type_(" "+kb.ArrowRight), await(laneOf("Negotiation")+`.querySelector('.lifted')`), type_(kb.Escape), inLane("Proposal", "First"))
	step("won", press("w"), inLane("Won", "First"), await(`document.querySelector('.toast')?.textContent.includes('Won: First')`))
	step("lost, with the reason", focusCard("B"), chromedp.KeyEvent("W"), chromedp.WaitVisible(".whylost input"), picture("board-lost"), type_("Too dear"+kb.Enter), inLane("Lost", "B"))
	step("not lost after all", focusCard("C"), chromedp.KeyEvent("W"), chromedp.WaitVisible(".whylost input"), type_(kb.Escape), inLane("Qualified", "C"))
	step("undone", press("z"), inLane("Lost", ""), await(laneOf("Qualified")+`.querySelector('.count').textContent === '2'`))
	step("what was done is kept", chromedp.Reload(), inLane("Won", "First"), inLane("Lost", ""), await(cards+` === 5`))
	step("as a table", press("v"), await(`document.querySelectorAll('[data-testid="deal-row"]').length === 5`), picture("deals-table"), press("v"), await(cards+` === 5`))
}
