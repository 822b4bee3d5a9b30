package stack

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Deploy says how a new version takes the place of the old one.
type Deploy struct {
	Strategy Strategy `yaml:"strategy" doc:"rolling replaces task by task; blue-green, canary and linear start a second set and shift traffic to it: at once, a part and then the rest, or step by step. Default rolling."`
	Minimum  *Share   `yaml:"minimum" doc:"How much of the count stays healthy while tasks are replaced. Default 100%."`
	Maximum  Share    `yaml:"maximum" doc:"How much of the count runs at most while tasks are replaced. Default 200%."`
	Step     Percent  `yaml:"step" doc:"How much traffic a canary gets, or each step of linear. Default 5% of a canary, 10% of linear."`
	Pause    Minutes  `yaml:"pause" doc:"The time between steps. Default 5 minutes."`
	Bake     *Minutes `yaml:"bake" doc:"How long the old tasks stay warm after the last step, to go back at once. Default 5 minutes; of rolling 0 minutes."`
	Rollback *bool    `yaml:"rollback" doc:"Go back by itself when tasks keep failing or an alarm fires. Default true."`
	Alarms   []string `yaml:"alarms" doc:"CloudWatch alarms, by name, that end a deployment when they fire."`
}

// A Strategy is a way to replace the tasks of a service.
type Strategy string

// The strategies, as ECS has them.
const (
	Rolling   Strategy = "rolling"
	BlueGreen Strategy = "blue-green"
	Canary    Strategy = "canary"
	Linear    Strategy = "linear"
)

// Shifts reports whether traffic shifts between two sets of tasks.
func (s Strategy) Shifts() bool { return s != Rolling && s != "" }

// UnmarshalText reads one of the strategies.
func (s *Strategy) UnmarshalText(text []byte) error {
	known := []Strategy{Rolling, BlueGreen, Canary, Linear}
	if !slices.Contains(known, Strategy(text)) {
		return fmt.Errorf("%q is none of rolling, blue-green, canary and linear", text)
	}
	*s = Strategy(text)
	return nil
}

// Form describes the strategies for editors.
func (Strategy) Form() string { return `^(rolling|blue-green|canary|linear)$` }

// A Share is a part or a multiple of the whole: 0%, 50%, 200%.
type Share int

var shareForm = regexp.MustCompile(`^(\d{1,4}) ?%$`)

// UnmarshalText reads a number with its percent sign.
func (s *Share) UnmarshalText(text []byte) error {
	m := shareForm.FindSubmatch(text)
	if m == nil {
		return fmt.Errorf("%q is no share such as 50%% or 200%%", text)
	}
	n, err := strconv.Atoi(string(m[1]))
	*s = Share(n)
	return err
}

// Form describes a share for editors.
func (Share) Form() string { return shareForm.String() }

// Minutes is a time in whole minutes: 5 minutes.
type Minutes int

var minutesForm = regexp.MustCompile(`^(\d{1,4}) ?(m|minute|minutes)$`)

// UnmarshalText reads a number with its unit.
func (m *Minutes) UnmarshalText(text []byte) error {
	parts := minutesForm.FindSubmatch(text)
	if parts == nil {
		return fmt.Errorf("%q is no number of minutes such as 5 minutes", text)
	}
	n, err := strconv.Atoi(string(parts[1]))
	*m = Minutes(n)
	return err
}

// Form describes a number of minutes for editors.
func (Minutes) Form() string { return minutesForm.String() }

func (d *Deploy) setDefaults() {
	set(&d.Strategy, Rolling)
	set(&d.Maximum, 200)
	if d.Minimum == nil {
		d.Minimum = new(Share(100))
	}
	if d.Strategy == Canary {
		set(&d.Step, 5)
	}
	if d.Strategy == Linear {
		set(&d.Step, 10)
	}
	if d.Step != 0 {
		set(&d.Pause, 5)
	}
	if d.Bake == nil && d.Strategy.Shifts() {
		d.Bake = new(Minutes(5))
	}
	if d.Bake == nil {
		d.Bake = new(Minutes(0))
	}
}

// maxMinutes is the longest bake time that ECS takes: a day.
const maxMinutes = 1440

// deploy checks how a service is deployed.
func (d *decoder) deploy(path string, svc Service) {
	v := svc.Deploy
	switch {
	case *v.Minimum > 100:
		d.report(path+".minimum", "%d%% are more than all", *v.Minimum)
	case v.Maximum < 100:
		d.report(path+".maximum", "%d%% are less than the count", v.Maximum)
	case *v.Minimum == 100 && v.Maximum == 100:
		d.report(path, "with minimum and maximum 100%% no task could ever be replaced").Hint = "set `maximum: 200%` or a lower minimum"
	}
	if v.Step != 0 && v.Strategy != Canary && v.Strategy != Linear {
		d.report(path+".step", "%s has no steps", v.Strategy).Hint = "use `strategy: canary` or `linear`"
	}
	if v.Strategy == Linear && v.Step < 3 {
		d.report(path+".step", "%d%%: ECS takes steps of 3%% at least", v.Step)
	}
	if v.Strategy.Shifts() && svc.HTTP == nil {
		d.report(path+".strategy", "%s shifts requests, and the service takes none", v.Strategy).Hint = "add `http`, or use `strategy: rolling`"
	}
	for at, m := range map[string]Minutes{"bake": *v.Bake, "pause": v.Pause} {
		if m > maxMinutes {
			d.report(path+"."+at, "%d minutes are more than a day", m)
		}
	}
	for i, name := range v.Alarms {
		if name == "" || len(name) > 255 {
			d.report(fmt.Sprintf("%s.alarms[%d]", path, i), "`%s` is no alarm's name", name)
		}
	}
}

// overtaken checks that one rule can hold all patterns of a service that shifts
// traffic: a pattern of another service must not have to stand between them.
func (d *decoder) overtaken(s *Stack) {
	for _, name := range sortedKeys(s.Services) {
		svc := s.Services[name]
		if !svc.Deploy.Strategy.Shifts() || svc.HTTP == nil {
			continue
		}
		for _, other := range sortedKeys(s.Services) {
			if h := s.Services[other].HTTP; h != nil && other != name {
				d.between("services."+name+".http.paths", svc.HTTP.Paths, other, h.Paths)
			}
		}
	}
}

func (d *decoder) between(at string, own []string, other string, theirs []string) {
	widest := slices.MinFunc(own, func(a, b string) int { return len(before(a)) - len(before(b)) })
	for _, q := range theirs {
		for _, p := range own {
			if p != widest && strings.HasPrefix(before(p), before(q)) && strings.HasPrefix(before(q), before(widest)) {
				d.report(at, "one rule holds all paths of a service that shifts traffic, and `%s` of %s has to stand between `%s` and `%s`", q, other, p, widest)
				return
			}
		}
	}
}

// before is a pattern up to its first wildcard.
func before(pattern string) string {
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		return pattern[:i]
	}
	return pattern
}
