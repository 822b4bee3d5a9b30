package insights

import (
	"strconv"
	"strings"
)

// The bounds of what a query yields.
const (
	DefaultLimit = 10_000 // rows, unless the query or its caller says otherwise
	MaxLimit     = 10_000
	maxGroups    = 100_000
)

// A Query is a query made out. It may be run several times, also at once.
type Query struct {
	text     string
	stages   []stage
	columns  []column
	shown    bool // display chose the columns
	grouped  bool // stats made the rows
	slots    int
	messages bool // rows need their events' messages
}

// A stage is one command of a query.
type stage interface{}

type (
	compute struct {
		slot int
		of   expr
	}
	filter struct{ holds expr }
	take   struct { // parse
		from  expr
		slots []int
		cut   func(text string, into []string) bool
	}
	stats struct {
		calls []aggregate
		by    []expr
		keys  []int     // slots of by
		of    []compute // of a row in which the calls' values are laid
	}
	order struct{ keys []sortKey }
	limit struct{ n int }
	dedup struct{ by []expr }
)

type sortKey struct {
	of   expr
	sign int
}

// A column is a named part of the results.
type column struct {
	name string
	of   expr
}

// Parse reads a query.
func Parse(text string) (*Query, *Error) {
	q := &Query{text: text}
	p := &parser{lexer: newLexer(text), query: q, scope: map[string]int{}}
	for {
		if err := p.command(); err != nil {
			if p.fault != nil {
				err = p.fault
			}
			return nil, err
		}
		if p.next.kind == endToken && p.fault == nil {
			break
		}
		if !p.symbol("|") {
			return nil, p.unexpected("|")
		}
	}
	if len(q.columns) == 0 {
		for _, name := range []string{"@timestamp", "@message"} {
			q.columns = append(q.columns, column{name, p.field(name)})
		}
	}
	if !q.grouped {
		q.columns = append(q.columns, column{"@ptr", p.field("@ptr")})
	}
	return q, nil
}

// maxStages bounds a query's commands.
const maxStages = 100

func (p *parser) command() *Error {
	if p.next.kind != wordToken || p.next.quoted {
		return p.unexpected("a command")
	}
	name := p.advance()
	if len(p.query.stages) > maxStages {
		return p.fail(name.start, name.end, "too many commands")
	}
	switch strings.ToLower(name.text) {
	case "fields":
		return p.fields()
	case "display":
		return p.display()
	case "filter", "where":
		holds, err := p.expression()
		p.add(filter{holds})
		return err
	case "parse":
		return p.parse()
	case "stats":
		return p.stats()
	case "sort":
		return p.sort()
	case "limit":
		return p.limit()
	case "dedup":
		return p.dedup()
	case "pattern", "diff", "anomaly", "unnest", "unmask", "filterindex", "lookup", "join", "source":
		return p.fail(name.start, name.end, "the command %s is not built", name.text)
	}
	return p.fail(name.start, name.end, "unexpected symbol found %s at line %d and position %d: expected a command",
		name.text, strings.Count(p.lexer.query[:name.start], "\n")+1, name.start-strings.LastIndexByte(p.lexer.query[:name.start], '\n')-1)
}

func (p *parser) add(s stage) { p.query.stages = append(p.query.stages, s) }

// slot returns the place of a name that a command makes. A name made again gets a
// new one: what was read before still reads the old.
func (p *parser) slot(name string) int {
	slot := p.query.slots
	p.query.slots++
	p.scope[name] = slot
	return slot
}

// named reads an expression and "as name"; plain is whether it is but a field.
func (p *parser) named() (name string, of expr, plain bool, err *Error) {
	first := p.next
	start := first.start
	if of, err = p.expression(); err != nil {
		return "", nil, false, err
	}
	name = strings.TrimSpace(p.lexer.query[start:p.before()])
	plain = first.kind == wordToken && (first.end == start+len(name))
	if plain {
		name = first.text
	}
	if p.word("as") {
		if p.next.kind != wordToken {
			return "", nil, false, p.unexpected("a name")
		}
		name, plain = p.advance().text, false
	}
	return name, of, plain, nil
}

// before is where the text before the next token ends.
func (p *parser) before() int {
	return len(strings.TrimRight(p.lexer.query[:p.next.start], " \t\r\n"))
}

func (p *parser) fields() *Error {
	for {
		name, of, plain, err := p.named()
		if err != nil {
			return err
		}
		if !plain {
			slot := p.slot(name)
			p.add(compute{slot, of})
			of = func(r *Row) Value { return r.vars[slot] }
		}
		if !p.query.shown {
			p.column(name, of)
		}
		if !p.symbol(",") {
			return nil
		}
	}
}

// column adds a column, or replaces one of the same name.
func (p *parser) column(name string, of expr) {
	for i := range p.query.columns {
		if p.query.columns[i].name == name {
			p.query.columns[i].of = of
			return
		}
	}
	p.query.columns = append(p.query.columns, column{name, of})
}

func (p *parser) display() *Error {
	p.query.columns, p.query.shown = nil, false
	err := p.fields()
	p.query.shown = true
	return err
}

func (p *parser) sort() *Error {
	var own order
	for {
		of, err := p.expression()
		if err != nil {
			return err
		}
		key := sortKey{of, 1}
		if p.word("desc") {
			key.sign = -1
		} else {
			p.word("asc")
		}
		if own.keys = append(own.keys, key); !p.symbol(",") {
			p.add(own)
			return nil
		}
	}
}

func (p *parser) limit() *Error {
	at := p.next
	n, err := strconv.Atoi(at.text)
	if at.kind != numberToken || err != nil {
		return p.unexpected("a number")
	}
	if n < 1 || n > MaxLimit {
		return p.fail(at.start, at.end, "a limit is from 1 to %d", MaxLimit)
	}
	p.advance()
	p.add(limit{n})
	return nil
}

func (p *parser) dedup() *Error {
	var own dedup
	for {
		of, err := p.expression()
		if err != nil {
			return err
		}
		if own.by = append(own.by, of); !p.symbol(",") {
			p.add(own)
			return nil
		}
	}
}

// stats reads aggregates and what they are grouped by. Of the fields so far only
// these go on.
func (p *parser) stats() *Error {
	var own stats
	type result struct {
		name string
		of   expr
	}
	var results []result
	for {
		p.calls = &own.calls
		name, of, _, err := p.named()
		p.calls = nil
		if err != nil {
			return err
		}
		if results = append(results, result{name, of}); !p.symbol(",") {
			break
		}
	}
	names := []string{}
	for p.word("by") || len(names) > 0 && p.symbol(",") {
		name, of, _, err := p.named()
		if err != nil {
			return err
		}
		own.by, names = append(own.by, of), append(names, name)
	}
	p.scope, p.after, p.query.grouped = map[string]int{}, true, true
	p.query.columns, p.query.shown = nil, false
	for _, name := range names {
		own.keys = append(own.keys, p.slot(name))
		p.column(name, p.field(name))
	}
	for _, r := range results {
		own.of = append(own.of, compute{p.slot(r.name), r.of})
		p.column(r.name, p.field(r.name))
	}
	p.add(own)
	return nil
}
