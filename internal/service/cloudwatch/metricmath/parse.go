package metricmath

import (
	"strconv"
	"strings"
)

// maxDepth bounds how deep expressions nest.
const maxDepth = 100

// An Expr is an expression that was read.
type Expr struct {
	kind  exprKind
	text  string // operator, function, name or string
	value float64
	args  []*Expr
}

type exprKind int

const (
	number exprKind = iota
	text
	name
	call
	operator
	list
)

// Parse reads an expression.
func Parse(source string) (*Expr, error) {
	p := &parser{lexer: lexer{source: source}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.binary(0, 0)
	if err != nil {
		return nil, err
	}
	if p.token.kind != end {
		return nil, errorf("Error in expression: unexpected %q at character %d", p.token.text, p.token.at+1)
	}
	return e, nil
}

// Names returns the queries that the expression reads, each once.
func (e *Expr) Names() []string {
	var names []string
	seen := map[string]bool{}
	e.walk(func(one *Expr) {
		if one.kind == name && !seen[one.text] && !isWord(one.text) {
			seen[one.text] = true
			names = append(names, one.text)
		}
	})
	return names
}

// Calls tells whether the expression calls a function.
func (e *Expr) Calls(function string) bool {
	found := false
	e.walk(func(one *Expr) { found = found || one.kind == call && one.text == function })
	return found
}

func (e *Expr) walk(visit func(*Expr)) {
	visit(e)
	for _, arg := range e.args {
		arg.walk(visit)
	}
}

// isWord tells the names that are arguments and no queries: those have a lower-case
// first letter.
func isWord(s string) bool { return s[0] >= 'A' && s[0] <= 'Z' }

// levels are the binary operators, the loosest first.
var levels = []map[string]string{
	{"||": "||", "OR": "||"},
	{"&&": "&&", "AND": "&&"},
	{"==": "==", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="},
	{"+": "+", "-": "-"},
	{"*": "*", "/": "/"},
	{"^": "^"},
}

type parser struct {
	lexer
	token token
}

func (p *parser) advance() (err error) {
	p.token, err = p.next()
	return err
}

func (p *parser) binary(level, depth int) (*Expr, error) {
	if level == len(levels) {
		return p.unary(depth + 1)
	}
	left, err := p.binary(level+1, depth)
	for err == nil {
		op, ok := levels[level][p.token.text]
		if !ok || p.token.kind == quoted || p.token.kind == end {
			return left, nil
		}
		if err = p.advance(); err != nil {
			return nil, err
		}
		next := level + 1
		if op == "^" { // from right to left
			next = level
		}
		if depth++; depth > maxDepth {
			return nil, errorf("Error in expression: nested too deep")
		}
		var right *Expr
		right, err = p.binary(next, depth)
		left = &Expr{kind: operator, text: op, args: []*Expr{left, right}}
	}
	return nil, err
}

func (p *parser) unary(depth int) (*Expr, error) {
	if depth > maxDepth {
		return nil, errorf("Error in expression: nested too deep")
	}
	if p.token.kind == symbol && (p.token.text == "-" || p.token.text == "+") {
		sign := p.token.text
		if err := p.advance(); err != nil {
			return nil, err
		}
		inner, err := p.unary(depth + 1)
		if sign == "+" || err != nil {
			return inner, err
		}
		return &Expr{kind: operator, text: "*", args: []*Expr{{kind: number, value: -1}, inner}}, nil
	}
	return p.primary(depth)
}

func (p *parser) primary(depth int) (*Expr, error) {
	t := p.token
	if err := p.advance(); err != nil {
		return nil, err
	}
	switch {
	case t.kind == numeral:
		v, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, errorf("Error in expression: %q is no number", t.text)
		}
		return &Expr{kind: number, value: v}, nil
	case t.kind == quoted:
		return &Expr{kind: text, text: t.text}, nil
	case t.kind == word && p.isSymbol("("):
		args, err := p.sequence(")", depth)
		return &Expr{kind: call, text: strings.ToUpper(t.text), args: args}, err
	case t.kind == word:
		return &Expr{kind: name, text: t.text}, nil
	case t.kind == symbol && t.text == "(":
		inner, err := p.binary(0, depth+1)
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	case t.kind == symbol && t.text == "[":
		args, err := p.items("]", depth)
		return &Expr{kind: list, args: args}, err
	case t.kind == end:
		return nil, errorf("Error in expression: it ends where a value belongs")
	}
	return nil, errorf("Error in expression: unexpected %q at character %d", t.text, t.at+1)
}

func (p *parser) isSymbol(s string) bool { return p.token.kind == symbol && p.token.text == s }

func (p *parser) expect(s string) error {
	if !p.isSymbol(s) {
		return errorf("Error in expression: %q is missing at character %d", s, p.token.at+1)
	}
	return p.advance()
}

// sequence reads an opening bracket and the items up to the closing one.
func (p *parser) sequence(closing string, depth int) ([]*Expr, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	return p.items(closing, depth)
}

func (p *parser) items(closing string, depth int) ([]*Expr, error) {
	var items []*Expr
	for !p.isSymbol(closing) {
		if len(items) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		item, err := p.binary(0, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, p.advance()
}
