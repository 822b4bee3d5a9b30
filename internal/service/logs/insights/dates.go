package insights

import (
	"strconv"
	"strings"
	"time"
)

// A step is a length of time to which moments are rounded. Months, quarters and
// years follow the calendar.
type step struct {
	ms     int64
	months int
}

// units are the lengths by their names: 30s, 5m, 1 hour (source: AWS's user guide).
var units = map[string]step{
	"ms": {ms: 1}, "millisecond": {ms: 1},
	"s": {ms: 1000}, "second": {ms: 1000}, "sec": {ms: 1000},
	"m": {ms: 60_000}, "minute": {ms: 60_000}, "min": {ms: 60_000},
	"h": {ms: 3600_000}, "hour": {ms: 3600_000}, "hr": {ms: 3600_000},
	"d": {ms: 86400_000}, "day": {ms: 86400_000},
	"w": {ms: 7 * 86400_000}, "week": {ms: 7 * 86400_000},
	"mo": {months: 1}, "mon": {months: 1}, "month": {months: 1},
	"q": {months: 3}, "qtr": {months: 3}, "quarter": {months: 3},
	"y": {months: 12}, "yr": {months: 12}, "year": {months: 12},
}

// maxStep bounds a step's number, so that no arithmetic overflows.
const maxStep = 1_000_000

// step reads a length of time: 5m, or 5 minutes.
func (p *parser) step() (step, *Error) {
	if p.next.kind != numberToken {
		return step{}, p.unexpected("a length of time such as 5m")
	}
	at := p.advance()
	digits := strings.TrimRight(at.text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit := strings.ToLower(at.text[len(digits):])
	if unit == "" && p.next.kind == wordToken {
		unit = strings.ToLower(p.advance().text)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	own, ok := units[strings.TrimSuffix(unit, "s")]
	if exact, is := units[unit]; is {
		own, ok = exact, true
	}
	if err != nil || n <= 0 || n > maxStep || !ok {
		return step{}, p.fail(at.start, at.end, "%s is no length of time", p.query.text[at.start:p.next.start])
	}
	return step{own.ms * n, own.months * int(n)}, nil
}

func (s step) floor(ms int64) int64 {
	if s.months == 0 {
		rest := ms % s.ms
		if rest < 0 {
			rest += s.ms
		}
		return ms - rest
	}
	t := time.UnixMilli(ms).UTC()
	month := (t.Year()*12 + int(t.Month()) - 1) / s.months * s.months
	return time.Date(month/12, time.Month(month%12+1), 1, 0, 0, 0, 0, time.UTC).UnixMilli()
}

func (s step) ceil(ms int64) int64 {
	floor := s.floor(ms)
	switch {
	case floor == ms:
		return ms
	case s.months == 0:
		return floor + s.ms
	}
	return time.UnixMilli(floor).UTC().AddDate(0, s.months, 0).UnixMilli()
}

// bin reads bin(5m), which rounds an event's time down.
func (p *parser) bin() (expr, *Error) {
	s, err := p.step()
	if err == nil && !p.symbol(")") {
		err = p.unexpected(")")
	}
	return func(r *Row) Value { return momentOf(s.floor(r.event.Time.UnixMilli())) }, err
}

// dateRound reads datefloor(moment, 5m) and dateceil.
func (p *parser) dateRound(up bool) (expr, *Error) {
	of, err := p.expression()
	if err == nil && !p.symbol(",") {
		err = p.unexpected(",")
	}
	if err != nil {
		return nil, err
	}
	s, err := p.step()
	if err == nil && !p.symbol(")") {
		err = p.unexpected(")")
	}
	return func(r *Row) Value {
		return fromNumber(of(r), func(ms float64) Value {
			if up {
				return momentOf(s.ceil(int64(ms)))
			}
			return momentOf(s.floor(int64(ms)))
		})
	}, err
}
