package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// table writes a file to import.
func table(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func testID(name string) string { return `[data-testid="` + name + `"]` }

// says is true once the element shows a text.
func says(name, text string) action {
	return await(`document.querySelector('` + testID(name) + `')?.textContent.includes(` + "`" + text + "`" + `)`)
}

// TestImportStory brings a table in as a person does, and takes it back.
func TestImportStory(t *testing.T) {
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	const rowsOf = "First name;Last name;E-mail;Phone;Job title;Organisation;Groups\r\n"
	file := table(t, "Müller contacts.csv", rowsOf+
		"Ada;Lovelace;ada@analytical.example;+44 20 7946 0001;Countess;Analytical Engines;math\r\n"+
		"Grace;Hopper;grace@navy.example;;Rear admiral;Navy Research;speaker\r\n"+
		"מרים;כהן;miriam@shalom.example;;מנהלת;;\r\n"+
		"Søren;Åkerström 🚀;soren@nord.example;+45 32 12 34 56;CEO;Analytical Engines;\r\n"+
		"Nobody;At all;no address;;;;\r\n"+
		"=cmd|' /C calc'!A0;Formula;formula@evil.example;;;;\r\n"+
		"Ada again;Lovelace;ada@analytical.example;;;;\r\n")
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/import"), chromedp.WaitVisible("#sign-in"), click("#sign-in"), chromedp.WaitVisible(testID("import-choose")), picture("import"))
	step("upload", chromedp.SetUploadFiles(testID("import-file"), []string{file}), await(`location.pathname.startsWith('/import/')`), await(`document.querySelectorAll('.imports-map tbody tr').length === 7`),
		await(`[...document.querySelectorAll('.imports-map select')].map((s) => s.value).join() === 'firstName,lastName,email,phone,title,company,'`), picture("import-map"))
	step("map", chromedp.SendKeys(`.imports-map tr:nth-child(7) select`, "Tags"), click(testID("import-check")), chromedp.WaitVisible(testID("import-run")),
		says("import-created", "5"), says("import-updated", "1"), says("import-failed", "1"), await(`document.querySelector('.imports-problems')?.textContent.includes('e-mail address')`), await(`document.querySelector('.imports-problems tbody td').textContent === '6'`), picture("import-checked"))
	step("run", click(testID("import-run")), says("import-result", "7 rows in all"), says("import-created", "5"), says("import-updated", "1"), says("import-failed", "1"), picture("import-done"),
		await(`fetch(document.querySelector('`+testID("import-errors")+`').href).then((r) => r.text()).then((t) => t.includes('Nobody,At all,no address') && t.includes('Why it was not imported'))`))
	step("people are there", click(`.imports-step a.primary`), await(`document.querySelectorAll('`+rows+`').length === 5`), await(`document.body.textContent.includes('Åkerström 🚀')`), picture("import-people"),
		click(testID("export")), chromedp.WaitVisible(testID("export-csv")), picture("export"), chromedp.KeyEvent(kb.Escape), await(`!document.querySelector('.menu')`),
		await(`fetch('/api/v1/exports/people/now?columns=name,email&query=' + encodeURIComponent('{"sort":"name"}')).then((r) => r.text()).then((t) => t.includes("'=cmd|") && t.includes('miriam@shalom.example'))`))
	step("history", chromedp.Navigate(base+"/import"), await(`document.querySelector('.imports-history li')?.textContent.includes('5 new · 1 updated · 1 error')`), picture("import-history"),
		scheme("dark"), picture("import-history-dark"), wide(390, 844), picture("import-phone-dark"), scheme("light"), click(".imports-history a"), chromedp.WaitVisible(testID("import-undo")), picture("import-phone"), wide(1280, 800))
	step("undo", click(testID("import-undo")), chromedp.WaitVisible("dialog .question"), await(`document.activeElement.closest('dialog')`), chromedp.KeyEvent(kb.Enter), says("import-result", "changes were taken back"), picture("import-undone"),
		chromedp.Navigate(base+"/people"), await(`document.querySelector('.state h2')`))
}
