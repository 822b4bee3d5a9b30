package main

import (
	"context"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	inputs "github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// site is a whole CRM of the test's own.
func site(t *testing.T) string {
	t.Helper()
	base, _ := siteOver(t)
	return base
}

// siteOver is a site, and where its data is.
func siteOver(t *testing.T) (string, stores) {
	t.Helper()
	bases, over := sites(t, 1)
	return bases[0], over
}

// sites are as many tasks of one CRM, each at an address of its own.
func sites(t *testing.T, count int) (bases []string, over stores) {
	t.Helper()
	dir, err := os.MkdirTemp("", "crm-dev-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // MariaDB runs as another user
		t.Fatal(err)
	}
	var fronts []net.Listener
	for range count {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		fronts, bases = append(fronts, listener), append(bases, "http://"+listener.Addr().String())
	}
	ctx, cancel := context.WithCancel(context.Background())
	over, err = begin(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- over.run(ctx, fronts...) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return bases, over
}

// browse opens a headless Chromium with a profile of its own.
func browse(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, p := range []string{"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"} {
		if _, err := os.Stat(p); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium is installed")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.Headless,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "en-GB"), chromedp.WindowSize(1280, 800))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as this first context
		t.Fatal(err)
	}
	watch(t, ctx)
	remember(t, ctx)
	slow(t, ctx)
	ctx, cancel = context.WithTimeout(ctx, 20*time.Minute) // a busy machine takes its time
	t.Cleanup(cancel)
	return ctx
}

// picture keeps a screenshot in the folder that SCREENSHOTS names, if any.
func picture(name string) action {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		dir := os.Getenv("SCREENSHOTS")
		if dir == "" {
			return nil
		}
		still := `Promise.race([Promise.all(document.getAnimations().filter((a) => a.effect.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => {}))), new Promise((enough) => setTimeout(enough, 3000))]).then(() => true)` // one that is drawn over may never finish
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](still, chromedp.EvalAwaitPromise)); err != nil {
			return err
		}
		png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			return err
		}
		return os.WriteFile(dir+"/"+name+".png", png, 0o644)
	})
}

type action = chromedp.Action[chromedp.Void]

const (
	rows = `[data-testid="person-row"]`
	save = `[data-testid="save"]`

	details = `[data-testid="details"]`
)

func input(name string) string { return `input[name="` + name + `"]` }

func wide(width, height int64) action {
	return chromedp.EmulateViewport(width, height)
}

func scheme(name string) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
		return err
	})
}

// stepper runs the steps of a story; one that fails ends it, with a picture.
func stepper(t *testing.T, ctx context.Context) func(what string, actions ...action) {
	return func(what string, actions ...action) {
		t.Helper()
		for _, action := range actions {
			if err := patiently(ctx, action); err != nil {
				chromedp.Do(ctx, picture("failed"))
				t.Fatalf("%s: %v", what, err)
			}
		}
	}
}

// patiently runs an action again whose node was drawn anew between being found
// and being touched: a hand would touch the new one. It does not wait for ever.
func patiently(ctx context.Context, action action) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	for range 5 {
		if err = chromedp.Do(ctx, action); err == nil || !strings.Contains(err.Error(), "Could not find node") {
			break
		}
	}
	return err
}

// press is a key as a hand presses it: what the page makes of it decides
// whether it is typed. (chromedp's own KeyEvent types it in any case.)
func press(keys ...string) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, key := range keys {
			text, code := key, int64(0)
			if key == "Enter" {
				text, code = "\r", 13
			}
			for _, p := range []inputs.DispatchKeyEventParams{
				{Type: inputs.DispatchKeyEventTypeKeyDown, Key: key, Text: text, WindowsVirtualKeyCode: code}, {Type: inputs.DispatchKeyEventTypeKeyUp, Key: key},
			} {
				if _, err := cdp.Call(ctx, t, inputs.DispatchKeyEvent, p); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
