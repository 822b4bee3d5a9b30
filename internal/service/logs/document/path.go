package document

import "strconv"

// A Step leads from a value to one of its members.
type Step struct {
	Name  string // of an object's member; empty for an item of an array
	Index int    // of an array's item; AnyItem for each of them
}

// AnyItem is the Index of a Step to every item of an array.
const AnyItem = -1

// Find calls visit with each value that the steps lead to, until it returns
// true, and reports whether it did.
func (v Value) Find(steps []Step, visit func(Value) bool) bool {
	if len(steps) == 0 {
		return visit(v)
	}
	step, n, found := steps[0], 0, false
	if (step.Name != "") != (v.Kind == Object) {
		return false
	}
	v.Members(func(name []byte, member Value) bool {
		chosen := step.Name != "" && string(name) == step.Name ||
			step.Name == "" && (step.Index == n || step.Index == AnyItem)
		n++
		if chosen {
			found = member.Find(steps[1:], visit)
		}
		return !found && (!chosen || step.Index == AnyItem)
	})
	return found
}

// Leaves calls visit with each value below an object or array that is neither,
// under its path with dots: "user.roles.0". It descends no deeper than maxDepth
// and ends when visit returns false.
func (v Value) Leaves(visit func(path string, leaf Value) bool) {
	v.leaves(nil, 0, func(path []byte, leaf Value) bool { return visit(string(path), leaf) })
}

// maxDepth bounds how deep Leaves descends.
const maxDepth = 32

func (v Value) leaves(path []byte, depth int, visit func([]byte, Value) bool) (goOn bool) {
	if v.Kind < Array || depth == maxDepth {
		return visit(path, v)
	}
	n := 0
	goOn = true
	v.Members(func(name []byte, member Value) bool {
		below := path
		if len(path) > 0 {
			below = append(below, '.')
		}
		if v.Kind == Object {
			below = append(below, name...)
		} else {
			below = strconv.AppendInt(below, int64(n), 10)
		}
		n++
		goOn = member.leaves(below, depth+1, visit)
		return goOn
	})
	return goOn
}
