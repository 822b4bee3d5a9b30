package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"apex/internal/graph/apply"
	"apex/internal/stack"
)

// A hint is an error with the way out of it.
type hint struct {
	error
	text string
}

// Unwrap returns the error itself.
func (h hint) Unwrap() error { return h.error }

// hinted adds the way out to an error.
func hinted(err error, text string) error {
	if err == nil {
		return nil
	}
	return hint{err, text}
}

// printError writes an error and its hints, each with the program's name.
func printError(w io.Writer, err error) {
	var problems stack.Problems
	if errors.As(err, &problems) {
		fmt.Fprint(w, problems.Explain())
		fmt.Fprintf(w, "apex: error: the stack file has %s\n", plural(len(problems), "mistake"))
		return
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(w, "apex: error: %s\n", strings.TrimRight(line, "\n"))
	}
	var h hint
	if errors.As(err, &h) && h.text != "" {
		fmt.Fprintf(w, "apex: hint: %s\n", h.text)
	}
	var failed *apply.Error
	if errors.As(err, &failed) && failed.Hint != "" {
		fmt.Fprintf(w, "apex: hint: %s\n", failed.Hint)
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
