package insights

import (
	"math"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"
)

// A function is one that expressions may call, with how many arguments.
type function struct {
	least, most int
	apply       func([]Value) Value
}

const many = 64

// functions are those of numbers, texts, addresses and moments, by their names in
// lower case.
var functions = map[string]function{
	"abs": {1, 1, onNumber(math.Abs)}, "ceil": {1, 1, onNumber(math.Ceil)}, "floor": {1, 1, onNumber(math.Floor)},
	"log": {1, 1, onNumber(math.Log)}, "sqrt": {1, 1, onNumber(math.Sqrt)}, "round": {1, 1, onNumber(math.Round)},
	"greatest": {1, many, extreme(1)}, "least": {1, many, extreme(-1)},

	"coalesce":  {1, many, coalesce},
	"ispresent": {1, 1, func(a []Value) Value { return truthOf(a[0].kind != missing) }},
	"isempty":   {1, 1, func(a []Value) Value { return truthOf(a[0].String() == "") }},
	"isblank":   {1, 1, func(a []Value) Value { return truthOf(strings.TrimSpace(a[0].String()) == "") }},

	"concat":      {1, many, concat},
	"strlen":      {1, 1, onText(func(s string) Value { return numberOf(float64(utf8.RuneCountInString(s))) })},
	"toupper":     {1, 1, onText(func(s string) Value { return textOf(strings.ToUpper(s)) })},
	"tolower":     {1, 1, onText(func(s string) Value { return textOf(strings.ToLower(s)) })},
	"trim":        {1, 2, trim(strings.Trim)},
	"ltrim":       {1, 2, trim(strings.TrimLeft)},
	"rtrim":       {1, 2, trim(strings.TrimRight)},
	"substr":      {2, 3, substr},
	"replace":     {3, 3, replace},
	"strcontains": {2, 2, func(a []Value) Value { return truthOf(strings.Contains(a[0].String(), a[1].String())) }},

	"isvalidip":      {1, 1, isAddress(func(netip.Addr) bool { return true })},
	"isvalidipv4":    {1, 1, isAddress(netip.Addr.Is4)},
	"isvalidipv6":    {1, 1, isAddress(netip.Addr.Is6)},
	"isipinsubnet":   {2, 2, inSubnet},
	"isipv4insubnet": {2, 2, inSubnet},
	"isipv6insubnet": {2, 2, inSubnet},

	"frommillis": {1, 1, func(a []Value) Value { return fromNumber(a[0], func(n float64) Value { return momentOf(int64(n)) }) }},
	"tomillis":   {1, 1, func(a []Value) Value { return fromNumber(a[0], numberOf) }},
	"now":        {0, 0, func([]Value) Value { return numberOf(float64(time.Now().Unix())) }},
}

func fromNumber(v Value, make func(float64) Value) Value {
	n, ok := v.num()
	if !ok || math.IsNaN(n) || math.IsInf(n, 0) {
		return Value{}
	}
	return make(n)
}

func onNumber(f func(float64) float64) func([]Value) Value {
	return func(a []Value) Value {
		n, ok := a[0].num()
		if n = f(n); !ok || math.IsNaN(n) || math.IsInf(n, 0) {
			return Value{}
		}
		return numberOf(n)
	}
}

func onText(f func(string) Value) func([]Value) Value {
	return func(a []Value) Value {
		if a[0].kind == missing {
			return Value{}
		}
		return f(a[0].String())
	}
}

func extreme(sign int) func([]Value) Value {
	return func(a []Value) (best Value) {
		for _, v := range a {
			if v.kind != missing && (best.kind == missing || compare(v, best)*sign > 0) {
				best = v
			}
		}
		return best
	}
}

func coalesce(a []Value) Value {
	for _, v := range a {
		if v.kind != missing {
			return v
		}
	}
	return Value{}
}

func concat(a []Value) Value {
	var b strings.Builder
	for _, v := range a {
		b.WriteString(v.String())
	}
	return textOf(b.String())
}

func trim(cut func(s, set string) string) func([]Value) Value {
	return func(a []Value) Value {
		set := " \t\r\n"
		if len(a) == 2 {
			set = a[1].String()
		}
		return onText(func(s string) Value { return textOf(cut(s, set)) })(a)
	}
}

// substr takes from a place on, so many runes if that is said.
func substr(a []Value) Value {
	s := []rune(a[0].String())
	from, ok := a[1].num()
	if !ok || a[0].kind == missing || from < 0 || from > float64(len(s)) {
		return Value{}
	}
	s = s[int(from):]
	if len(a) == 3 {
		if n, ok := a[2].num(); ok && n >= 0 && n < float64(len(s)) {
			s = s[:int(n)]
		}
	}
	return textOf(string(s))
}

func replace(a []Value) Value {
	if a[0].kind == missing {
		return Value{}
	}
	return textOf(strings.ReplaceAll(a[0].String(), a[1].String(), a[2].String()))
}

func isAddress(is func(netip.Addr) bool) func([]Value) Value {
	return func(a []Value) Value {
		address, err := netip.ParseAddr(a[0].String())
		return truthOf(err == nil && is(address))
	}
}

func inSubnet(a []Value) Value {
	address, err := netip.ParseAddr(a[0].String())
	subnet, err2 := netip.ParsePrefix(a[1].String())
	return truthOf(err == nil && err2 == nil && subnet.Contains(address))
}

// call reads a call's arguments; its name and the parenthesis are read.
func (p *parser) call(name token) (expr, *Error) {
	lower := strings.ToLower(name.text)
	switch lower {
	case "bin":
		return p.bin()
	case "datefloor", "dateceil":
		return p.dateRound(lower == "dateceil")
	}
	if make, ok := aggregates[lower]; ok {
		return p.aggregate(name, lower, make)
	}
	f, ok := functions[lower]
	if !ok {
		return nil, p.fail(name.start, name.end, "unknown function %s", name.text)
	}
	args, err := p.list(")")
	if err != nil {
		return nil, err
	}
	if len(args) < f.least || len(args) > f.most {
		return nil, p.fail(name.start, p.next.start, "%s takes from %d to %d arguments, and has %d", name.text, f.least, f.most, len(args))
	}
	return func(r *Row) Value {
		var few [4]Value
		values := few[:0]
		for _, arg := range args {
			values = append(values, arg(r))
		}
		return f.apply(values)
	}, nil
}
