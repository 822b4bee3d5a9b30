package elasticache

import (
	_ "embed"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed parameters.txt
var parameterText string

// A parameter is a setting that a group may set.
type parameter struct {
	name    string
	kind    string // "integer" or "string"
	reaches string // "server", "ours" or "kept"
	preset  string
	allowed string // "yes,no", "1-10", "0-" or empty
}

// catalogue returns the parameters, in order of their names.
var catalogue = sync.OnceValue(func() (all []parameter) {
	for line := range strings.Lines(parameterText) {
		f := strings.Fields(line)
		if len(f) == 5 && f[0] != "#" {
			all = append(all, parameter{f[0], f[1], f[2], present(f[3]), present(f[4])})
		}
	}
	return all
})

func present(field string) string {
	if field == "-" {
		return ""
	}
	return field
}

func findParameter(name string) (parameter, bool) {
	all := catalogue()
	i := slices.IndexFunc(all, func(p parameter) bool { return p.name == name })
	if i < 0 {
		return parameter{}, false
	}
	return all[i], true
}

var (
	plainValue   = regexp.MustCompile(`^[A-Za-z0-9_.,:+/ -]{0,256}$`)
	rangePattern = regexp.MustCompile(`^(-?\d+)-(\d*)$`)
)

// check reports a value that the server would refuse.
func (p parameter) check(value string) error {
	refusal := invalid("The parameter value %s for parameter name %s is invalid; allowed: %s", value, p.name, p.allowed)
	if !plainValue.MatchString(value) {
		return refusal
	}
	if p.kind == "string" {
		if p.allowed != "" && !slices.Contains(strings.Split(p.allowed, ","), value) {
			return refusal
		}
		return nil
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return refusal
	}
	bounds := rangePattern.FindStringSubmatch(p.allowed)
	if bounds == nil {
		return nil
	}
	low, _ := strconv.ParseInt(bounds[1], 10, 64) // the pattern lets digits through
	high, err := strconv.ParseInt(bounds[2], 10, 64)
	if n < low || err == nil && n > high {
		return refusal
	}
	return nil
}

// settingsOf returns what a server is given for a group's values, and how much
// of its node's memory it may use.
func settingsOf(values map[string]string, memory int64) (settings map[string]string, maxMemory int64) {
	settings = map[string]string{}
	reserved := int64(25)
	for _, p := range catalogue() {
		value, isSet := values[p.name]
		if !isSet {
			value = p.preset
		}
		switch {
		case p.reaches == "server":
			settings[p.name] = value
		case p.name == "reserved-memory-percent":
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				reserved = n
			}
		}
	}
	return settings, max(memory/100*(100-reserved), mib)
}
