package balancer

import "testing"

func TestTargetsAreReachedFromTheirOwnZone(t *testing.T) {
	a, b := Node{Zone: "a", Namespace: "/a"}, Node{Zone: "b", Namespace: "/b"}
	for name, tt := range map[string]struct {
		zone  string
		nodes []Node
		turn  int
		want  Node
	}{
		"its own":               {"b", []Node{a, b}, 0, b},
		"its own, whose turn":   {"a", []Node{a, b}, 1, a},
		"a zone without a node": {"c", []Node{a, b}, 1, b},
		"no zone":               {"", []Node{a, b}, 2, a},
		"the only node":         {"b", []Node{a}, 3, a},
		"none":                  {"b", nil, 3, Node{}},
	} {
		if got := nodeFor(tt.zone, tt.nodes, tt.turn); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}
