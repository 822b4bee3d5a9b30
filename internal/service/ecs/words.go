package ecs

import (
	"errors"
	"strings"
)

// words splits a command as a shell does, without anything else that a shell
// does: blanks part words, quotes and backslashes keep them together.
func words(command string) ([]string, error) {
	var all []string
	var word strings.Builder
	var quote rune // 0 outside of quotes
	begun, escaped := false, false
	for _, c := range command {
		switch {
		case escaped:
			if quote == '"' && c != '"' && c != '\\' && c != '$' && c != '`' {
				word.WriteByte('\\')
			}
			word.WriteRune(c)
			escaped = false
		case c == '\\' && quote != '\'':
			escaped, begun = true, true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			quote, begun = c, true
		case c == ' ' || c == '\t' || c == '\n':
			if begun {
				all = append(all, word.String())
				word.Reset()
			}
			begun = false
		default:
			word.WriteRune(c)
			begun = true
		}
	}
	if quote != 0 || escaped {
		return nil, errors.New("a quote or a backslash has no end")
	}
	if begun {
		all = append(all, word.String())
	}
	if len(all) == 0 {
		return nil, errors.New("it is empty")
	}
	return all, nil
}
