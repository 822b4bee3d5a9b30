package route

import (
	"slices"
	"strings"
)

// An index finds the few rules that a request's host and path leave in question.
//
// A pattern's literal tail (of a host) or head (of a path) up to its first
// wildcard must be the host's tail or the path's head. So rules are filed under
// those: for a request, one look-up for each length in use gives all that can
// match. Rules without such a condition are filed under "", which is every
// host's tail and every path's head.
type index struct {
	hosts map[string]*shelf // by the tail, in lower case
	tails []int             // the lengths of the keys, each once
}

// A shelf is the rules of one tail of hosts, by the head of their paths.
type shelf struct {
	paths map[string][]int32 // rules in order
	heads []int
}

func (x *index) add(rule int32, r *Rule) {
	if x.hosts == nil {
		x.hosts = map[string]*shelf{}
	}
	heads := anchors(r, PathPattern, literalHead)
	for _, tail := range anchors(r, HostHeader, literalTail) {
		s := x.hosts[tail]
		if s == nil {
			s = &shelf{paths: map[string][]int32{}}
			x.hosts[tail] = s
			x.tails = withLength(x.tails, len(tail))
		}
		for _, head := range heads {
			s.paths[head] = append(s.paths[head], rule)
			s.heads = withLength(s.heads, len(head))
		}
	}
}

func withLength(lengths []int, n int) []int {
	if slices.Contains(lengths, n) {
		return lengths
	}
	return append(lengths, n)
}

// anchors returns what the rule is filed under for its condition on a field.
func anchors(r *Rule, field Field, literal func(pattern string) string) []string {
	for i := range r.Conditions {
		c := &r.Conditions[i]
		if c.Field != field || len(c.Regex) > 0 {
			continue
		}
		var keys []string
		for _, v := range c.Values {
			keys = append(keys, literal(v))
		}
		slices.Sort(keys)
		return slices.Compact(keys)
	}
	return []string{""}
}

func literalHead(pattern string) string {
	if i := strings.IndexAny(pattern, `*?\`); i >= 0 {
		return pattern[:i]
	}
	return pattern
}

func literalTail(pattern string) string {
	return lowered(pattern[strings.LastIndexAny(pattern, `*?\`)+1:])
}

func lowered(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = lower(b[i])
	}
	return string(b)
}

// find collects the lists of rules that may match the request.
func (x *index) find(r *Request, c *candidates) {
	var room [256]byte
	host := append(room[:0], withoutPort(r.Host)...)
	for i := range host {
		host[i] = lower(host[i])
	}
	for _, n := range x.tails {
		if n > len(host) {
			continue
		}
		if s := x.hosts[string(host[len(host)-n:])]; s != nil {
			s.find(r.Path, c)
		}
	}
}

func (s *shelf) find(path []byte, c *candidates) {
	for _, n := range s.heads {
		if n > len(path) {
			continue
		}
		if rules := s.paths[string(path[:n])]; len(rules) > 0 {
			c.add(rules)
		}
	}
}

// candidates are lists of rules, each in order, that are gone through as one.
type candidates struct {
	room [12][]int32
	used int
	more [][]int32 // what room has no place for
	last int32     // the rule given last, plus one
}

func (c *candidates) add(rules []int32) {
	if c.used == len(c.room) {
		c.more = append(c.more, rules)
		return
	}
	c.room[c.used] = rules
	c.used++
}

// next returns the least rule that was not given yet.
func (c *candidates) next() (rule int32, ok bool) {
	for {
		least := firstOf(c.room[:c.used], nil)
		least = firstOf(c.more, least)
		if least == nil {
			return 0, false
		}
		rule, *least = (*least)[0], (*least)[1:]
		if rule+1 != c.last {
			c.last = rule + 1
			return rule, true
		}
	}
}

// firstOf returns the list, of those given and the best so far, that begins with
// the least rule.
func firstOf(lists [][]int32, best *[]int32) *[]int32 {
	for i := range lists {
		if l := &lists[i]; len(*l) > 0 && (best == nil || (*l)[0] < (*best)[0]) {
			best = l
		}
	}
	return best
}
