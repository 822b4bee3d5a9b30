package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// A step is one line of a script in testdata/calls: one call of the SDK.
//
//	Operation {Member: value, …}              must be answered
//	Operation {…} > name=Path, other=Path     the answer's parts, for later lines as $name
//	Operation {…} ! Code                      must be refused with the code
//	until Path=value Operation {…}            asked again until the answer says so
//	wait Waiter {…}                           the SDK's waiter
//
// An operation or waiter of another module than the file's is written module.Name.
// A line that begins with a space goes on with the one before it.
type step struct {
	where     string
	module    string // empty for that of the file
	operation string // or the waiter's name
	input     string // YAML with $names in it
	keep      map[string]string
	code      string // of the refusal that is wanted
	path      string // of until
	value     string
	waiter    bool
}

var (
	stepForm  = regexp.MustCompile(`^(?:(wait) |until (\S+)=(\S+) )?(?:(\w+)\.)?(\w+)\s*(\{.*\})?\s*(?:> (.*)|! (\S+))?$`)
	nameInUse = regexp.MustCompile(`\$(\w+|\{\w+\})`)
)

// script reads the steps of a file.
func script(t testing.TB, path string) (steps []step) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	var numbers []int
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, " ") && len(lines) > 0:
			lines[len(lines)-1] += " " + strings.TrimSpace(line)
		default:
			lines, numbers = append(lines, line), append(numbers, i+1)
		}
	}
	for i, line := range lines {
		s, err := parseStep(line)
		if err != nil {
			t.Fatalf("%s:%d: %v", path, numbers[i], err)
		}
		s.where = fmt.Sprintf("%s:%d", filepath.Base(path), numbers[i])
		steps = append(steps, s)
	}
	return steps
}

func parseStep(line string) (step, error) {
	m := stepForm.FindStringSubmatch(strings.TrimSpace(line))
	if m == nil {
		return step{}, fmt.Errorf("not a step: %s", line)
	}
	s := step{waiter: m[1] != "", path: m[2], value: m[3], module: m[4], operation: m[5], input: m[6], code: m[8], keep: map[string]string{}}
	if s.input == "" {
		s.input = "{}"
	}
	for pair := range strings.SplitSeq(m[7], ",") {
		if name, path, ok := strings.Cut(strings.TrimSpace(pair), "="); ok {
			s.keep[name] = path
		}
	}
	return s, nil
}

// members returns a step's input with the names filled in.
func (s step) members(names map[string]string) (map[string]any, error) {
	var members map[string]any
	if err := yaml.Unmarshal([]byte(s.input), &members); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", s.where, s.input, err)
	}
	var missing []string
	filled, _ := named(members, func(name string) string {
		value, ok := names[strings.Trim(name, "${}")]
		if !ok {
			missing = append(missing, name)
		}
		return value
	}).(map[string]any)
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s: nothing is called %v (a step before failed?)", s.where, missing)
	}
	return filled, nil
}

// named replaces the names in all texts of a value.
func named(value any, replace func(string) string) any {
	switch value := value.(type) {
	case string:
		return nameInUse.ReplaceAllStringFunc(value, replace)
	case []any:
		for i := range value {
			value[i] = named(value[i], replace)
		}
	case map[string]any:
		for name := range value {
			value[name] = named(value[name], replace)
		}
	}
	return value
}
