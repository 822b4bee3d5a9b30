package awswire

import (
	"cmp"
	"iter"
	"net/url"
	"slices"
	"strings"
)

// maxParams bounds the parameters of one request; the largest that AWS's limits
// allow (a metric batch) has some tens of thousands.
const maxParams = 100_000

// A param is one "Filter.1.Value.2=x" of a query request.
type param struct{ key, value string }

// params are a request's parameters, sorted so that those below one name are
// neighbours.
type params []param

// parseParams reads URL-encoded forms.
func parseParams(forms ...string) (params, error) {
	var all params
	for _, form := range forms {
		for pair := range strings.SplitSeq(form, "&") {
			if pair == "" {
				continue
			}
			if len(all) == maxParams {
				return nil, &InputError{Fault: "too many parameters"}
			}
			key, value, _ := strings.Cut(pair, "=")
			key, keyErr := url.QueryUnescape(key)
			value, valueErr := url.QueryUnescape(value)
			if keyErr != nil || valueErr != nil {
				return nil, &InputError{Fault: "a parameter is not URL-encoded"}
			}
			all = append(all, param{key, value})
		}
	}
	slices.SortStableFunc(all, func(a, b param) int { return compareKeys(a.key, b.key) })
	return all, nil
}

// compareKeys orders by segments: the dot sorts before everything, so that "A.1"
// follows "A" directly and "A-b" does not come between.
func compareKeys(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if x, y := a[i], b[i]; x != y {
			switch {
			case x == '.':
				return -1
			case y == '.':
				return 1
			}
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(len(a), len(b))
}

// A node is the run of parameters below one name: of "Filter.1" those that begin
// with "Filter.1.", and "Filter.1" itself.
type node struct {
	run params
	at  int // where the names of its children begin in each key
}

// value returns the node's own value, and whether it has one.
func (n node) value() (string, bool) {
	if len(n.run) > 0 && len(n.run[0].key) < n.at {
		return n.run[0].value, true
	}
	return "", false
}

// children yields the nodes one segment below, in order of their names.
func (n node) children() iter.Seq2[string, node] {
	return func(yield func(string, node) bool) {
		rest := n.run
		for len(rest) > 0 {
			if len(rest[0].key) < n.at { // the node's own value
				rest = rest[1:]
				continue
			}
			name, _, _ := strings.Cut(rest[0].key[n.at:], ".")
			end := n.at + len(name)
			count := 1
			for count < len(rest) && sameSegment(rest[count].key, rest[0].key, end) {
				count++
			}
			if !yield(name, node{run: rest[:count], at: end + 1}) {
				return
			}
			rest = rest[count:]
		}
	}
}

func sameSegment(key, first string, end int) bool {
	return len(key) >= end && key[:end] == first[:end] && (len(key) == end || key[end] == '.')
}

// child returns the node below name.
func (n node) child(name string) (node, bool) {
	for childName, child := range n.children() {
		if childName == name {
			return child, true
		}
	}
	return node{}, false
}

func (n node) childValue(name string) string {
	child, _ := n.child(name)
	value, _ := child.value()
	return value
}
