package cloudwatch

import (
	"strconv"
	"strings"

	"apex/internal/service/cloudwatch/metricmath"
)

// label fills the dynamic parts of a label, such as "${LABEL} (max ${MAX})". What
// is none of them stays as it is.
func label(text string, s metricmath.Series) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(before)
		if value, ok := labelPart(name, s); ok {
			b.WriteString(value)
		} else {
			b.WriteString("${" + name + "}")
		}
		text = after
	}
}

func labelPart(name string, s metricmath.Series) (string, bool) {
	if name == "LABEL" {
		return s.Label, true
	}
	if name == "DATAPOINT_COUNT" {
		return strconv.Itoa(len(s.Values)), true
	}
	if len(s.Values) == 0 {
		return "--", name == "AVG" || name == "SUM" || name == "MIN" || name == "MAX" || name == "FIRST" || name == "LAST"
	}
	low, high, sum := s.Values[0], s.Values[0], 0.0
	for _, v := range s.Values {
		low, high, sum = min(low, v), max(high, v), sum+v
	}
	value, ok := map[string]float64{
		"AVG": sum / float64(len(s.Values)), "SUM": sum, "MIN": low, "MAX": high,
		"FIRST": s.Values[0], "LAST": s.Values[len(s.Values)-1],
	}[name]
	return strconv.FormatFloat(value, 'g', 6, 64), ok
}
