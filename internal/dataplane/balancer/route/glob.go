package route

// Glob reports whether s matches the pattern as a whole: "*" stands for any
// number of characters and "?" for exactly one; "\" takes the next of them
// literally. It takes time in proportion to the product of both lengths at worst.
func Glob(pattern string, s []byte, exactCase bool) bool {
	p, i := 0, 0
	star, mark := -1, 0 // where to go back to: after the last star, and its reach
	for i < len(s) {
		width, ok := step(pattern[p:], s[i], exactCase)
		switch {
		case p < len(pattern) && pattern[p] == '*':
			p++
			star, mark = p, i
		case ok:
			p += width
			i++
		case star >= 0:
			mark++
			p, i = star, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// step matches one character against the head of the pattern and says how many
// of its bytes that took.
func step(pattern string, c byte, exactCase bool) (width int, ok bool) {
	if pattern == "" {
		return 0, false
	}
	if pattern[0] == '?' {
		return 1, true
	}
	width = 1
	if pattern[0] == '\\' && len(pattern) > 1 && (pattern[1] == '*' || pattern[1] == '?') {
		width = 2
	}
	want := pattern[width-1]
	return width, want == c || !exactCase && lower(want) == lower(c)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
