package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	many     = 10_000
	fillLong = `INSERT INTO people (workspace_id, id, first_name, last_name, title, created_at, created_by, updated_at, updated_by)
		SELECT m.workspace_id, UNHEX(CONCAT('0192A0', LPAD(HEX(seq), 6, '0'), '70008000', LPAD(HEX(seq), 12, '0'))), 'Nr', LPAD(seq, 5, '0'), 'Counted', UTC_TIMESTAMP(3), m.user_id, UTC_TIMESTAMP(3), m.user_id
		FROM seq_1_to_10000 JOIN (SELECT workspace_id, user_id FROM members ORDER BY workspace_id LIMIT 1) m`
)

// TestLongList goes through ten thousand people, of whom only those near the
// window are in the page.
func TestLongList(t *testing.T) {
	base, data := siteOver(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/people"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), await(`document.querySelector('.state h2')`))
	data.exec(t, fillLong) // past the API, which would take minutes
	few := fmt.Sprintf(`document.querySelectorAll('%s').length < 100 && !document.querySelector('.skeleton')`, rows)
	at := func(from, to int) action { // which row has the keyboard
		return await(fmt.Sprintf(`((n) => n >= %d && n <= %d)(Number(document.activeElement.closest('tr[data-id]')?.querySelector('a[data-open]').textContent.slice(3))) && %s`, from, to, few))
	}
	step("the list", chromedp.Navigate(base+"/people?sort=name"), await(`document.querySelector('.bar .total')?.textContent === '10,000'`), await(few))
	step("keys", press("j"), at(1, 1), chromedp.KeyEvent(kb.PageDown), at(10, 40), chromedp.KeyEvent(kb.PageUp), at(1, 1))
	begun := time.Now()
	step("the last", chromedp.KeyEvent(kb.End), at(many, many), picture("long-end"))
	t.Logf("to the last of %d rows: %.1f s", many, time.Since(begun).Seconds())
	step("and back", press("k"), at(many-1, many-1), chromedp.KeyEvent(kb.PageUp), at(many-40, many-10), chromedp.KeyEvent(kb.Home), at(1, 1))
	step("by the wheel", does(`(() => { const s = document.querySelector('.listpage .scroller'); s.scrollTop = s.scrollHeight / 2; })()`),
		await(`((n) => n > 4900 && n < 5100)(Number(document.elementFromPoint(400, 400)?.closest('tr[data-id]')?.querySelector('a[data-open]').textContent.slice(3))) && `+few), picture("long-middle"))
	step("the keyboard is where it was", press("j"), at(2, 2))
}
