// Package idempotency makes it safe to send a request again: with the same
// Idempotency-Key the first answer is given once more, and nothing is done.
//
// The answer is kept in Redis for a day, with a sum of the request, so that a
// key cannot be used for something else. While the first is still at work, or
// if it was a fault of ours, nothing is replayed. A fault may come after the work
// was done: package change notes the key with the change itself, in MySQL, and
// sends a repetition to what is there. So Redis may lose all that is here.
package idempotency

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/trace"
	"apexai/crm/internal/web"
)

const (
	keptFor   = 24 * time.Hour
	workFor   = time.Minute // after which a task that died no longer holds its key
	maxKey    = 200
	maxAnswer = 256 << 10
)

var errBusy = errors.New("the first request is still at work")

// kept is what Redis has under a key: of a request at work only the sum.
type kept struct {
	Sum    string
	By     id.ID // who claimed it
	Status int
	Header map[string]string
	Body   []byte
	again  bool // it asks to come back
}

func (k kept) refused() bool { return k.Status >= 400 && k.Status < 500 }

// A Guard replays answers.
type Guard struct {
	Redis *redis.Client
	// Earlier says, as an error, that an earlier request of a context's key has
	// done this; it may be nil.
	Earlier func(context.Context, tenant.Tenant) error
}

// Serve runs next, or gives the answer that it gave to the same request before.
func (g Guard) Serve(w http.ResponseWriter, r *http.Request, caller tenant.Tenant, next func(http.ResponseWriter, *http.Request)) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" || r.Method != http.MethodPost {
		next(w, r)
		return
	}
	if len(key) > maxKey {
		web.Fail(w, r, problem.Syntax(fmt.Sprintf("Idempotency-Key is longer than %d", maxKey)))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, web.MaxBody+1)) // one more, for next to refuse
	if err != nil {
		web.Fail(w, r, unread(err))
		return
	}
	request := id.New()
	place := fmt.Sprintf("idem:%d:%s:%s", caller.Workspace, caller.User, sum(key))
	before, first, err := g.claim(r.Context(), place, kept{Sum: sum(r.Method, r.URL.RequestURI(), string(body)), By: request})
	if errors.Is(err, errBusy) {
		w.Header().Set("Retry-After", "1")
		err = problem.Conflict("the first request with this Idempotency-Key is still at work")
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	if !first {
		before.replay(w)
		return
	}
	trace.From(r.Context()).SetRepeat(trace.Repeat{Key: sha256.Sum256([]byte(key)), Request: request, Path: r.URL.Path})
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.Header.Del("Accept-Encoding") // what is kept is plain
	recorded := &recorder{ResponseWriter: w, kept: before}
	defer func() { g.settle(context.WithoutCancel(r.Context()), place, recorded.kept) }() // a panic leaves status 0
	next(recorded, r)
	g.judge(recorded, r, caller)
}

// judge lets a refusal go, unless what it was refused for is an earlier
// request's work under the same key.
func (g Guard) judge(recorded *recorder, r *http.Request, caller tenant.Tenant) {
	if !recorded.kept.refused() {
		return
	}
	refusal := recorded.kept
	recorded.judged = true
	if g.Earlier != nil {
		if err := g.Earlier(r.Context(), caller); err != nil {
			recorded.kept.Body = nil
			web.Fail(recorded, r, err)
			return
		}
	}
	recorded.ResponseWriter.WriteHeader(refusal.Status)
	recorded.ResponseWriter.Write(refusal.Body) // the caller may be gone
}

// unread says why a body was not read: it is too large, unless err knows better.
func unread(err error) error {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	return problem.TooLarge(web.MaxBody)
}

// claim takes the key for this request, or finds the answer of an earlier one. A
// command whose answer is lost is sent to Redis again, and then finds itself.
func (g Guard) claim(ctx context.Context, place string, mine kept) (before kept, first bool, err error) {
	encoded, _ := json.Marshal(mine) // plain data
	old, err := g.Redis.SetArgs(ctx, place, encoded, redis.SetArgs{Mode: "NX", Get: true, TTL: workFor}).Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return mine, true, nil
	case err != nil:
		return mine, false, problem.Unavailable("the store of earlier answers does not answer", err)
	}
	if err := json.Unmarshal(old, &before); err != nil {
		return mine, false, fmt.Errorf("earlier answer: %w", err)
	}
	switch {
	case before.By == mine.By:
		return mine, true, nil
	case before.Sum != mine.Sum:
		return before, false, problem.Validation(problem.Fault{Code: "key-reused", Message: "this Idempotency-Key was used for another request"})
	case before.Status == 0:
		return before, false, errBusy
	}
	return before, false, nil
}

// settle keeps an answer; after a fault of ours the key is free again, unless
// the work may have been done without a note of the key.
func (g Guard) settle(ctx context.Context, place string, k kept) {
	unknown := k.Status == http.StatusGatewayTimeout && !k.again
	failed := k.Status == 0 || k.Status >= 500 && !unknown
	if failed || len(k.Body) > maxAnswer {
		g.Redis.Del(ctx, place) // else it expires
		return
	}
	encoded, _ := json.Marshal(k)             // plain data
	g.Redis.Set(ctx, place, encoded, keptFor) // not kept: a repetition does the work again
}

func (k kept) replay(w http.ResponseWriter) {
	for name, value := range k.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(k.Status)
	w.Write(k.Body) // the caller may be gone
}

// recorder notes an answer on its way; a refusal waits until it is judged.
type recorder struct {
	http.ResponseWriter
	kept   kept
	judged bool
}

func (r *recorder) WriteHeader(status int) {
	r.kept.Status = status
	r.kept.Header = map[string]string{}
	for _, name := range []string{"Content-Type", "Location", "ETag", "Cache-Control"} {
		if v := r.Header().Get(name); v != "" {
			r.kept.Header[name] = v
		}
	}
	r.kept.again = r.Header().Get("Retry-After") != ""
	if r.judged || !r.kept.refused() {
		r.ResponseWriter.WriteHeader(status)
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.kept.Body = append(r.kept.Body, b...)
	if !r.judged && r.kept.refused() {
		return len(b), nil
	}
	return r.ResponseWriter.Write(b)
}

func sum(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}
