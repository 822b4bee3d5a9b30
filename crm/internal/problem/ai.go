package problem

import "net/http"

// AIOff answers where no language model may or can be asked.
func AIOff(detail string) *Problem {
	return of(http.StatusConflict, "ai-off", "The assistant is off", detail)
}

// AIBudget refuses to spend more of a day's tokens than there are.
func AIBudget(detail string) *Problem {
	return of(http.StatusTooManyRequests, "ai-budget", "Today's budget for the assistant is spent", detail)
}

// AIBusy asks to come back: every provider takes no more for now.
func AIBusy(cause error) *Problem {
	p := of(http.StatusTooManyRequests, "ai-busy", "The assistant is busy", "the language model takes no more questions for now; try again in a minute")
	p.Cause = cause
	return p
}

// AIFailed tells that no usable answer came. The status is not one that
// clients repeat by themselves, as each try costs.
func AIFailed(kind, detail string, cause error) *Problem {
	p := of(http.StatusFailedDependency, "ai-"+kind, "The assistant has no answer", detail)
	p.Cause = cause
	return p
}
