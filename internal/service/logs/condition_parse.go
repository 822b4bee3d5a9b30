package logs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A parser reads a condition from its text, front to back.
type parser struct{ rest string }

// parseCondition reads a condition in braces.
func parseCondition(text string) (pattern, error) {
	p := &parser{rest: text}
	if !p.take("{") {
		return nil, errors.New("a condition begins with {")
	}
	holds, err := p.any()
	if err != nil {
		return nil, err
	}
	if !p.take("}") || strings.TrimSpace(p.rest) != "" {
		return nil, p.unexpected("}")
	}
	return condition{holds}, nil
}

func (p *parser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// take cuts a token off the front if it is there.
func (p *parser) take(token string) (ok bool) {
	p.skip()
	p.rest, ok = strings.CutPrefix(p.rest, token)
	return ok
}

func (p *parser) unexpected(want string) error {
	if p.rest == "" {
		return fmt.Errorf("the pattern ends where %s is expected", want)
	}
	return fmt.Errorf("%s is expected at: %s", want, p.rest)
}

// any reads alternatives: a || b || …
func (p *parser) any() (func(any) bool, error) {
	left, err := p.all()
	for err == nil && p.take("||") {
		var right func(any) bool
		if right, err = p.all(); err == nil {
			first := left
			left = func(d any) bool { return first(d) || right(d) }
		}
	}
	return left, err
}

// all reads what must hold together: a && b && …
func (p *parser) all() (func(any) bool, error) {
	left, err := p.one()
	for err == nil && p.take("&&") {
		var right func(any) bool
		if right, err = p.one(); err == nil {
			first := left
			left = func(d any) bool { return first(d) && right(d) }
		}
	}
	return left, err
}

// one reads a comparison, or a condition in parentheses.
func (p *parser) one() (func(any) bool, error) {
	if p.take("(") {
		holds, err := p.any()
		if err == nil && !p.take(")") {
			err = p.unexpected(")")
		}
		return holds, err
	}
	at, err := p.path()
	if err != nil {
		return nil, err
	}
	if p.take("NOT") {
		if !p.take("EXISTS") {
			return nil, p.unexpected("EXISTS")
		}
		return absent(at), nil
	}
	if p.take("IS") {
		p.skip()
		if test, ok := is(at, p.word()); ok {
			return test, nil
		}
		return nil, p.unexpected("NULL, TRUE or FALSE")
	}
	for _, operator := range []string{"!=", "<=", ">=", "=", "<", ">"} {
		if p.take(operator) {
			want, err := p.value()
			return compare(at, operator, want), err
		}
	}
	return nil, p.unexpected("a comparison")
}

// path reads $.name.name[0]["name"].
func (p *parser) path() (path, error) {
	if !p.take("$") {
		return nil, p.unexpected("$")
	}
	var steps path
	for {
		switch {
		case strings.HasPrefix(p.rest, "."):
			p.rest = p.rest[1:]
			name := p.word()
			if name == "" {
				return nil, p.unexpected("a member's name")
			}
			steps = append(steps, name)
		case strings.HasPrefix(p.rest, "["):
			inside, rest, ok := strings.Cut(p.rest[1:], "]")
			if !ok {
				return nil, p.unexpected("a closing ]")
			}
			p.rest = rest
			if n, err := strconv.Atoi(inside); err == nil && n >= 0 {
				steps = append(steps, n)
			} else if name := strings.Trim(inside, `"'`); len(name) == len(inside)-2 {
				steps = append(steps, name)
			} else {
				return nil, fmt.Errorf("[%s] is no index and no quoted name", inside)
			}
		default:
			if len(steps) == 0 {
				return nil, p.unexpected("a member")
			}
			return steps, nil
		}
	}
}

// word cuts off letters, digits, "_" and "-".
func (p *parser) word() string {
	end := strings.IndexFunc(p.rest, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r > 127)
	})
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	return word
}

// value reads a quoted text, or what stands up to a space, a parenthesis or an
// operator.
func (p *parser) value() (want string, err error) {
	p.skip()
	if strings.HasPrefix(p.rest, `"`) {
		want, p.rest, err = cutQuoted(p.rest)
		return want, err
	}
	end := strings.IndexAny(p.rest, " \t\r\n()}&|")
	if end <= 0 {
		return "", p.unexpected("a value")
	}
	if want, p.rest = p.rest[:end], p.rest[end:]; strings.HasPrefix(want, "%") {
		return "", errors.New("regular expressions are not built")
	}
	return want, nil
}
