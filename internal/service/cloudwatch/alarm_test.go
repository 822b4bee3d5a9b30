package cloudwatch

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"apex/internal/arn"
	"apex/internal/dataplane/series"
	"apex/internal/service"
	"apex/internal/service/servicetest"
	"apex/internal/service/sns"
	"apex/internal/store"
)

// The alarm tests are written in a small language, a file each in testdata/alarm:
//
//	# a remark
//	alarm NAME STATISTIC OF METRIC COMPARISON THRESHOLD for M of N every PERIOD [missing=…] [low=ignore]
//	math NAME EXPRESSION; COMPARISON THRESHOLD for M of N every PERIOD    m1, m2, … are the metrics' averages
//	composite NAME RULE [; suppressor=NAME wait=5s extension=5s]
//	load PERIOD METRIC 1 2 _ 4x3      values by period from 0s on; _ is none; 4x3 is 4 three times; 1,2,3 are three samples
//	at TIME NAME is STATE
//	at TIME NAME says TEXT            what the reason has
//	at TIME NAME acted STATE STATE …  the states of the notices that were sent so far
//	at TIME NAME set STATE            as SetAlarmState
//
// Time goes by whole seconds; the controller looks at every alarm each second.
func TestAlarms(t *testing.T) {
	files, err := filepath.Glob("testdata/alarm/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no tests", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { newStage(t).run(file) })
	}
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// A stage is where a test file plays.
type stage struct {
	*testing.T
	service *Service
	scope   arn.Scope
	clock   *servicetest.Clock
	env     service.Env
	line    string
	pending []series.Sample
	where   []series.ID
	metrics []string
}

func newStage(t *testing.T) *stage {
	env := servicetest.Env(t, append(Tables(), sns.Tables()...)...)
	s := &stage{T: t, clock: servicetest.NewClock(noon), scope: arn.Scope{Account: servicetest.Account, Region: servicetest.Region}}
	metrics, err := series.OpenAt(t.TempDir(), s.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { metrics.Close() })
	env.Now, env.Metrics, env.Profile = s.clock.Now, metrics, service.AWS()
	s.env, s.service = env, New(env)
	return s
}

func (s *stage) run(file string) {
	f, err := os.Open(file)
	if err != nil {
		s.Fatal(err)
	}
	defer f.Close()
	for lines, n := bufio.NewScanner(f), 1; lines.Scan(); n++ {
		s.line = fmt.Sprintf("%s:%d: %s", filepath.Base(file), n, lines.Text())
		words := strings.Fields(lines.Text())
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		s.do(words)
	}
}

func (s *stage) do(words []string) {
	switch words[0] {
	case "alarm":
		s.put(words[1], s.ruleOf(words[2:]))
	case "math":
		text, rest, _ := strings.Cut(strings.Join(words[2:], " "), ";")
		rule := s.conditionOf(strings.Fields(rest))
		for i, name := range s.metrics {
			stat := s.stat("Average", name, rule.Stat.Period)
			rule.Queries = append(rule.Queries, Query{ID: "m" + strconv.Itoa(i+1), Stat: &stat, Hidden: true})
		}
		rule.Queries = append(rule.Queries, Query{ID: "e", Expression: text})
		rule.Stat = Stat{}
		s.put(words[1], rule)
	case "composite":
		s.composite(words)
	case "load":
		s.load(words)
	case "at":
		s.at(words)
	default:
		s.Fatalf("%s: unknown word", s.line)
	}
}

func (s *stage) number(text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		s.Fatalf("%s: %v", s.line, err)
	}
	return v
}

func (s *stage) span(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		s.Fatalf("%s: %v", s.line, err)
	}
	return d
}

func (s *stage) stat(statistic, metric string, period int) Stat {
	return Stat{Namespace: "Test", Name: metric, Dimensions: []series.Label{}, Period: period, Statistic: statistic}
}

// ruleOf reads "Average of CPU > 70 for 2 of 3 every 5s".
func (s *stage) ruleOf(words []string) *MetricRule {
	rule := s.conditionOf(words[3:])
	rule.Stat = s.stat(words[0], words[2], rule.Stat.Period)
	return rule
}

func (s *stage) conditionOf(words []string) *MetricRule {
	rule := &MetricRule{
		Comparison: map[string]string{">": "GreaterThanThreshold", ">=": "GreaterThanOrEqualToThreshold", "<": "LessThanThreshold", "<=": "LessThanOrEqualToThreshold"}[words[0]],
		Threshold:  s.number(words[1]), DatapointsToAlarm: int(s.number(words[3])), EvaluationPeriods: int(s.number(words[5])),
	}
	rule.Stat.Period = int(s.span(words[7]).Seconds())
	for _, word := range words[8:] {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "missing":
			rule.Missing = value
		case "low":
			rule.LowSamples = value
		}
	}
	return rule
}

func (s *stage) composite(words []string) {
	text, options, _ := strings.Cut(strings.Join(words[2:], " "), ";")
	rule := &CompositeRule{Rule: strings.TrimSpace(text)}
	for _, word := range strings.Fields(options) {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "suppressor":
			rule.Suppressor = value
		case "wait":
			rule.Wait = int(s.span(value).Seconds())
		case "extension":
			rule.Extension = int(s.span(value).Seconds())
		}
	}
	s.update(func(tx *store.Tx) {
		putAlarm(tx, s.scope.Key(words[1]), s.spec(words[1], nil, rule), s.clock.Now())
	})
}

const topic = "arn:aws:sns:us-east-1:000000000000:ops"

func (s *stage) spec(name string, metric *MetricRule, composite *CompositeRule) AlarmSpec {
	all := []string{topic}
	return AlarmSpec{Name: name, ActionsEnabled: true, OKActions: all, AlarmActions: all, InsufficientActions: all, Metric: metric, Composite: composite}
}

func (s *stage) put(name string, rule *MetricRule) {
	s.update(func(tx *store.Tx) {
		PutManagedAlarm(tx, s.scope, s.clock.Now(), s.spec(name, rule, nil))
		sns.Topics.Put(tx, sns.Topic{Key: s.scope.Key("ops"), Spec: sns.TopicSpec{Name: "ops"}})
		sub := s.scope.Key("ops:1")
		sns.Subscriptions.Put(tx, sns.Subscription{Key: sub, Spec: sns.SubscriptionSpec{Topic: s.scope.Key("ops"), ID: "1", Protocol: "http", Confirmed: true}})
	})
}

func (s *stage) update(fn func(*store.Tx)) {
	if err := s.env.Store.Update(s.Context(), func(tx *store.Tx) error { fn(tx); return nil }); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) load(words []string) {
	period, at := s.span(words[1]), noon
	s.metrics = append(s.metrics, words[2])
	for _, word := range words[3:] {
		text, times, many := strings.Cut(word, "x")
		n := 1
		if many {
			n = int(s.number(times))
		}
		for range n {
			for value := range strings.SplitSeq(text, ",") {
				if value != "_" {
					s.pending = append(s.pending, series.Sample{At: at, Value: s.number(value)})
					s.where = append(s.where, series.NewID(s.scope.Prefix(), "Test", words[2]))
				}
			}
			at = at.Add(period)
		}
	}
}

// until lets time go by.
func (s *stage) until(at time.Time) {
	for {
		for i := 0; i < len(s.pending); i++ {
			if s.pending[i].At.After(s.clock.Now()) {
				continue
			}
			if err := s.env.Metrics.Add(s.where[i], "Count", s.pending[i]); err != nil {
				s.Fatal(err)
			}
			s.pending = append(s.pending[:i], s.pending[i+1:]...)
			s.where = append(s.where[:i], s.where[i+1:]...)
			i--
		}
		for range 2 { // composites see what their children became
			for key := range Alarms.All(s.env.Store.Snapshot()) {
				if _, err := s.service.reconcileAlarm(s.Context(), s.env.Store.Snapshot(), key); err != nil && !strings.HasPrefix(err.Error(), "again") {
					s.Fatalf("%s: %v", s.line, err)
				}
			}
		}
		if !s.clock.Now().Before(at.Add(settle)) {
			return
		}
		s.clock.Advance(100 * time.Millisecond)
	}
}

func (s *stage) at(words []string) {
	s.until(noon.Add(s.span(words[1])))
	name, verb, rest := words[2], words[3], words[4:]
	alarm, ok := Alarms.Get(s.env.Store.Snapshot(), s.scope.Key(name))
	if !ok {
		s.Fatalf("%s: no such alarm", s.line)
	}
	switch state := alarm.state(); verb {
	case "is":
		if state.State != rest[0] {
			s.Errorf("%s: it is %s: %s", s.line, state.State, state.Reason)
		}
	case "says":
		if want := strings.Join(rest, " "); !strings.Contains(state.Reason, want) {
			s.Errorf("%s: it says %s", s.line, state.Reason)
		}
	case "set":
		s.update(func(tx *store.Tx) {
			Alarms.Modify(tx, alarm.Key, func(a *Alarm) { a.Spec.Forced = &Forced{State: rest[0], Reason: "set", At: s.clock.Now()} })
		})
	case "acted":
		if got, want := s.acted(name), strings.Join(rest, " "); got != want {
			s.Errorf("%s: it acted %q", s.line, got)
		}
	default:
		s.Fatalf("%s: unknown verb", s.line)
	}
}

// acted returns the states that notices of an alarm were sent for, in order.
func (s *stage) acted(name string) string {
	var states []string
	for _, item := range History.Prefix(s.env.Store.Snapshot(), s.scope.Key(name)+":") {
		if item.Kind != "Action" || !strings.HasPrefix(item.Summary, "Successfully") {
			continue
		}
		for _, state := range []string{StateOK, StateAlarm, StateInsufficient} {
			if strings.Contains(item.Data, `\"NewStateValue\":\"`+state+`\"`) {
				states = append(states, state)
			}
		}
	}
	return strings.Join(states, " ")
}

// TestJudgeSparseData is the tables of CloudWatch's user guide (how alarms treat
// missing data): the range is five periods, - is missing, X breaches.
func TestJudgeSparseData(t *testing.T) {
	for _, tt := range []struct {
		m                                        int
		points                                   string
		missing, ignore, breaching, notBreaching string
	}{
		{3, "0-X-X", "OK", "OK", "OK", "OK"},
		{3, "----0", "OK", "OK", "OK", "OK"},
		{3, "-----", "INSUFFICIENT_DATA", "keep", "ALARM", "OK"},
		{3, "0XX-X", "ALARM", "ALARM", "ALARM", "ALARM"},
		{3, "--X--", "ALARM", "keep", "ALARM", "OK"},
		{3, "----X", "keep", "keep", "ALARM", "OK"}, // too early to tell
		{2, "0-X-X", "ALARM", "ALARM", "ALARM", "ALARM"},
		{2, "00X0X", "ALARM", "ALARM", "ALARM", "ALARM"},
		{2, "0-X--", "OK", "OK", "ALARM", "OK"},
		{2, "----0", "OK", "OK", "ALARM", "OK"},
		{2, "---X-", "ALARM", "keep", "ALARM", "OK"},
	} {
		var points []point
		for i, c := range tt.points {
			p := point{at: noon.Add(time.Duration(i) * time.Minute), known: c != '-'}
			if c == 'X' {
				p.value = 1
			}
			points = append(points, p)
		}
		for treat, want := range map[string]string{"": tt.missing, "missing": tt.missing, "ignore": tt.ignore, "breaching": tt.breaching, "notBreaching": tt.notBreaching} {
			rule := &MetricRule{EvaluationPeriods: 3, DatapointsToAlarm: tt.m, Threshold: 0.5, Comparison: "GreaterThanThreshold", Missing: treat}
			got := judge(rule, points, StateOK)
			state := got.state
			if got.keep {
				state = "keep"
			}
			if state != want {
				t.Errorf("%d of 3, %s, %s: %s, want %s", tt.m, tt.points, treat, state, want)
			}
		}
	}
}
