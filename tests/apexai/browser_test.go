package apexai

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browserTimeout bounds one visit of the studio.
const browserTimeout = 6 * time.Minute

// window opens a headless Chromium with a profile of its own.
func window(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 800),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as this first context
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, browserTimeout)
	t.Cleanup(cancel)
	return ctx
}

// browser runs actions in a window of its own.
func browser(t *testing.T, actions ...action) {
	t.Helper()
	if err := chromedp.Do(window(t), actions...); err != nil {
		t.Fatal(err)
	}
}

// shown holds until a person is in the list.
func shown(name string) action {
	return await(`[...document.querySelectorAll('[data-testid=person-row]')].some(r => r.textContent.includes("` + name + `"))`)
}

// slowAnswers makes the page wait for the lists of people, so that what is done
// meanwhile is done before they come.
func slowAnswers() action {
	return chromedp.Evaluate[chromedp.Void](`{
		const now = window.fetch;
		window.fetch = (...call) => new Promise(done => setTimeout(done, String(call[0]).includes("/people") ? 1000 : 0)).then(() => now(...call));
	}`)
}

func browserAndRestart(t *testing.T, s stack) {
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("SKIPPED: chromium is not installed")
	}
	t.Cleanup(func() {
		if t.Failed() {
			status, _ := s.TryApex(context.Background(), "status")
			logs, _ := s.TryApex(context.Background(), "logs", "-n", "40")
			t.Logf("%s\n%s", status, logs)
		}
	})
	browser(t,
		chromedp.Navigate(s.url("/people")),
		chromedp.WaitVisible("#sign-in"), slowAnswers(), click("#sign-in"), click(testID("add-person")),
		write(`[name=firstName]`, "Katherine"), write(`[name=lastName]`, "Johnson"), click(testID("save")),
		shown("Katherine Johnson"),
	)
	s.Apex(t, "down")
	for _, left := range s.Leftovers() {
		t.Errorf("after down: %s", left)
	}
	s.Apex(t, "up")
	browser(t,
		chromedp.Navigate(s.url("/people")),
		click("#sign-in"),
		shown("Katherine Johnson"),
	)
	s.Apex(t, "down", "--purge")
}
