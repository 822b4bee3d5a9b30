package route

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// A Transform rewrites a part of the request that is forwarded: what its Regex
// matches becomes Replace, in which $1 to $9 and $0 stand for what the
// expression's groups matched.
type Transform struct {
	Kind    TransformKind
	Regex   string
	Replace string

	compiled *regexp.Regexp
	template string
}

// A TransformKind names what a Transform rewrites.
type TransformKind string

// What can be rewritten.
const (
	RewriteHost TransformKind = "host-header-rewrite" // without regard to case
	RewriteURL  TransformKind = "url-rewrite"         // the path with the query
)

// The faults of transforms: what they made is no host, or no request target.
var (
	ErrHost   = errors.New("transform: the result is no host")
	ErrTarget = errors.New("transform: the result is no request target")
)

// maxRewritten is the longest target or host that a transform may make.
const maxRewritten = 16 << 10

func (t *Transform) compile() {
	e, err := t.expression()
	if err == nil {
		t.compiled, t.template = e, braced(t.Replace)
	}
}

func (t *Transform) expression() (*regexp.Regexp, error) {
	if t.Kind == RewriteHost {
		return regexp.Compile("(?i)" + t.Regex)
	}
	return regexp.Compile(t.Regex)
}

func (t *Transform) check() error {
	if t.Kind != RewriteHost && t.Kind != RewriteURL {
		return fmt.Errorf("transform %q: unknown", t.Kind)
	}
	if _, err := t.expression(); err != nil {
		return fmt.Errorf("transform %s: %w", t.Kind, err)
	}
	return nil
}

// braced writes $1 as ${1}, so that "$1_x" means the first group and not one
// that is named 1_x; a $ before anything else is itself.
func braced(replace string) string {
	var b strings.Builder
	for i := 0; i < len(replace); i++ {
		switch {
		case replace[i] != '$':
			b.WriteByte(replace[i])
		case i+1 < len(replace) && '0' <= replace[i+1] && replace[i+1] <= '9':
			i++
			b.WriteString("${" + replace[i:i+1] + "}")
		default:
			b.WriteString("$$")
		}
	}
	return b.String()
}

// apply returns the rewritten text; false if the expression does not match.
func (t *Transform) apply(text []byte) ([]byte, bool) {
	if t.compiled == nil || !t.compiled.Match(text) {
		return text, false
	}
	return t.compiled.ReplaceAll(text, []byte(t.template)), true
}

// Rewrite returns the host and the target that the request goes on with: those
// that it came with if no transform matches.
func (r *Rule) Rewrite(host, target []byte) (newHost, newTarget []byte, err error) {
	for i := range r.Transforms {
		t := &r.Transforms[i]
		switch t.Kind {
		case RewriteHost:
			out, done := t.apply(withoutPort(host))
			if done && !validHost(out) {
				return nil, nil, ErrHost
			}
			if done {
				host = out
			}
		case RewriteURL:
			out, done := t.apply(target)
			if done && !validTarget(out) {
				return nil, nil, ErrTarget
			}
			target = out
		}
	}
	return host, target, nil
}

func validHost(h []byte) bool {
	return len(h) > 0 && len(h) <= 253 && !bytes.ContainsFunc(h, func(c rune) bool {
		return c != '-' && c != '.' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z')
	})
}

func validTarget(t []byte) bool {
	return len(t) > 0 && t[0] == '/' && len(t) <= maxRewritten &&
		!bytes.ContainsFunc(t, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '#' })
}
