package cloudwatch

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// reasonOf says in CloudWatch's words why an alarm has the state that was found.
func reasonOf(rule *MetricRule, v verdict, missing int, from string) string {
	if v.state == StateInsufficient {
		return fmt.Sprintf("Insufficient Data: %s unknown.", plural(missing, "datapoint was", "datapoints were"))
	}
	if len(v.used) == 0 {
		treated := "NonBreaching"
		if rule.Missing == "breaching" {
			treated = "Breaching"
		}
		return fmt.Sprintf("Threshold Crossed: no datapoints were received for %s and %s treated as [%s].",
			plural(missing, "period", "periods"), plural(missing, "missing datapoint was", "missing datapoints were"), treated)
	}
	var texts []string
	least, not := rule.needed(), ""
	if v.state == StateOK {
		least, not = rule.EvaluationPeriods-rule.needed()+1, "not "
	}
	for _, p := range v.used {
		if rule.breaches(p.value) == (v.state == StateAlarm) {
			texts = append(texts, fmt.Sprintf("%s (%s)", javaDouble(p.value), p.at.UTC().Format("02/01/06 15:04:05")))
		}
	}
	was := "were"
	if len(texts) == 1 {
		was = "was"
	}
	return fmt.Sprintf("Threshold Crossed: %d out of the last %d datapoints [%s] %s %s%s the threshold (%s) (minimum %s for %s -> %s transition).",
		len(texts), rule.EvaluationPeriods, strings.Join(texts, ", "), was, not, comparisonWords(rule.Comparison), javaDouble(rule.Threshold),
		plural(least, "datapoint", "datapoints"), otherOf(v.state, from), v.state)
}

// otherOf is the state that a transition is told to come from.
func otherOf(state, from string) string {
	if from == StateInsufficient || from == state {
		if state == StateAlarm {
			return StateOK
		}
		return StateAlarm
	}
	return from
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func comparisonWords(comparison string) string {
	switch comparison {
	case "GreaterThanOrEqualToThreshold":
		return "greater than or equal to"
	case "GreaterThanThreshold":
		return "greater than"
	case "LessThanThreshold":
		return "less than"
	}
	return "less than or equal to"
}

// javaDouble writes a number as CloudWatch does: 70.0, 1.0E7.
func javaDouble(v float64) string {
	size := math.Abs(v)
	if v == 0 || size >= 1e-3 && size < 1e7 {
		text := strconv.FormatFloat(v, 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return text
	}
	digits, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'E', -1, 64), "E")
	if !strings.Contains(digits, ".") {
		digits += ".0"
	}
	n, _ := strconv.Atoi(exponent)
	return digits + "E" + strconv.Itoa(n)
}

// A javaNumber is a number that JSON shows as CloudWatch does: 70.0.
type javaNumber float64

// MarshalJSON writes the number.
func (n javaNumber) MarshalJSON() ([]byte, error) { return []byte(javaDouble(float64(n))), nil }

type evaluated struct {
	Timestamp   string      `json:"timestamp"`
	SampleCount *javaNumber `json:"sampleCount,omitempty"`
	Value       *javaNumber `json:"value,omitempty"`
}

// reasonData writes StateReasonData.
func reasonData(rule *MetricRule, points []point, unit string, period int, now time.Time) string {
	data := struct {
		Version   string       `json:"version"`
		QueryDate string       `json:"queryDate"`
		StartDate string       `json:"startDate,omitempty"`
		Unit      string       `json:"unit,omitempty"`
		Statistic string       `json:"statistic,omitempty"`
		Period    int          `json:"period"`
		Recent    []javaNumber `json:"recentDatapoints"`
		Threshold javaNumber   `json:"threshold"`
		Evaluated []evaluated  `json:"evaluatedDatapoints"`
	}{
		Version: "1.0", QueryDate: javaTime(now), Unit: unit, Statistic: rule.Stat.Statistic, Period: period,
		Recent: []javaNumber{}, Threshold: javaNumber(rule.Threshold), Evaluated: []evaluated{},
	}
	for i := len(points) - 1; i >= 0 && len(data.Evaluated) < rule.EvaluationPeriods; i-- {
		p := points[i]
		one := evaluated{Timestamp: javaTime(p.at)}
		if p.known {
			value := javaNumber(p.value)
			one.Value = &value
			if p.samples > 0 {
				samples := javaNumber(p.samples)
				one.SampleCount = &samples
			}
			data.Recent = append([]javaNumber{value}, data.Recent...)
			data.StartDate = javaTime(p.at)
		}
		data.Evaluated = append(data.Evaluated, one)
	}
	text, err := json.Marshal(data)
	if err != nil {
		return ""
	}
	return string(text)
}
