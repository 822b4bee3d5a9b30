package vnet

import "testing"

func TestCutSilencesABlockUntilItIsMended(t *testing.T) {
	l := newLab(t)
	l.apply(seed("v1"))
	l.serve("v1-ecs1", "10.0.10.4:3000")
	l.serve("v1-ecs2", "10.0.11.4:3000")
	reached := func(to string) bool { return l.answers("v1-alb", to) != "" }
	if !reached("10.0.10.4:3000") || !reached("10.0.11.4:3000") {
		t.Fatal("a task was not reached before the cut")
	}
	check(t, Cut(l.opts.Hash, "v1", block("10.0.11.0/24")))
	l.apply(seed("v1")) // an Apply does not mend it
	if !reached("10.0.10.4:3000") || reached("10.0.11.4:3000") {
		t.Error("the cut block is not the one that is silent")
	}
	check(t, Cut(l.opts.Hash, "v1"))
	if !reached("10.0.11.4:3000") {
		t.Error("the block stays silent after it was mended")
	}
	if err := Cut(l.opts.Hash, "nosuch", block("10.0.0.0/8")); err == nil {
		t.Error("a network that is not there was cut")
	}
}
