// Package rule reads the rules of composite alarms, such as
//
//	(ALARM("disk full") OR NOT OK(cpu)) AND INSUFFICIENT_DATA(arn:aws:cloudwatch:…:alarm:web)
//
// NOT binds closer than AND, AND closer than OR (PutCompositeAlarm, AlarmRule).
package rule

// A Rule is a condition on the states of alarms.
type Rule struct {
	op          string // "AND", "OR", "NOT", "TRUE", "FALSE", or the state that is asked for
	alarm       string // its name or ARN, when op is a state
	left, right *Rule
}

// Eval says whether the rule holds when alarms are in the states that stateOf
// tells.
func (r *Rule) Eval(stateOf func(alarm string) string) bool {
	switch r.op {
	case "TRUE":
		return true
	case "FALSE":
		return false
	case "NOT":
		return !r.left.Eval(stateOf)
	case "AND":
		return r.left.Eval(stateOf) && r.right.Eval(stateOf)
	case "OR":
		return r.left.Eval(stateOf) || r.right.Eval(stateOf)
	}
	return stateOf(r.alarm) == r.op
}

// Alarms returns the alarms that the rule asks for, by name or ARN as it does, each
// once, in the order of the rule.
func (r *Rule) Alarms() []string {
	var names []string
	seen := map[string]bool{}
	r.walk(func(one *Rule) {
		if one.alarm != "" && !seen[one.alarm] {
			seen[one.alarm] = true
			names = append(names, one.alarm)
		}
	})
	return names
}

func (r *Rule) walk(visit func(*Rule)) {
	if r == nil {
		return
	}
	visit(r)
	r.left.walk(visit)
	r.right.walk(visit)
}
