package deals

import "strings"

// A rank orders the deals of a lane by its bytes, and between any two there is
// room for another, so that a move writes one row. It begins with a number of
// seven digits, of which trailing zeros are left out; a deal put first or last
// is a step away from its neighbour, one put between two is half-way.

const (
	digits     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	base       = len(digits)
	wholeWidth = 7
	step       = base * base * base
	// longestRank is where a lane is ranked anew rather than squeezed further.
	longestRank = 40
)

// between is a rank above after and below before; empty means no limit.
func between(after, before string) string {
	switch {
	case after == "" && before == "":
		return written(middle())
	case after == "":
		if n := whole(before) - step; n > 0 {
			return written(n)
		}
	case before == "":
		if n := whole(after) + step; n < limit() {
			return written(n)
		}
	}
	return halfway(after, before)
}

// spread is n ranks in order, evenly apart around the middle.
func spread(n int) []string {
	ranks := make([]string, n)
	for i := range ranks {
		ranks[i] = written(middle() + (i-n/2)*step)
	}
	return ranks
}

func limit() int {
	n := 1
	for range wholeWidth {
		n *= base
	}
	return n
}

func middle() int { return limit() / 2 }

func whole(rank string) int {
	n := 0
	for i := range wholeWidth {
		n = n*base + digit(rank, i)
	}
	return n
}

func written(n int) string {
	var b [wholeWidth]byte
	for i := wholeWidth - 1; i >= 0; i-- {
		b[i] = digits[n%base]
		n /= base
	}
	return strings.TrimRight(string(b[:]), "0")
}

func digit(rank string, i int) int {
	if i >= len(rank) {
		return 0
	}
	return max(strings.IndexByte(digits, rank[i]), 0)
}

// halfway is the shortest rank about the middle of two; before may be empty.
func halfway(after, before string) string {
	var out strings.Builder
	bounded := before != ""
	for i := 0; ; i++ {
		low, high := digit(after, i), base
		if bounded {
			high = digit(before, i)
		}
		if high-low > 1 {
			out.WriteByte(digits[(low+high)/2])
			return out.String()
		}
		out.WriteByte(digits[low])
		bounded = bounded && high == low
	}
}
