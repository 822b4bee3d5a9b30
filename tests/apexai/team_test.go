package apexai

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	inputs "github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// says holds until an element shows a text.
func says(name, text string) action {
	return await(fmt.Sprintf(`document.querySelector('%s')?.textContent.includes(%q)`, testID(name), text))
}

// evaluate runs JavaScript in the page.
func evaluate(js string) action { return chromedp.Evaluate[chromedp.Void](js) }

// picture keeps a screenshot in the folder that SCREENSHOTS names, if any.
func picture(name string) action {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		dir := os.Getenv("SCREENSHOTS")
		if dir == "" {
			return nil
		}
		png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	})
}

// A visitor is somebody at a browser of their own.
type visitor struct {
	t   *testing.T
	who string
	ctx context.Context
}

func (v visitor) does(what string, actions ...action) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, actions...); err != nil {
		chromedp.Do(v.ctx, picture("failed-"+v.who))
		v.t.Fatalf("%s: %s: %v", v.who, what, err)
	}
}

// dragDeal drags the first card of a lane by mouse into another lane.
func dragDeal(from, to string) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		at, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](fmt.Sprintf(`(() => {
			const lane = (name) => [...document.querySelectorAll('.lane')].find((l) => l.querySelector('h2').textContent === name);
			const card = lane(%q).querySelector('.cards .deal');
			document.body.dataset.dragged = card.querySelector('.title').textContent;
			return [card, lane(%q)].flatMap((n) => { const b = n.getBoundingClientRect(); return [b.left + b.width / 2, b.top + Math.min(b.height, 200) / 2]; });
		})()`, from, to)))
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
		for i := 1.0; i <= 8; i++ {
			if err := mouse(inputs.DispatchMouseEventTypeMouseMoved, at[0]+(at[2]-at[0])*i/8, at[1]+(at[3]-at[1])*i/8); err != nil {
				return err
			}
		}
		return mouse(inputs.DispatchMouseEventTypeMouseReleased, at[2], at[3])
	})
}

// teamWork is the first day of a team: the tour, demo records, an import, a
// deal that moves before a colleague's eyes, a note that becomes tasks.
func teamWork(t *testing.T, s stack) {
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("SKIPPED: chromium is not installed")
	}
	olivia, marco := visitor{t, "olivia", window(t)}, visitor{t, "marco", window(t)}
	firstSteps(s, olivia)
	importTable(t, s, olivia)
	moveDeals(t, s, olivia, marco)
	noteToTasks(t, s, olivia)
}

// firstSteps signs in, skips what a demo needs no answer to, loads demo records
// and takes the tour.
func firstSteps(s stack, v visitor) {
	v.does("signs in", chromedp.Navigate(s.url("/welcome")), chromedp.WaitVisible(testID("demo-owner")), picture("studio-sign-in"), click(testID("demo-owner")), chromedp.WaitVisible(".welcome .step h2"))
	for _, title := range []string{"Name the workspace", "Choose a pipeline", "Invite a colleague"} {
		v.does("skips "+title, await(fmt.Sprintf(`document.querySelector('.welcome .step h2')?.textContent === %q`, title)), click(testID("skip")))
	}
	v.does("loads demo records", await(`document.querySelector('.welcome .step h2')?.textContent === 'Bring something in'`), click(testID("demo")), chromedp.WaitVisible(".greeting"))
	v.does("takes the tour", click(testID("tour")), await(`document.querySelector('.tourhint h2')?.textContent === 'Find anything'`), picture("studio-tour"),
		chromedp.KeyEvent("\r"), await(`document.querySelector('.tourhint h2')?.textContent === 'Add in a breath'`), chromedp.KeyEvent("\x1b"), await(`!document.querySelector('.tourhint')`))
}

// moveDeals has one person drag deals, and another see each of them move.
func moveDeals(t *testing.T, s stack, olivia, marco visitor) {
	marco.does("signs in", chromedp.Navigate(s.url("/deals")), chromedp.WaitVisible(testID("demo-member")), click(testID("demo-member")), await(`document.querySelectorAll('.cards .deal').length > 10`))
	olivia.does("opens the board", chromedp.Navigate(s.url("/deals")), await(`document.querySelectorAll('.cards .deal').length > 10`), picture("studio-board"))
	ways := [][2]string{{"Lead", "Qualified"}, {"Qualified", "Proposal"}, {"Proposal", "Negotiation"}, {"Negotiation", "Qualified"}}
	// Marco's socket is at one task; once two of them have moved deals, changes
	// have come to him through the other. The balancer takes tasks in turn.
	for i := 0; i < len(ways) || len(movers(t, s)) < 2; i++ {
		if i == 5*len(ways) {
			t.Fatalf("%d deals were moved, all by one task", i)
		}
		way := ways[i%len(ways)]
		olivia.does("moves a deal", dragDeal(way[0], way[1]), await(inLane("document.body.dataset.dragged", way[1])), await(`document.getElementById('toasts')?.textContent.includes(document.body.dataset.dragged)`))
		moved, err := chromedp.Run(olivia.ctx, chromedp.Evaluate[string](`document.body.dataset.dragged`))
		if err != nil {
			t.Fatal(err)
		}
		marco.does(fmt.Sprintf("sees move %d", i+1), await(inLane(fmt.Sprintf("%q", moved), way[1])))
		for range i % 3 { // so that the turns do not always fall the same way
			get(t, s.url("/api/v1/auth/methods"))
		}
	}
}

// inLane is JavaScript that says whether a deal is in a lane.
func inLane(title, lane string) string {
	return fmt.Sprintf(`[...([...document.querySelectorAll('.lane')].find((l) => l.querySelector('h2').textContent === %q)?.querySelectorAll('.cards .title') ?? [])].some((n) => n.textContent === %s)`, lane, title)
}

func importTable(t *testing.T, s stack, v visitor) {
	file := filepath.Join(t.TempDir(), "contacts.csv")
	text := "First name,Last name,E-mail,Organisation\nDorothy,Vaughan,dorothy@langley.example,Langley\nNobody,At all,no address,\nMary,Jackson,mary@langley.example,Langley\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	v.does("imports a table", chromedp.Navigate(s.url("/import")), chromedp.WaitVisible(testID("import-choose")), chromedp.SetUploadFiles(testID("import-file"), []string{file}),
		await(`document.querySelector('[data-testid="import-check"]')?.disabled === false`), click(testID("import-check")), chromedp.WaitVisible(testID("import-run")), says("import-created", "2"), says("import-failed", "1"), picture("studio-import"),
		click(testID("import-run")), says("import-result", "3 rows in all"))
}

// noteToTasks writes a note and has the assistant, a stand-in, find tasks in it.
func noteToTasks(t *testing.T, s stack, v visitor) {
	v.does("writes a note", evaluate(`(async () => {
		const {items: [person]} = await (await fetch('/api/v1/people?q=dorothy')).json();
		await fetch('/api/v1/activities', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({type: 'note', body: 'Demo went well. I will send the quote by Friday and call her lawyer on Monday.', links: [{kind: 'person', id: person.id}]})});
		location.pathname = '/people/' + person.id;
	})()`), chromedp.WaitVisible(testID("find-tasks")))
	v.does("asks for tasks", click(testID("find-tasks")), await(`document.querySelector('.notechoice input:checked')`), click(testID("find")),
		await(`document.querySelectorAll('dialog .proposal').length === 2`), picture("studio-assistant"))
	for left := 1; left >= 0; left-- {
		v.does("accepts", click("dialog "+testID("accept")), await(fmt.Sprintf(`document.querySelectorAll('dialog .proposal').length === %d`, left)))
	}
	out := s.signIn(t).do(t, "GET", "/api/v1/search?q=dorothy", "")
	if !strings.Contains(out, "Dorothy") {
		t.Errorf("the imported person is not found: %s", out)
	}
}

// movers are the tasks that moved deals.
func movers(t *testing.T, s stack) map[string]bool {
	tasks := map[string]bool{}
	for line := range strings.Lines(s.Apex(t, "logs", "server", "-n", "2000", "--grep", "deals/{id}/move", "--output", "json")) {
		var l struct{ Task string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		tasks[l.Task] = true
	}
	return tasks
}
