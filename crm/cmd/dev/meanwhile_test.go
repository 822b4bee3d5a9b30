package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestMeanwhile goes on typing while answers are on their way: in a cell whose
// list comes anew, in the box of a timeline, and task after task.
func TestMeanwhile(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	type_ := func(text string) action { return chromedp.KeyEvent(text) }
	names := `[...document.querySelectorAll('` + rows + ` a[data-open]')].map((a) => a.textContent).join()`
	sort := chromedp.Evaluate[chromedp.Void](`document.querySelector('.records th.name button').click()`)
	title := `[...document.querySelectorAll('` + rows + `')].find((row) => row.textContent.includes('Ada')).querySelector('[data-column="title"]')`
	step("two people", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/people"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), await(`document.querySelector('.state h2')`),
		call("POST", "/people", `{"firstName":"Ada","title":"Countess"}`), call("POST", "/people", `{"firstName":"Zoe"}`), chromedp.Navigate(base+"/people?sort=name"), await(names+` === 'Ada,Zoe'`), chromedp.Evaluate[chromedp.Void](holding))
	step("a cell is edited while its list comes", hold(`/people\?`), sort, kept(1), chromedp.Evaluate[chromedp.Void](title+`.focus()`), press("e"), await(`document.querySelector('.celledit input')`),
		chromedp.Evaluate[chromedp.Void](`document.querySelector('.celledit input').select()`), type_("Chi"), letIn(), stays(`document.querySelector('.celledit input')?.value === 'Chi' && document.activeElement.closest('.celledit')`),
		type_("ef"), press("Enter"), await(names+` === 'Zoe,Ada' && `+title+`.textContent === 'Chief'`), await(`document.activeElement === `+title))
	step("the box of a timeline", click(rows+":nth-child(2) a[data-open]"), chromedp.WaitVisible(compose), hold("POST .*/activities"), chromedp.Focus(compose), type_("She likes it."), chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2)), kept(1),
		type_(" And more."), letIn(), await(texts(entries, "She likes it.")), await(`document.querySelector('`+compose+`').value.trim() === 'And more.'`))
	step("task after task", type_(kb.Escape), press("g", "t"), chromedp.WaitVisible(".taskspage"), await(settled), hold("POST .*/tasks"), press("n"), await(`document.activeElement.dataset.testid === 'quick-task'`),
		type_("One"+kb.Enter+"Two"+kb.Enter+"Three"), kept(2), letIn(), counts(`document.querySelectorAll('`+tasks+`')`, 2), await(`document.activeElement.value === 'Three'`))
}
