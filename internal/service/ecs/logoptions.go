package ecs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
)

// The options of the awslogs driver. The mode and the size of its buffer change
// nothing here: what a container writes goes to a file beside it at once, and
// nothing is dropped.
const (
	optionGroup     = "awslogs-group"
	optionPrefix    = "awslogs-stream-prefix"
	optionCreate    = "awslogs-create-group"
	optionDatetime  = "awslogs-datetime-format"
	optionMultiline = "awslogs-multiline-pattern"
)

var logOptions = []string{
	optionGroup, optionPrefix, optionCreate, optionDatetime, optionMultiline, "awslogs-region", "mode", "max-buffer-size",
}

// checkLogs holds the rules of the one log driver there is.
func checkLogs(name string, l *ecsapi.LogConfiguration) error {
	if l == nil {
		return nil
	}
	for option := range l.Options {
		if !slices.Contains(logOptions, option) {
			return ecsapi.NewClientException("Log driver awslogs has no option %s (container %s).", option, name)
		}
	}
	if l.Options[optionGroup] == "" || l.Options[optionPrefix] == "" {
		return ecsapi.NewClientException("Log driver awslogs requires options: awslogs-group, awslogs-stream-prefix (container %s).", name)
	}
	if mode := l.Options["mode"]; mode != "" && mode != "blocking" && mode != "non-blocking" {
		return ecsapi.NewClientException("Log option mode must be blocking or non-blocking (container %s).", name)
	}
	if l.Options[optionDatetime] != "" && l.Options[optionMultiline] != "" {
		return ecsapi.NewClientException("Log options awslogs-datetime-format and awslogs-multiline-pattern cannot be given together (container %s).", name)
	}
	if _, err := eventStart(l); err != nil {
		return ecsapi.NewClientException("Log options of container %s: %v.", name, err)
	}
	return nil
}

// eventStart is the pattern of the lines that begin an event; empty if each does.
func eventStart(l *ecsapi.LogConfiguration) (string, error) {
	if l == nil {
		return "", nil
	}
	pattern := l.Options[optionMultiline]
	if format := l.Options[optionDatetime]; format != "" {
		var err error
		if pattern, err = datetimePattern(format); err != nil {
			return "", err
		}
	}
	if _, err := regexp.Compile(pattern); err != nil {
		return "", fmt.Errorf("awslogs-multiline-pattern: %w", err)
	}
	return pattern, nil
}

// datetimes are the directives of strftime that the driver knows, as patterns.
var datetimes = map[byte]string{
	'A': `(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)`, 'a': `(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)`,
	'B': `(?:January|February|March|April|May|June|July|August|September|October|November|December)`,
	'b': `(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)`,
	'd': `(?:0[1-9]|[1-2][0-9]|3[0-1])`, 'f': `(?:\d{6})`, 'H': `(?:0[0-9]|1[0-9]|2[0-3])`, 'I': `(?:0[0-9]|1[0-2])`,
	'j': `(?:\d{3})`, 'L': `(?:\.\d{3})`, 'M': `(?:[0-5][0-9])`, 'm': `(?:0[1-9]|1[0-2])`, 'p': `[A|P]M`,
	'S': `(?:[0-5][0-9]|60)`, 'w': `(?:[0-6])`, 'Y': `(?:\d{4})`, 'y': `(?:\d{2})`,
	'Z': `(?:[A-Z]{1,4}T)`, 'z': `(?:[+-]\d{4})`, '%': `%`,
}

func datetimePattern(format string) (string, error) {
	var pattern strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			pattern.WriteString(regexp.QuoteMeta(format[i : i+1]))
			continue
		}
		if i++; i == len(format) {
			return "", fmt.Errorf("awslogs-datetime-format: %q ends with %%", format)
		}
		known, ok := datetimes[format[i]]
		if !ok {
			return "", fmt.Errorf("awslogs-datetime-format: %%%c is not known", format[i])
		}
		pattern.WriteString(known)
	}
	return pattern.String(), nil
}

// createsGroup reports whether the driver makes the log group.
func createsGroup(c ecsapi.ContainerDefinition) bool {
	return api.Val(c.LogConfiguration).Options[optionCreate] == "true"
}
