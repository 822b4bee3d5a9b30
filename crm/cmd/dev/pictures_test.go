package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPictures makes the pictures of docs/pictures, in the folder that
// SCREENSHOTS names; without it there is nothing to do.
func TestPictures(t *testing.T) {
	if os.Getenv("SCREENSHOTS") == "" {
		t.Skip("SCREENSHOTS names no folder")
	}
	base := site(t)
	ctx := browse(t)
	step := stepper(t, ctx)
	calm := await(settled + ` && document.activeElement.blur() === undefined && !document.querySelector('.toast')`)
	see := func(name, path string, more ...action) {
		t.Helper()
		step(name, append(append([]action{chromedp.Navigate(base + path), await(settled)}, more...), calm, picture(name))...)
	}
	step("sign in", wide(1280, 800), scheme("light"), chromedp.Navigate(base+"/"), chromedp.WaitVisible("#sign-in"), wide(960, 640), picture("sign-in"), wide(1280, 800), click("#sign-in"), await(`document.querySelector('.greeting')`))
	see("first-steps", "/welcome?step=pipeline", await(`document.querySelector('.preset')`))
	step("records", demoRecords)
	deal := "/deals/" + fetched(t, ctx, `(await (await fetch('/api/v1/deals?limit=100')).json()).items.find((deal) => deal.stageName === 'Proposal').id`)
	person := "/people/" + fetched(t, ctx, `(await (await fetch('/api/v1/people?sort=name&limit=1')).json()).items[0].id`)
	step("tour", chromedp.Navigate(base+"/"), await(settled), click(`[data-testid="tour"]`), await(`document.querySelector('.tourhint h2')`), picture("tour"),
		chromedp.KeyEvent(kb.Escape), click(`.firststeps [aria-label="Not now"]`))
	see("home", "/")
	see("people", "/people")
	see("record", person, await(`document.querySelector('.entry')`))
	see("deal", deal, await(`document.querySelector('.composer')`))
	see("board", "/deals", await(`document.querySelector('.lane .deal')`))
	see("tasks", "/tasks")
	see("import", "/import")
	see("reports", "/reports")
	step("palette", chromedp.Navigate(base+"/people"), await(settled), held("k"), chromedp.WaitVisible(".palette input"), chromedp.KeyEvent("har"), await(`document.querySelector('.palette [aria-label="Records"]')`), picture("palette"))
	step("ask", chromedp.Navigate(base+"/deals"), await(settled), held("j"), chromedp.WaitVisible(`[data-testid="question"]`), chromedp.KeyEvent("My open deals over 10k"+kb.Enter),
		await(`document.querySelector('[data-testid="ask-count"]')`), picture("ask"))
	step("paper", wide(794, 900), media("print"))
	see("paper", "/reports", await(`document.querySelector('.chart')`))
	step("dark", wide(1280, 800), media("screen"), scheme("dark"))
	see("dark", "/deals", await(`document.querySelector('.lane .deal')`))
	step("phone", wide(390, 844))
	see("phone", person, await(`document.querySelector('.entry')`))
	shrink(t, os.Getenv("SCREENSHOTS"))
}

// shrink gives each picture of a folder a palette of its own, so that it is at
// most 150 KB: flat colours and letters lose nothing that an eye sees.
func shrink(t *testing.T, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		full, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var small bytes.Buffer
		encoder := png.Encoder{CompressionLevel: png.BestCompression}
		if err := encoder.Encode(&small, paletted(full)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, small.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		if small.Len() > 150_000 {
			t.Errorf("%s has %d bytes", name, small.Len())
		}
	}
}

// paletted is the picture in its 256 most frequent colours.
func paletted(full image.Image) image.Image {
	bounds := full.Bounds()
	counts := map[color.RGBA]int{}
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(full.At(x, y)).(color.RGBA) }
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[at(x, y)]++
		}
	}
	often := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int { return counts[b] - counts[a] })
	var palette color.Palette
	for _, c := range often[:min(len(often), 256)] {
		palette = append(palette, c)
	}
	small := image.NewPaletted(bounds, palette)
	index := map[color.RGBA]uint8{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := at(x, y)
			i, ok := index[c]
			if !ok {
				i = uint8(palette.Index(c))
				index[c] = i
			}
			small.SetColorIndex(x, y, i)
		}
	}
	return small
}
