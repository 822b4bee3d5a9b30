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
	return does(cardOf(title) + `.focus()`)
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
	step("an empty board", wide(1280, 800), chromedp.Navigate(base+"/deals"), chromedp.WaitVisible("#sign-in"), click("#sign-in"),
		await(`document.querySelector('.ghost')`), picture("board-empty"))
	step("the first deal", click(`[data-testid="first-deal"]`), await(`document.activeElement.name === 'title'`), type_("First"+kb.Tab+"1.250,50"+kb.Enter),
		inLane("Lead", "First"), await(laneOf("Lead")+`.querySelector('.sum').textContent.includes('1,250.5')`), await(`!document.querySelector('.ghost')`))
	step("more deals", type_(kb.Escape), addDeals("A", "B", "C", "D"), await(`document.body.dataset.added`), chromedp.Reload(), inLane("Lead", "D C B A First"), picture("board"))
	step("by mouse", grab(mouse, "B", laneOf("Qualified")), picture("board-dragging"), let(mouse, laneOf("Qualified")), inLane("Qualified", "B"), inLane("Lead", "D C A First"),
		told("B is in Qualified"), await(laneOf("Qualified")+`.querySelector('.count').textContent === '1'`))
	step("within a lane", grab(mouse, "A", cardOf("D")), let(mouse, cardOf("D")), await(`!document.querySelector('.flying')`),
		await(`[...`+laneOf("Lead")+`.querySelectorAll('.title')].map((t) => t.textContent).join(' ').match(/^(A D|D A) C First$/)`))
	step("and back", grab(mouse, "D", laneOf("Qualified")), type_(kb.Escape), await(`!document.querySelector('.flying')`), let(mouse, laneOf("Qualified")), inLane("Qualified", "B"), await(cards+` === 5`))
	step("a click opens", does(cardOf("B")+`.click()`), await(`document.querySelector('.who h1')?.textContent === 'B'`), does(`history.back()`), await(cards+` === 5`), await(settled))
	step("by finger", grab(finger, "C", laneOf("Qualified")), let(finger, laneOf("Qualified")), await(laneOf("Qualified")+`.querySelector('.count').textContent === '2'`), await(`!document.querySelector('.flying')`))
	step("by keyboard", focusCard("First"), type_(" "), await(`document.querySelector('.lifted')`), await(`document.querySelector('[aria-live=assertive]').textContent.includes('First is lifted')`),
		type_(kb.ArrowRight+kb.ArrowRight), await(laneOf("Proposal")+`.querySelector('.lifted')`), picture("board-lifted"), type_(" "), inLane("Proposal", "First"), await(`!document.querySelector('.lifted')`),
		told("First is in Proposal"), await(`document.activeElement.querySelector?.('.title')?.textContent === 'First'`))
	step("and back by Escape", type_(" "+kb.ArrowRight), await(laneOf("Negotiation")+`.querySelector('.lifted')`), type_(kb.Escape), inLane("Proposal", "First"))
	step("won", press("w"), inLane("Won", "First"), told("Won: First"))
	step("lost, with the reason", focusCard("B"), chromedp.KeyEvent("W"), chromedp.WaitVisible(".whylost input"), picture("board-lost"), type_("Too dear"+kb.Enter), inLane("Lost", "B"),
		told("Lost: B"))
	step("not lost after all", focusCard("C"), chromedp.KeyEvent("W"), chromedp.WaitVisible(".whylost input"), type_(kb.Escape), await(`!document.querySelector('dialog')`), inLane("Qualified", "C"))
	step("undone", press("z"), inLane("Lost", ""), await(laneOf("Qualified")+`.querySelector('.count').textContent === '2'`))
	step("what was done is kept", chromedp.Reload(), inLane("Won", "First"), inLane("Lost", ""), await(cards+` === 5`))
	step("as a table", press("v"), await(`document.querySelectorAll('[data-testid="deal-row"]').length === 5`), picture("deals-table"), press("v"), await(cards+` === 5`))
}

// demo is a site with demo records, and its browser at the board.
func demo(t *testing.T) (string, context.Context, func(what string, actions ...action)) {
	t.Helper()
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	step("demo records", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/companies"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), chromedp.WaitVisible(`[data-testid="add-company"]`),
		demoRecords, chromedp.Navigate(base+"/deals"), await(cards+` > 10`))
	return base, ctx, step
}

// tap clicks what may be drawn anew at any time.
func tap(selector string) action {
	return does(fmt.Sprintf(`document.querySelector(%q).click()`, selector))
}

// choose takes an item of the menu that is open.
func choose(label string) action {
	return does(fmt.Sprintf(`[...document.querySelectorAll('.menu [role^=menuitem]')].find((n) => n.textContent.includes(%q)).click()`, label))
}

// TestDealPage goes through what can be done on a deal's page.
func TestDealPage(t *testing.T) {
	base, _, step := demo(t)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	step("the board", picture("board-demo"), scheme("dark"), picture("board-demo-dark"), scheme("light"))
	step("on a phone", wide(390, 844), chromedp.Navigate(base+"/deals"), await(cards+` > 10`), picture("board-phone"), wide(1280, 800))
	step("a deal", does(`document.querySelector('.lane:nth-child(2) .deal').click()`),
		await(`document.querySelector('.stepper [aria-current]')`), await(`document.querySelector('.way li')`), picture("deal"))
	step("its stage", does(`document.querySelectorAll('.stepper li button')[2].click()`), await(`document.querySelectorAll('.stepper li')[2].classList.contains('now')`),
		told("is in"), await(`document.querySelectorAll('.way li').length > 1`))
	step("its people", chromedp.Focus(`[data-testid="partner-search"]`), await(`document.querySelector('.partnersbox .options:not([hidden]) li')`), picture("deal-people"), type_("a"),
		await(`document.querySelector('.partnersbox .options li')`), type_(kb.Enter), await(`document.querySelector('.partners a')`), await(`document.querySelector('.partners [aria-pressed="true"]') && document.querySelector('.partnersbox .options').hidden`))
	step("lost and reopened", tap(`[data-testid="lost"]`), chromedp.WaitVisible(".whylost input"), type_("Price"+kb.Enter), await(`document.querySelector('.ended.lost')?.textContent.includes('Price')`),
		tap(`[data-testid="reopen"]`), await(`document.querySelector('.stepper [aria-current]')`), told("is open again"), scheme("dark"), picture("deal-dark"), wide(390, 844), picture("deal-phone"), wide(1280, 800), scheme("light"))
	step("an amount", selects(`.details input[name="amount"]`), type_("12k"), click(save), await(`document.querySelector('.who .sub').textContent.includes('12,000')`), told("Saved"),
		selects(`.details input[name="amount"]`), type_("a lot"), click(save), await(`[...document.querySelectorAll('.details .fault:not([hidden])')].some((f) => f.textContent.includes('not an amount'))`),
		click(`[data-testid="discard"]`))
}

// TestPipelineSettings changes a pipeline, is refused, and makes another.
func TestPipelineSettings(t *testing.T) {
	base, _, step := demo(t)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	step("filters", click(`[data-testid="owner"]`), chromedp.WaitVisible(".menu"), picture("board-owner"), type_(kb.Escape), await(`!document.querySelector('.menu')`),
		click(`[data-testid="close"]`), chromedp.WaitVisible(".menu"), choose("Overdue"), await(`location.search.includes('close=overdue')`), await(`document.querySelector('.deal .late') && !document.querySelector('.due:not(.late)')`))
	step("pipelines", chromedp.Navigate(base+"/settings/pipelines"), await(`document.querySelectorAll('[data-testid="stage-name"]').length === 6`), picture("pipelines"),
		click(`[data-testid="add-stage"]`), type_("Legal"), click(`[data-testid="save-pipeline"]`), told("Saved"),
		await(`document.querySelectorAll('[data-testid="stage-name"]')[4].value === 'Legal'`))
	step("a stage with deals stays", click(`[aria-label="Take Lead away"]`), click(`[data-testid="save-pipeline"]`), await(`document.querySelector('.pipelineform .fault:not([hidden])')?.textContent.includes('deals')`),
		picture("pipelines-refused"), scheme("dark"), picture("pipelines-dark"), scheme("light"), does(`[...document.querySelectorAll('.pipelineform .button')].find((b) => b.textContent === 'Discard').click()`))
	step("another", click(`[data-testid="add-pipeline"]`), chromedp.WaitVisible(".menu"), choose("Projects"), await(`document.querySelectorAll('.pipelines [role=tab]').length === 2`),
		chromedp.Navigate(base+"/deals"), await(`document.querySelector('[data-testid="pipeline"]')?.hidden === false`), click(`[data-testid="pipeline"]`), chromedp.WaitVisible(".menu"), choose("Projects"),
		await(`document.querySelector('.ghost')`), await(`document.querySelectorAll('.lane').length === 5`))
}

// TestReportsPage looks at reports without and with something to report, and
// follows a number to its list.
func TestReportsPage(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	step("nothing yet", wide(1280, 1000), scheme("light"), chromedp.Navigate(base+"/reports"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), await(`document.querySelectorAll('.sample').length >= 4`), picture("reports-empty"))
	step("demo records", demoRecords, chromedp.Navigate(base+"/reports?range=half"), await(settled), await(`document.querySelectorAll('.chart').length >= 2 && document.querySelectorAll('.sample').length === 0`), picture("reports"), scheme("dark"), picture("reports-dark"), scheme("light"))
	step("months in numbers", tap("details summary"), await(`document.querySelector('details[open]')`), does(`document.querySelector('[data-testid="report-activity"]').scrollIntoView()`), picture("reports-more"))
	count := func(js string) int {
		t.Helper()
		n, err := chromedp.Run(ctx, chromedp.Evaluate[int](js))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	want := count(`Number(document.querySelector('[data-testid="report-pipeline"] tbody td:nth-child(3) a').textContent)`)
	step("a number is a list", tap(`[data-testid="report-pipeline"] tbody td:nth-child(3) a`), await(`document.querySelector('[data-testid="deal-row"]')`),
		await(fmt.Sprintf(`document.querySelectorAll('[data-testid="deal-row"]').length === %d`, want)), picture("reports-list"))
	step("on a phone", wide(390, 844), chromedp.Navigate(base+"/reports"), await(`document.querySelectorAll('.chart').length >= 2`), picture("reports-phone"))
}
