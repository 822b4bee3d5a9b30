package server

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A board costs one query for the lanes and one for the cards, a list one for
// the page, and both one for each of people, tags and next tasks, however many deals there are.
func TestDealsDoNotAskPerRow(t *testing.T) {
	c, log := countable(t)
	pipeline, ids := c.pipeline("Deal queries")
	for i := range 12 {
		c.deal(fmt.Sprint(i), ids["Lead"], nil)
	}
	c.do("GET", "/api/v1/deals/board?pipelineId="+pipeline, nil).want(200)
	c.do("GET", "/api/v1/deals?pipelineId="+pipeline, nil).want(200)
	eventually(t, "both lines are logged", func() bool { return strings.Count(log.String(), `"route":"GET /api/v1/deals`) >= 2 })
	for line := range strings.Lines(log.String()) {
		for route, most := range map[string]int{"GET /api/v1/deals": 4, "GET /api/v1/deals/board": 5} {
			if strings.Contains(line, `"route":"`+route+`"`) && !strings.Contains(line, fmt.Sprintf(`"db_n":%d,`, most)) {
				t.Errorf("want %d queries: %s", most, line)
			}
		}
	}
}

// Sixteen browsers move deals into one lane at once: each move happens, and
// the lane has one order, in which no two deals have the same place.
func TestMovesIntoOneLaneAtOnce(t *testing.T) {
	const clients, moves = 16, 6
	o := owner(t)
	pipeline, ids := o.pipeline("Crowd")
	var work sync.WaitGroup
	for n := range clients {
		deals := make([]answer, moves)
		for i := range deals {
			deals[i] = o.deal(fmt.Sprintf("%d-%d", n, i), ids["Lead"], nil)
		}
		work.Go(func() {
			c := client{t, shared.crm.url, o.http}
			after := ""
			for i := range deals {
				eventually(t, "the server has a free connection", func() bool {
					moved := c.moveDeal(deals[i], ids["Offer"], after)
					if moved.status != 200 && moved.status != 503 {
						t.Errorf("%s: %d %s", moved.what, moved.status, moved.raw)
					}
					return moved.status != 503
				})
				after = deals[i].text("id")
			}
		})
	}
	work.Wait()
	items := o.do("GET", "/api/v1/deals?limit=200&sort=rank&pipelineId="+pipeline+"&stageId="+ids["Offer"], nil).want(200).items()
	var ranks, titles []string
	for _, d := range items {
		ranks, titles = append(ranks, d["rank"].(string)), append(titles, d["title"].(string))
	}
	if len(items) != clients*moves || !slices.IsSorted(ranks) || len(slices.Compact(slices.Clone(ranks))) != len(ranks) {
		t.Fatalf("%d deals of %d in the lane, ranks %v", len(items), clients*moves, ranks)
	}
	for n := range clients { // each put its own deals one behind the other
		at := -1
		for i := range moves {
			next := slices.Index(titles, fmt.Sprintf("%d-%d", n, i))
			if next <= at {
				t.Errorf("client %d: its deal %d is at %d, the one before at %d", n, i, next, at)
			}
			at = next
		}
	}
}

// Deals put again and again between the same two make ranks longer, until the
// lane is ranked anew; the order is kept.
func TestCrowdedPlaceIsRankedAnew(t *testing.T) {
	c := owner(t)
	pipeline, ids := c.pipeline("Squeeze")
	c.deal("z", ids["Lead"], nil)
	first := c.deal("a", ids["Lead"], nil)
	x, y := c.deal("x", ids["Offer"], nil), c.deal("y", ids["Offer"], nil)
	x, y = c.moveDeal(x, ids["Lead"], first.text("id")).want(200), c.moveDeal(y, ids["Lead"], first.text("id")).want(200)
	shortened, longest := false, 0
	for i := range 260 {
		if i%2 == 0 {
			x = c.moveDeal(x, ids["Lead"], first.text("id")).want(200)
		} else {
			y = c.moveDeal(y, ids["Lead"], first.text("id")).want(200)
		}
		length := max(len(x.text("rank")), len(y.text("rank")))
		if length < longest {
			shortened = true
			break
		}
		longest = length
	}
	if !shortened {
		t.Errorf("ranks only grew, to %d digits", longest)
	}
	got := c.lanes(pipeline)[0]
	if got != "Lead: a x y z" && got != "Lead: a y x z" {
		t.Errorf("lane: %s", got)
	}
}
