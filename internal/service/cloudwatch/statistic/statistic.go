// Package statistic reads and computes the statistics of CloudWatch: the five
// simple ones, and those of a distribution such as p99 or tm(10%:90%).
package statistic

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"apex/internal/dataplane/series"
)

// A kind is a family of statistics of a distribution.
type kind int

const (
	simple     kind = iota
	percentile      // p
	trimmedMean
	trimmedCount
	trimmedSum
	winsorizedMean
	percentileRank // PR: the share of samples within values
)

var kinds = map[string]kind{
	"p": percentile, "tm": trimmedMean, "tc": trimmedCount, "ts": trimmedSum, "wm": winsorizedMean, "pr": percentileRank,
}

// A Statistic makes one number of a slot.
type Statistic struct {
	name      string
	kind      kind
	low, high float64 // percents, or values when byValue
	byValue   bool
}

// Parse reads "Average", "p99.9", "tm98", "TM(10%:90%)", "TC(0.005:0.030)",
// "PR(:300)" or "IQM".
func Parse(text string) (Statistic, error) {
	switch text {
	case "SampleCount", "Average", "Sum", "Minimum", "Maximum":
		return Statistic{name: text}, nil
	}
	lower := strings.ToLower(text)
	if lower == "iqm" {
		return Statistic{name: text, kind: trimmedMean, low: 25, high: 75}, nil
	}
	bad := fmt.Errorf("the value %s for parameter ExtendedStatistic is not supported", text)
	letters := strings.IndexFunc(lower, func(r rune) bool { return r < 'a' || r > 'z' })
	if letters < 1 {
		return Statistic{}, bad
	}
	k, ok := kinds[lower[:letters]]
	if !ok {
		return Statistic{}, bad
	}
	s := Statistic{name: text, kind: k}
	rest := lower[letters:]
	if inner, found := strings.CutPrefix(rest, "("); found {
		inner, closed := strings.CutSuffix(inner, ")")
		ok = closed && k != percentile && s.bounds(inner)
	} else {
		ok = s.shorthand(rest)
	}
	if !ok {
		return Statistic{}, bad
	}
	return s, nil
}

// shorthand reads the 99 of p99 and tm99. Ten decimals at most.
func (s *Statistic) shorthand(text string) bool {
	n, err := strconv.ParseFloat(text, 64)
	_, decimals, _ := strings.Cut(text, ".")
	s.low, s.high = 0, n
	return err == nil && strings.Trim(text, "0123456789.") == "" && n >= 0 && n <= 100 && len(decimals) <= 10 && s.kind != percentileRank
}

// bounds reads "10%:90%", ":300", "0.5:".
func (s *Statistic) bounds(text string) bool {
	low, high, ok := strings.Cut(text, ":")
	if !ok || low == "" && high == "" {
		return false
	}
	s.byValue = !strings.Contains(text, "%")
	var okLow, okHigh bool
	if s.byValue {
		s.low, okLow = bound(low, "", math.Inf(-1))
		s.high, okHigh = bound(high, "", math.Inf(1))
		return okLow && okHigh && s.low < s.high
	}
	s.low, okLow = bound(low, "%", 0)
	s.high, okHigh = bound(high, "%", 100)
	return okLow && okHigh && s.low >= 0 && s.low < s.high && s.high <= 100 && s.kind != percentileRank
}

func bound(text, suffix string, missing float64) (float64, bool) {
	if text == "" {
		return missing, true
	}
	digits, ok := strings.CutSuffix(text, suffix)
	if !ok || strings.Trim(digits, "0123456789.-") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(digits, 64)
	return n, err == nil
}

// String is the statistic as it was written.
func (s Statistic) String() string { return s.name }

// IsPercentile tells p statistics, which alarms may judge by their sample count.
func (s Statistic) IsPercentile() bool { return s.kind == percentile }

// Additive tells the statistics that grow with the length of the period.
func (s Statistic) Additive() bool {
	return s.name == "Sum" || s.name == "SampleCount" || s.kind == trimmedSum || s.kind == trimmedCount
}

// Percent is the p of a percentile.
func (s Statistic) Percent() float64 { return s.high }

// Of computes the statistic of a slot; false if the slot cannot tell, since it is
// empty or its samples came as a set of which only the outline is known.
func (s Statistic) Of(slot *series.Slot) (float64, bool) {
	if slot.Count <= 0 {
		return 0, false
	}
	switch s.kind {
	case simple:
		return s.outline(slot), true
	case percentile:
		return slot.Percentile(s.high)
	}
	return s.distribution(slot)
}

func (s Statistic) outline(slot *series.Slot) float64 {
	switch s.name {
	case "SampleCount":
		return slot.Count
	case "Sum":
		return slot.Sum
	case "Minimum":
		return slot.Min
	case "Maximum":
		return slot.Max
	}
	return slot.Sum / slot.Count
}
