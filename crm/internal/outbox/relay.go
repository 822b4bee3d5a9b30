package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/page"
)

// A Message is one row of the outbox.
type Message struct {
	ID    int64
	Topic string
	Body  json.RawMessage
}

// A Taker takes the messages of one topic.
type Taker interface {
	// Show tells this task's own sockets, which needs nobody else.
	Show(m Message)
	// Hand passes the message on, through Redis. Then it may be forgotten here,
	// unless it is to be kept until somebody calls Done. An error means that
	// Redis did not take it.
	Hand(ctx context.Context, m Message) (keep bool, err error)
}

// A Relay hands on what is in the outbox. Every task runs one and takes what
// no other is just taking; the task that commits something pokes its own, so
// nothing waits for a clock but what a dead task left behind.
type Relay struct {
	DB     *database.DB
	Takers map[string]Taker // by topic
	// Beside is called, in the transaction that takes them out, with messages
	// that were handed on; what it puts into the outbox is handed on next.
	Beside func(ctx context.Context, q database.Queryer, handed []Message) error
	Log    *slog.Logger

	poked  chan struct{}
	shown  map[int64]bool // shown already, while Redis is away
	failed bool
}

const (
	batch      = 50
	lookEvery  = time.Second
	retryAfter = 200 * time.Millisecond
	retryMost  = 2 * time.Second
	showAtMost = 500
	// Rows are numbered when they are written and seen when they are
	// committed, so one may turn up behind others.
	reach = 500
)

// NewRelay makes a relay; Run runs it.
func NewRelay(db *database.DB, log *slog.Logger, takers map[string]Taker) *Relay {
	return &Relay{DB: db, Log: log, Takers: takers, poked: make(chan struct{}, 1), shown: map[int64]bool{}}
}

// Poke has the relay look now.
func (r *Relay) Poke() {
	select {
	case r.poked <- struct{}{}:
	default: // it is about to look
	}
}

// Run hands on until ctx ends, and then once more, for what was committed last.
func (r *Relay) Run(ctx context.Context) {
	wait := time.Duration(0)
	for {
		if err := r.drain(ctx); err == nil {
			r.recovered()
			wait = jittered(lookEvery)
		} else if ctx.Err() == nil {
			wait = r.missed(ctx, wait, err)
		}
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookEvery)
			defer cancel()
			if err := r.drain(last); err != nil {
				r.Log.Info("outbox: left to other tasks", "cause", err)
			}
			return
		case <-r.poked:
		case <-time.After(wait):
		}
	}
}

// recovered forgets what was shown while Redis was away.
func (r *Relay) recovered() {
	if r.failed {
		r.Log.Info("outbox: handing on again")
		r.failed = false
	}
	clear(r.shown)
}

// missed shows what cannot be handed on to this task's own sockets, and says
// how long to wait.
func (r *Relay) missed(ctx context.Context, waited time.Duration, cause error) time.Duration {
	if !r.failed {
		r.Log.Warn("outbox: nothing can be handed on for now", "cause", cause)
		r.failed = true
	}
	if err := r.show(ctx); err != nil {
		r.Log.Debug("outbox: nothing can be shown either", "cause", err)
	}
	return jittered(min(max(waited, retryAfter)*2, retryMost))
}

func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// drain hands on batch after batch until there is nothing more.
func (r *Relay) drain(ctx context.Context) error {
	for {
		n, err := r.forward(ctx)
		if err != nil || n < batch {
			return err
		}
	}
}

const (
	selectBatch = `SELECT id, topic, body FROM outbox WHERE handed_at IS NULL ORDER BY id LIMIT 50 FOR UPDATE SKIP LOCKED`
	selectSince = `SELECT id, topic, body FROM outbox WHERE handed_at IS NULL AND id > ? ORDER BY id LIMIT 500`
	deleteRows  = `DELETE FROM outbox WHERE id IN (`
	updateRows  = `UPDATE outbox SET handed_at = UTC_TIMESTAMP(3) WHERE id IN (`
)

func scan(row database.Row, m *Message) error {
	var body []byte
	err := row.Scan(&m.ID, &m.Topic, &body)
	m.Body = body
	return err
}

// forward hands on one batch. What Redis took is deleted even if it refused
// the rest; what a crash keeps from being deleted is handed on again.
func (r *Relay) forward(ctx context.Context) (taken int, err error) {
	var refusal error
	err = r.DB.Batch(ctx, func(ctx context.Context, q database.Queryer) error {
		messages, err := database.All(ctx, q, scan, selectBatch)
		if err != nil || len(messages) == 0 {
			return err
		}
		taken, refusal = 0, nil
		var done, kept []any
		for _, m := range messages {
			var keep bool
			if keep, refusal = r.hand(ctx, m); refusal != nil {
				break
			}
			taken++
			if keep {
				kept = append(kept, m.ID)
			} else {
				done = append(done, m.ID)
			}
		}
		if r.Beside != nil && taken > 0 {
			if err := r.Beside(ctx, q, messages[:taken]); err != nil {
				return err
			}
		}
		return errors.Join(rows(ctx, q, deleteRows, done), rows(ctx, q, updateRows, kept))
	})
	if err == nil {
		err = refusal
	}
	return taken, err
}

func rows(ctx context.Context, q database.Queryer, statement string, ids []any) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := database.Exec(ctx, q, statement+page.Marks(len(ids))+")", ids...)
	return err
}

func (r *Relay) hand(ctx context.Context, m Message) (keep bool, err error) {
	taker, ok := r.Takers[m.Topic]
	if !ok {
		return false, fmt.Errorf("outbox: topic %q: this task does not know it", m.Topic) // a newer one does
	}
	r.tell(taker, m)
	return taker.Hand(ctx, m)
}

func (r *Relay) tell(taker Taker, m Message) {
	if !r.shown[m.ID] {
		r.shown[m.ID] = true
		taker.Show(m)
	}
}

// show tells this task's sockets of rows that stay for now, new ones only.
func (r *Relay) show(ctx context.Context) error {
	newest := int64(0)
	for n := range r.shown {
		newest = max(newest, n)
	}
	var messages []Message
	err := r.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		var err error
		messages, err = database.All(ctx, q, scan, selectSince, max(newest-reach, 0))
		return err
	})
	for _, m := range messages {
		if taker, ok := r.Takers[m.Topic]; ok {
			r.tell(taker, m)
		}
	}
	return err
}
