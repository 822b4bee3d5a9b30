package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/slow.js
var late string

// slow has every page wait for the answers of its calls and for what its socket
// hears, each for a time of its own of up to STORY_DELAY milliseconds: what comes
// in another order than on an idle machine must not break a page, nor a story.
// Without the variable nothing waits.
func slow(t *testing.T, ctx context.Context) {
	t.Helper()
	setting := os.Getenv("STORY_DELAY")
	if setting == "" {
		return
	}
	most, err := strconv.Atoi(setting)
	if err != nil {
		t.Fatalf("read STORY_DELAY: %v", err)
	}
	_, err = chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf("(%s)(%d)", late, most)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Latency: float64(most) / 4, DownloadThroughput: -1, UploadThroughput: -1}}})
	if err != nil {
		t.Fatal(err)
	}
}
