package rds

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"apex/internal/api/rdsapi"
	"apex/internal/dataplane/mysql"
)

//go:embed parameters.txt
var parameterText string

// A parameter is a server setting that a group may set.
type parameter struct {
	name    string
	static  bool   // a server takes it at its start only
	kind    string // "integer", "float", "boolean", "string"
	reaches string // "both", "mysql", "mariadb", or "kept"
	preset  string // the value that RDS's default groups have; empty: the engine's own
	allowed string // "0,1", "1-100", or empty
}

// catalogue returns the parameters, in order of their names.
var catalogue = sync.OnceValue(func() (all []parameter) {
	for line := range strings.Lines(parameterText) {
		f := strings.Fields(line)
		if len(f) == 6 && f[0] != "#" {
			all = append(all, parameter{
				name: f[0], static: f[1] == "static", kind: f[2], reaches: f[3],
				preset: present(f[4]), allowed: present(f[5]),
			})
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
	for _, p := range catalogue() {
		if p.name == name {
			return p, true
		}
	}
	return parameter{}, false
}

func (p parameter) applyType() string {
	if p.static {
		return "static"
	}
	return "dynamic"
}

// check reports a value that the server would refuse. Formulas are evaluated when
// the class is known.
func (p parameter) check(value string) error {
	if strings.HasPrefix(value, "{") {
		if _, err := evaluate(value, gib); err != nil && p.reaches != "kept" {
			return err
		}
		return nil
	}
	if !plainValue.MatchString(value) {
		return invalid("Invalid parameter value: %s for: %s", value, p.name)
	}
	low, high, isRange := strings.Cut(p.allowed, "-")
	min, errMin := strconv.ParseFloat(low, 64)
	max, errMax := strconv.ParseFloat(high, 64)
	switch n, err := strconv.ParseFloat(value, 64); {
	case p.kind == "integer" && (err != nil || strings.ContainsAny(value, ".eExX")),
		p.kind == "float" && err != nil,
		p.kind == "boolean" && value != "0" && value != "1",
		isRange && errMin == nil && errMax == nil && (n < min || n > max):
		return invalid("Invalid parameter value: %s for: %s allowed values are: %s", value, p.name, p.allowed)
	}
	return nil
}

var plainValue = regexp.MustCompile(`^[A-Za-z0-9_.,:+/ -]{0,256}$`)

// formulaPattern is the formula that RDS's own groups use. Its functions, such as
// GREATEST, are refused.
var formulaPattern = regexp.MustCompile(`^\{DBInstanceClassMemory(?:\*(\d{1,6}))?(?:/(\d{1,18}))?\}$`)

// evaluate returns a value for a class of so much memory.
func evaluate(value string, memory int64) (string, error) {
	if !strings.HasPrefix(value, "{") {
		return value, nil
	}
	m := formulaPattern.FindStringSubmatch(value)
	if m == nil {
		return "", invalid("Formula is not built: %s; {DBInstanceClassMemory*a/b} is", value)
	}
	times, over := int64(1), int64(1)
	if m[1] != "" {
		times, _ = strconv.ParseInt(m[1], 10, 64) // digits, and few enough
	}
	if m[2] != "" {
		over, _ = strconv.ParseInt(m[2], 10, 64)
	}
	if over == 0 {
		return "", invalid("Formula divides by zero: %s", value)
	}
	return fmt.Sprint(memory / over * times), nil
}

// A settings is what a server is to be given.
type settings struct {
	live   map[string]string // may change while it runs
	static map[string]string // in force from the next start on
}

// settingsOf returns what a group means for an instance whose class has so much
// memory, on an engine.
func settingsOf(values map[string]ParameterValue, memory int64, flavor mysql.Flavor) settings {
	s := settings{live: map[string]string{}, static: map[string]string{}}
	connections, _ := evaluate("{DBInstanceClassMemory/12582880}", memory) // a formula of ours
	s.live["max_connections"] = connections
	for name, v := range values {
		p, ok := findParameter(name)
		if !ok || p.reaches != "both" && p.reaches != string(flavor) {
			continue
		}
		value, err := evaluate(v.Value, memory)
		if err != nil {
			continue // check has refused it when it was set
		}
		if p.static || v.Method == rdsapi.ApplyMethodPendingReboot {
			s.static[name] = value
			delete(s.live, name)
		} else {
			s.live[name] = value
		}
	}
	return s
}
