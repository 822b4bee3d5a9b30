package events

import (
	"strconv"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/eventsapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

func busARN(key string) string {
	scope, name := arn.SplitKey(key)
	return scope.ARN("events", "event-bus/"+name)
}

// ruleARN names a rule by its key: one of the default bus without the bus.
func ruleARN(key string) string {
	scope, name := arn.SplitKey(key)
	return scope.ARN("events", "rule/"+strings.TrimPrefix(name, defaultBus+"/"))
}

// busName reads the name of a bus, which may be its ARN.
func busName(given *string) string {
	name := api.Or(given, defaultBus)
	return name[strings.LastIndex(name, "/")+1:]
}

// findBus returns a bus; the default one has always been there.
func findBus(r store.Reader, scope arn.Scope, name string) (Bus, error) {
	bus, ok := Buses.Get(r, scope.Key(name))
	switch {
	case ok:
		return bus, nil
	case name == defaultBus:
		begun := time.Date(2016, 1, 14, 0, 0, 0, 0, time.UTC)
		return Bus{Key: scope.Key(name), Spec: BusSpec{Name: name, Created: begun, Modified: begun}}, nil
	}
	return Bus{}, eventsapi.NewResourceNotFoundException("Event bus %s does not exist.", name)
}

func findRule(r store.Reader, scope arn.Scope, bus *string, name string) (Rule, error) {
	in, err := findBus(r, scope, busName(bus))
	if err != nil {
		return Rule{}, err
	}
	rule, ok := Rules.Get(r, in.Key+"/"+name)
	if !ok {
		return rule, eventsapi.NewResourceNotFoundException("Rule %s does not exist on EventBus %s.", name, in.Spec.Name)
	}
	return rule, nil
}

func invalid(format string, args ...any) error {
	return api.Invalid("ValidationException", format, args...)
}

// isName tells the names of buses and rules.
func isName(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	return name != "" && strings.Trim(name, letters) == ""
}

// page cuts a list into pages of at most a hundred.
func page[T any](all []T, most *int64, token *string) ([]T, *string, error) {
	start, size := 0, int(api.Or(most, 100))
	if token != nil {
		n, err := strconv.Atoi(*token)
		if err != nil || n < 0 {
			return nil, nil, invalid("The next token is not one of this list.")
		}
		start = min(n, len(all))
	}
	rest := all[start:]
	if len(rest) <= size {
		return rest, nil, nil
	}
	return rest[:size], api.Ptr(strconv.Itoa(start + size)), nil
}

// Find returns what deciding on access must know of a bus or rule.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	if bus, ok := strings.CutPrefix(name.Resource, "event-bus/"); ok {
		b, err := findBus(r, name.Scope(), bus)
		return service.Resource{Policy: b.Spec.Policy, Tags: b.Spec.Tags}, err == nil
	}
	rule, ok := Rules.Get(r, ruleKey(name))
	return service.Resource{Tags: rule.Spec.Tags}, ok
}

// ruleKey returns the key of the rule that an ARN names.
func ruleKey(name arn.ARN) string {
	rule := strings.TrimPrefix(name.Resource, "rule/")
	if !strings.Contains(rule, "/") {
		rule = defaultBus + "/" + rule
	}
	return name.Scope().Key(rule)
}
