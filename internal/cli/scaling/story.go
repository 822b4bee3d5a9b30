package scaling

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Story is the next decision of a service's scaling, in words.
type Story struct {
	Service  string   `json:"service"`
	Desired  int      `json:"desired"`
	Running  int      `json:"running"`
	Min      int      `json:"min,omitempty"`
	Max      int      `json:"max,omitempty"`
	Policies []Words  `json:"policies,omitempty"`
	Blocked  []string `json:"blocked,omitempty"` // what stands against a change
	Bounds   string   `json:"bounds"`
	History  []string `json:"history,omitempty"`
}

// Words tell of one policy.
type Words struct {
	Policy   string   `json:"policy"`
	Now      string   `json:"now"`
	Next     string   `json:"next"`
	Cooldown string   `json:"cooldown"`
	Latest   *float64 `json:"latest,omitempty"`
	Target   float64  `json:"target,omitempty"`
	Above    int      `json:"periodsAbove"`
	Below    int      `json:"periodsBelow"`
	// Capacity is what the next decision makes, in Seconds if all goes on so; nil
	// if none is in sight.
	Capacity *int     `json:"capacity,omitempty"`
	Seconds  *float64 `json:"seconds,omitempty"`
}

// Tell puts a view into words.
func Tell(v View, now time.Time) Story {
	s := Story{Service: v.Service, Desired: v.Desired, Running: v.Running, Min: v.Min, Max: v.Max}
	if !v.Scales {
		s.Bounds = "No scalable target is registered: the number of tasks stays at " + strconv.Itoa(v.Desired) + "."
		return s
	}
	s.Bounds = fmt.Sprintf("Bounds %d–%d.", v.Min, v.Max)
	for _, p := range v.Policies {
		s.Policies = append(s.Policies, p.words(v, now))
	}
	s.Blocked = blocked(v)
	for _, a := range v.Activities {
		s.History = append(s.History, fmt.Sprintf("%s %s %s (%s)", a.At.UTC().Format(time.TimeOnly), a.Description, a.Cause, a.Status))
	}
	return s
}

// blocked says what stands against changes of any policy.
func blocked(v View) (list []string) {
	if v.Deploying {
		list = append(list, "a deployment runs: no scale-in until it is done")
	}
	if v.InOff {
		list = append(list, "scale-in is suspended")
	}
	if v.OutOff {
		list = append(list, "scale-out is suspended")
	}
	if v.Running < v.Desired {
		list = append(list, fmt.Sprintf("%d of %d tasks run: the last change is not fulfilled yet", v.Running, v.Desired))
	}
	for _, p := range v.Policies {
		if p.Tracking && !p.HasData {
			list = append(list, "policy "+p.Name+" has no data: no scale-in without")
		}
	}
	return list
}

func (p Policy) words(v View, now time.Time) Words {
	w := Words{Policy: p.Name, Target: p.Target, Cooldown: p.cooldown(v, now)}
	if !p.Tracking {
		w.Now, w.Next = p.stepWords()
		return w
	}
	if !p.HasData {
		w.Now, w.Next = fmt.Sprintf("no data of %s, target %s", p.Metric, p.amount(p.Target)), "Nothing can be decided."
		return w
	}
	w.Latest = &p.Latest
	of := ""
	if p.Metric == "CPU" && v.CPU != "" {
		of = " of " + v.CPU + " units"
	}
	w.Now = fmt.Sprintf("%s %s%s over the last %s, target %s", p.Metric, p.amount(p.Latest), of, span(p.Runs), p.amount(p.Target))
	p.next(&w, v, now)
	return w
}

// next says what the policy does next.
func (p Policy) next(w *Words, v View, now time.Time) {
	if p.High != nil {
		w.Above = inARow(p.Values, p.High.Periods, func(x float64) bool { return x > p.High.Threshold })
	}
	if p.Low != nil {
		w.Below = inARow(p.Values, p.Low.Periods, func(x float64) bool { return x < p.Low.Threshold })
	}
	switch {
	case w.Above > 0:
		p.breach(w, v, now, *p.High, w.Above, "above", min(max(scaled(v.Desired, p), v.Desired+1), v.Max), "at the most")
	case w.Below > 0:
		p.breach(w, v, now, *p.Low, w.Below, "below "+p.amount(p.Low.Threshold), max(min(scaled(v.Desired, p), v.Desired), v.Min), "at the least")
	case p.NoScaleIn:
		w.Next = "Within the target; it never scales in."
	default:
		w.Next = "Within the target: nothing to do."
	}
}

// breach says how far an alarm has come, and what follows.
func (p Policy) breach(w *Words, v View, now time.Time, a Alarm, count int, where string, capacity int, bound string) {
	left := a.Periods - count
	head := fmt.Sprintf("%d of %d periods %s", count, a.Periods, where)
	if capacity == v.Desired {
		if v.Desired == v.Max || v.Desired == v.Min {
			w.Next = head + fmt.Sprintf(": %d tasks, %s already.", v.Desired, bound)
		} else {
			w.Next = head + fmt.Sprintf(": %d tasks are right for it.", v.Desired)
		}
		return
	}
	change := fmt.Sprintf("%d → %s", v.Desired, tasks(capacity))
	wait := time.Duration(left)*p.Runs - now.Sub(now.Truncate(p.Runs))
	switch {
	case left == 0 || a.State == "ALARM":
		w.Next = head + ": " + change + " now, unless something stands against it."
		wait = 0
	case left == 1:
		w.Next = fmt.Sprintf("%s; if the next one is too, %s in about %s.", head, change, span(max(wait, time.Second)))
	default:
		w.Next = fmt.Sprintf("%s; if the next %d are too, %s in about %s.", head, left, change, span(max(wait, time.Second)))
	}
	seconds := wait.Seconds()
	w.Capacity, w.Seconds = &capacity, &seconds
}

// scaled is the capacity that brings the metric to the target.
func scaled(capacity int, p Policy) int {
	return int(min(math.Ceil(float64(capacity)*p.Latest/p.Target-1e-9), math.MaxInt32))
}

// inARow counts how many of the newest values, at most n, hold one after another.
func inARow(values []float64, n int, holds func(float64) bool) int {
	count := 0
	for _, v := range values[:min(n, len(values))] {
		if !holds(v) {
			break
		}
		count++
	}
	return count
}

// stepWords tell of a step scaling policy by its alarms.
func (p Policy) stepWords() (now, next string) {
	if len(p.Alarms) == 0 {
		return "steps, called by no alarm", "Nothing calls it."
	}
	var states []string
	next = "No alarm is on: nothing to do."
	for _, a := range p.Alarms {
		states = append(states, fmt.Sprintf("%s (%s %s) is %s", a.Name, p.Metric, p.amount(a.Threshold), a.State))
		if a.State == "ALARM" {
			next = "Alarm " + a.Name + " is on: its step is taken after the cooldown."
		}
	}
	return "steps: " + strings.Join(states, ", "), next
}

// cooldown says how long the policy still pauses.
func (p Policy) cooldown(v View, now time.Time) string {
	for _, a := range v.Activities {
		if !strings.HasSuffix(a.Cause, "triggered policy "+p.Name) {
			continue
		}
		way, pause := "scale-out", p.OutFor
		if strings.Contains(a.Cause, "-AlarmLow-") {
			way, pause = "scale-in", p.InFor
		}
		switch left := a.End.Add(pause).Sub(now); {
		case a.End.IsZero():
			return "Cooldown: after the " + way + " that is under way."
		case left > 0:
			return "Cooldown: no " + way + " for " + span(left) + "."
		}
		break
	}
	return "Cooldown: none."
}

func (p Policy) amount(v float64) string {
	text := strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
	if p.Percent {
		text += " %"
	}
	return text
}

func tasks(n int) string {
	if n == 1 {
		return "1 task"
	}
	return strconv.Itoa(n) + " tasks"
}

// span writes a time in whole seconds.
func span(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds()))) + " s"
}

// String is the story for a terminal.
func (s Story) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s wanted, %d running. %s\n", s.Service, tasks(s.Desired), s.Running, s.Bounds)
	for _, w := range s.Policies {
		fmt.Fprintf(&b, "\n%s: %s\n  %s\n  %s\n", w.Policy, w.Now, w.Next, w.Cooldown)
	}
	if len(s.Blocked) > 0 {
		fmt.Fprintf(&b, "\nstands against it\n  %s\n", strings.Join(s.Blocked, "\n  "))
	}
	if len(s.History) > 0 {
		fmt.Fprintf(&b, "\nhistory\n  %s\n", strings.Join(s.History, "\n  "))
	}
	return b.String()
}
