package insights

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An expr yields a value of a row.
type expr func(*Row) Value

// A parser reads a query and makes its stages.
type parser struct {
	*lexer
	query *Query
	scope map[string]int // slots by name
	after bool           // stats: events' own fields are gone
	calls *[]aggregate   // where aggregates may be called; nil elsewhere
	depth int
}

// maxDepth bounds how deep an expression nests.
const maxDepth = 100

// expression reads an expression: or, and, not, comparison, sum, product, power,
// sign, in this order.
func (p *parser) expression() (expr, *Error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(p.next.start, p.next.end, "the expression nests too deep")
	}
	defer func() { p.depth-- }()
	left, err := p.conjunction()
	for err == nil && p.word("or") {
		var right expr
		if right, err = p.conjunction(); err == nil {
			a, b := left, right
			left = func(r *Row) Value { return truthOf(a(r).holds() || b(r).holds()) }
		}
	}
	return left, err
}

func (p *parser) conjunction() (expr, *Error) {
	left, err := p.negation()
	for err == nil && p.word("and") {
		var right expr
		if right, err = p.negation(); err == nil {
			a, b := left, right
			left = func(r *Row) Value { return truthOf(a(r).holds() && b(r).holds()) }
		}
	}
	return left, err
}

func (p *parser) negation() (expr, *Error) {
	if !p.word("not") {
		return p.comparison()
	}
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(p.next.start, p.next.end, "the expression nests too deep")
	}
	defer func() { p.depth-- }()
	inner, err := p.negation()
	return not(inner), err
}

func not(e expr) expr {
	return func(r *Row) Value { return truthOf(!e(r).holds()) }
}

func (p *parser) comparison() (expr, *Error) {
	left, err := p.arithmetic(0)
	if err != nil {
		return nil, err
	}
	for operator, holds := range comparisons {
		if p.symbol(operator) {
			right, err := p.arithmetic(0)
			return func(r *Row) Value {
				a, b := left(r), right(r)
				return truthOf(a.kind != missing && b.kind != missing && holds(compare(a, b)))
			}, err
		}
	}
	negative := p.word("not")
	var test expr
	switch {
	case p.word("like"), !negative && p.symbol("=~"):
		test, err = p.like(left)
	case !negative && p.symbol("!~"):
		negative = true
		test, err = p.like(left)
	case p.word("in"):
		test, err = p.in(left)
	case negative:
		return nil, p.unexpected("like or in")
	default:
		return left, nil
	}
	if err == nil && negative {
		inner := test
		test = func(r *Row) Value { return truthOf(left(r).kind != missing && !inner(r).holds()) }
	}
	return test, err
}

var comparisons = map[string]func(int) bool{
	"=":  func(c int) bool { return c == 0 },
	"!=": func(c int) bool { return c != 0 },
	"<":  func(c int) bool { return c < 0 },
	"<=": func(c int) bool { return c <= 0 },
	">":  func(c int) bool { return c > 0 },
	">=": func(c int) bool { return c >= 0 },
}

// like reads a text that must be part of the value, or a regular expression.
func (p *parser) like(left expr) (expr, *Error) {
	if p.next.kind == symbolToken && p.next.text == "/" {
		re, err := p.compiled()
		if err != nil {
			return nil, err
		}
		if plain, whole := re.LiteralPrefix(); whole {
			return contains(left, plain), nil
		}
		return func(r *Row) Value {
			v := left(r)
			return truthOf(v.kind != missing && re.MatchString(v.String()))
		}, nil
	}
	if p.next.kind != stringToken {
		return nil, p.unexpected("a string or a regular expression")
	}
	return contains(left, p.advance().text), nil
}

func contains(left expr, part string) expr {
	return func(r *Row) Value {
		v := left(r)
		return truthOf(v.kind != missing && strings.Contains(v.String(), part))
	}
}

func (p *parser) compiled() (*regexp.Regexp, *Error) {
	start := p.next.start
	source, fault := p.regex()
	if fault != nil {
		return nil, fault
	}
	re, err := regexp.Compile(source)
	if err != nil {
		return nil, p.fail(start, start+len(source)+2, "regular expression: %v", err)
	}
	return re, nil
}

// in reads a list of expressions in brackets.
func (p *parser) in(left expr) (expr, *Error) {
	if !p.symbol("[") {
		return nil, p.unexpected("[")
	}
	list, err := p.list("]")
	return func(r *Row) Value {
		v := left(r)
		return truthOf(v.kind != missing && slices.ContainsFunc(list, func(e expr) bool {
			own := e(r)
			return own.kind != missing && compare(v, own) == 0
		}))
	}, err
}

// list reads expressions with commas up to a closing symbol.
func (p *parser) list(closing string) (list []expr, err *Error) {
	for !p.symbol(closing) {
		if len(list) > 0 && !p.symbol(",") {
			return nil, p.unexpected(closing)
		}
		one, err := p.expression()
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// levels are the operators on numbers, by how weak they bind.
var levels = [][]string{{"+", "-"}, {"*", "/", "%"}, {"^"}}

var operators = map[string]func(a, b float64) float64{
	"+": func(a, b float64) float64 { return a + b },
	"-": func(a, b float64) float64 { return a - b },
	"*": func(a, b float64) float64 { return a * b },
	"/": func(a, b float64) float64 { return a / b },
	"%": math.Mod,
	"^": math.Pow,
}

func (p *parser) arithmetic(level int) (expr, *Error) {
	if level == len(levels) {
		return p.sign()
	}
	left, err := p.arithmetic(level + 1)
	for err == nil && p.next.kind == symbolToken && slices.Contains(levels[level], p.next.text) {
		apply := operators[p.advance().text]
		var right expr
		if right, err = p.arithmetic(level + 1); err == nil {
			left = calculate(left, right, apply)
		}
	}
	return left, err
}

func calculate(left, right expr, apply func(a, b float64) float64) expr {
	return func(r *Row) Value {
		a, ok := left(r).num()
		b, both := right(r).num()
		if n := apply(a, b); ok && both && !math.IsNaN(n) && !math.IsInf(n, 0) {
			return numberOf(n)
		}
		return Value{}
	}
}

func (p *parser) sign() (expr, *Error) {
	if !p.symbol("-") {
		return p.primary()
	}
	inner, err := p.primary()
	return calculate(func(*Row) Value { return numberOf(0) }, inner, operators["-"]), err
}

// primary reads a constant, a field, a call, or an expression in parentheses.
func (p *parser) primary() (expr, *Error) {
	if p.symbol("(") {
		inner, err := p.expression()
		if err == nil && !p.symbol(")") {
			err = p.unexpected(")")
		}
		return inner, err
	}
	switch p.next.kind {
	case stringToken:
		return constant(textOf(p.advance().text)), nil
	case numberToken:
		n, err := strconv.ParseFloat(p.next.text, 64)
		if err != nil {
			return nil, p.unexpected("a number")
		}
		p.advance()
		return constant(numberOf(n)), nil
	case wordToken:
		name := p.advance()
		if !name.quoted && p.symbol("(") {
			return p.call(name)
		}
		if !name.quoted && (strings.EqualFold(name.text, "true") || strings.EqualFold(name.text, "false")) {
			return constant(truthOf(strings.EqualFold(name.text, "true"))), nil
		}
		if p.calls != nil {
			return nil, p.fail(name.start, name.end, "%s is not within an aggregate function", name.text)
		}
		return p.field(name.text), nil
	}
	return nil, p.unexpected("an expression")
}

func constant(v Value) expr { return func(*Row) Value { return v } }

// field returns what reads a field: one that a command made, one of the event's
// own, or a member of its JSON.
func (p *parser) field(name string) expr {
	if slot, ok := p.scope[name]; ok {
		return func(r *Row) Value { return r.vars[slot] }
	}
	if p.after {
		return constant(Value{})
	}
	switch name {
	case "@timestamp":
		return func(r *Row) Value { return momentOf(r.event.Time.UnixMilli()) }
	case "@ingestionTime":
		return func(r *Row) Value { return momentOf(r.event.Ingested.UnixMilli()) }
	case "@logStream":
		return func(r *Row) Value { return textOf(r.chunk.Stream) }
	case "@log":
		return func(r *Row) Value { return textOf(r.chunk.Account + ":" + r.chunk.Group) }
	case "@ptr":
		return func(r *Row) Value { return textOf(Pointer{r.chunk.Group, r.chunk.Stream, r.event.Position}.String()) }
	case "@message":
		p.query.messages = true
		return func(r *Row) Value { return textOf(r.message) }
	}
	p.query.messages = true
	return func(r *Row) Value { return r.member(name) }
}
