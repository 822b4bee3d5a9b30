package stack

import "fmt"

// suggest names the known word nearest to a wrong one, or lists them all when
// none is near.
func suggest(wrong string, known []string) string {
	best, distance := "", len(wrong)/2+1
	for _, word := range known {
		if d := editDistance(wrong, word); d < distance {
			best, distance = word, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean `%s`?", best)
	case len(known) > 0:
		return "known here: " + list(known)
	}
	return ""
}

// editDistance counts the single-letter changes between two words.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// list joins words as a sentence does: "a, b and c".
func list(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		text := words[0]
		for _, w := range words[1 : n-1] {
			text += ", " + w
		}
		return text + " and " + words[n-1]
	}
}
