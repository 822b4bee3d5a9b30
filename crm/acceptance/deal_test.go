package acceptance

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	inputs "github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

type action = chromedp.Action[chromedp.Void]

// await holds until a JavaScript expression is true.
func await(js string) action { return chromedp.Poll[chromedp.Void]("Boolean(" + js + ")") }

func script(js string) action { return chromedp.Evaluate[chromedp.Void](js) }

// A window is a browser of its own with somebody signed in.
type window struct {
	t   *testing.T
	ctx context.Context
}

func (w window) do(what string, actions ...action) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		page, _ := chromedp.Run(w.ctx, chromedp.Evaluate[string](`location.href + ' ' + document.body.innerText`))
		w.t.Fatalf("%s: %v; the page is %.600s", what, err, page)
	}
}

func (w window) number(js string) float64 {
	w.t.Helper()
	n, err := chromedp.Run(w.ctx, chromedp.Evaluate[float64](js))
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// open signs somebody in, by a button of the page, and shows the board.
func open(t *testing.T, button string) window {
	t.Helper()
	path := "/usr/bin/chromium"
	if _, err := os.Stat(path); err != nil {
		t.Skip("no Chromium is installed")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.Headless, chromedp.Flag("lang", "en-GB"), chromedp.WindowSize(1280, 800))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as this first context
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute) // a busy machine takes its time
	t.Cleanup(cancel)
	w := window{t, ctx}
	w.do("sign in", chromedp.Navigate(crm.url+"/deals"), chromedp.WaitVisible(button), chromedp.Click(button), await(`document.querySelectorAll('.lane').length > 3`), await(`document.querySelector('.livedot[data-state="live"]')`))
	return w
}

func inLane(stage, title string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('.lane')].find((l) => l.querySelector('h2').textContent === %q)?.querySelector('.cards').textContent.includes(%q)`, stage, title)
}

// drag moves a card to a lane by mouse, and notes in the page when it let go.
func drag(title, stage string) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		at, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](fmt.Sprintf(`(() => {
			const middle = (n) => { const b = n.getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2]; };
			const card = [...document.querySelectorAll('.cards .deal')].find((c) => c.querySelector('.title').textContent === %q);
			const lane = [...document.querySelectorAll('.lane')].find((l) => l.querySelector('h2').textContent === %q);
			return [...middle(card), ...middle(lane)];
		})()`, title, stage)))
		if err != nil {
			return err
		}
		mouse := func(kind inputs.DispatchMouseEventType, x, y float64) error {
			_, err := cdp.Call(ctx, t, inputs.DispatchMouseEvent, inputs.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: inputs.MouseButtonLeft, Buttons: 1, ClickCount: 1})
			return err
		}
		if err := mouse(inputs.DispatchMouseEventTypeMousePressed, at[0], at[1]); err != nil {
			return err
		}
		for i := 1.0; i <= 6; i++ {
			if err := mouse(inputs.DispatchMouseEventTypeMouseMoved, at[0]+(at[2]-at[0])*i/6, at[1]+(at[3]-at[1])*i/6); err != nil {
				return err
			}
		}
		if err := chromedp.Do(ctx, await(`document.querySelector('.flying')`), script(`addEventListener('pointerup', () => { window.dropped = Date.now(); }, {once: true, capture: true})`)); err != nil {
			return err
		}
		return mouse(inputs.DispatchMouseEventTypeMouseReleased, at[2], at[3])
	})
}

// TestF2TwoBrowsersOneDeal: what one drags moves in the other's browser, through
// two server tasks; and who saves second is asked which change to keep.
func TestF2TwoBrowsersOneDeal(t *testing.T) {
	a, b := open(t, "#sign-in"), open(t, `[data-testid="demo-member"]`)
	const title = "Shared"
	a.do("add a deal", chromedp.Click(`[data-testid="lane-add"]`), await(`document.activeElement.name === 'title'`), chromedp.KeyEvent(title+kb.Enter), await(inLane("Lead", title)), chromedp.KeyEvent(kb.Escape))
	b.do("it appears", await(inLane("Lead", title)))
	b.do("watch", script(fmt.Sprintf(`(() => { const look = () => { if (%s) window.seen = Date.now(); else setTimeout(look, 5); }; look(); })()`, inLane("Qualified", title))))
	a.do("drag", drag(title, "Qualified"), await(inLane("Qualified", title)), await(`window.dropped`))
	b.do("it moves there too", await(inLane("Qualified", title)), await(`window.seen`))
	took := b.number(`window.seen`) - a.number(`window.dropped`)
	t.Logf("F2: a drag was seen in the other browser after %.0f ms", took)
	if took > 3000 {
		t.Errorf("the other browser saw the drag after %.0f ms", took)
	}

	saved := await(`!document.querySelector('.details.dirty')`)
	open := []action{script(fmt.Sprintf(`[...document.querySelectorAll('.cards .deal')].find((c) => c.textContent.includes(%q)).click()`, title)), chromedp.WaitVisible(`.details input[name="title"]`)}
	a.do("open it", open...)
	b.do("open it", open...)
	a.do("type", script(`document.querySelector('.details input[name="title"]').select()`), chromedp.KeyEvent("Mine"))
	b.do("be quicker", script(`document.querySelector('.details input[name="title"]').select()`), chromedp.KeyEvent("Theirs"), chromedp.Click(`[data-testid="save"]`), saved)
	a.do("be asked", chromedp.Click(`[data-testid="save"]`), await(`document.querySelector('.conflict:not([hidden])')?.textContent.includes('changed the title')`))
	a.do("keep mine", script(`[...document.querySelectorAll('.conflict button')].find((n) => n.textContent === 'Keep mine').click()`), await(`document.querySelector('.who h1').textContent === 'Mine'`), saved)
	b.do("see it", await(`document.querySelector('.who h1').textContent === 'Mine'`))
}
