package cli

import "errors"

// Exit codes beside 0, exitFailed and exitUsage.
const (
	exitRolledBack = 4 // the deployment failed, and the old version serves
	exitTimedOut   = 5 // it is not done yet, and goes on
)

// A coded error ends the program with an exit code of its own.
type coded struct {
	error
	code int
}

// Unwrap returns the error itself.
func (c coded) Unwrap() error { return c.error }

// withCode gives an error an exit code.
func withCode(err error, code int) error {
	if err == nil {
		return nil
	}
	return coded{err, code}
}

func exitCode(err error) int {
	var c coded
	if errors.As(err, &c) {
		return c.code
	}
	return exitFailed
}
