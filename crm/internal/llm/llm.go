// Package llm asks language models over two wire APIs, Gemini's and OpenAI's
// (which many local servers speak too), with nothing but net/http.
//
// One client stands before all providers: it waits and tries again where that
// helps, goes to the next provider where it does not, and leaves one alone
// that keeps failing. A model gets text and gives text; it has no tools, so
// nothing that it reads can make it do anything.
package llm

import (
	"fmt"
	"net/http"
	"time"
)

// A Request is one thing asked of a model.
type Request struct {
	System    string  // what it is to do
	Prompt    string  // the data to do it with
	Schema    *Schema // the form of the answer; nil: text
	MaxTokens int     // of the answer
}

// Usage counts the tokens that a request cost.
type Usage struct{ In, Out int }

// Total is what a budget counts.
func (u Usage) Total() int { return u.In + u.Out }

func (u Usage) plus(other Usage) Usage { return Usage{u.In + other.In, u.Out + other.Out} }

// A Reply is what a model answered.
type Reply struct {
	Text     string
	Provider string
	Model    string // as the provider names it
	Usage    Usage
	Took     time.Duration
}

// A Kind says why there is no answer.
type Kind string

// The kinds. Busy, Failing, Slow and Cut may pass by themselves.
const (
	Off      Kind = "off"      // no provider is set up
	Busy     Kind = "busy"     // 429: the provider takes no more for now
	Failing  Kind = "failing"  // 5xx, or nobody answers
	Slow     Kind = "slow"     // too long without a byte, or in all
	Refused  Kind = "refused"  // the key, the model or the request is not accepted
	Nonsense Kind = "nonsense" // not the form that was asked for, twice
	Cut      Kind = "cut"      // the stream ended before the answer did
	Blocked  Kind = "blocked"  // the provider's own filter withheld the answer
)

// An Error is a provider's failure. It never holds what the provider wrote:
// that may repeat the key or the prompt.
type Error struct {
	Kind       Kind
	Provider   string
	Status     int           // 0: there was no answer
	RetryAfter time.Duration // 0: the provider did not say
	Cause      error
}

// Error names provider, kind and status.
func (e *Error) Error() string {
	text := "ask model"
	if e.Provider != "" {
		text += " at " + e.Provider
	}
	text += ": " + string(e.Kind)
	if e.Status != 0 {
		text += fmt.Sprintf(" (status %d)", e.Status)
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// passing says that the same request may succeed a little later.
func (e *Error) passing() bool {
	return e.Kind == Busy || e.Kind == Failing
}

// A Provider is one place to ask.
type Provider struct {
	Name    string // gemini, openai
	BaseURL string
	Model   string
	Key     string
	wire    wire
}

// wire is how a provider's API is spoken.
type wire interface {
	// request makes the HTTP request of r.
	request(p Provider, r Request, stream bool) (path string, body any)
	// authorise adds the key.
	authorise(h http.Header, key string)
	// read takes one whole answer, or one event of a stream.
	read(data []byte, stream bool) (piece, error)
}

// A piece is what one answer, or one event of a stream, holds.
type piece struct {
	text    string
	model   string
	usage   Usage
	ended   bool // the model said that it is done
	blocked bool
}

// Limits are how long to wait, and for what.
type Limits struct {
	Total     time.Duration // one question, with all its tries
	FirstByte time.Duration // of an answer, and between the parts of a stream
	Wait      time.Duration // the longest pause that a provider may ask for
	Attempts  int           // at one provider
}

// DefaultLimits are those of production.
var DefaultLimits = Limits{Total: 60 * time.Second, FirstByte: 25 * time.Second, Wait: 8 * time.Second, Attempts: 3}
