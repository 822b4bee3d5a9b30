package webhooks

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/tenant"
)

// schedule is how long to wait after each failure: the last try is about 20
// hours after the first.
var schedule = []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 12 * time.Hour}

const maxAnswer = 500

// Jobs are what deliveries need.
func (s Store) Jobs() []jobs.Handler {
	return []jobs.Handler{
		{Kind: spreadJob, Retry: 10, Run: s.spread},
		{Kind: deliverJob, Retry: len(schedule), Timeout: 30 * time.Second, Delay: wait, Run: s.deliver},
	}
}

func wait(failures int, _ error) time.Duration {
	return jobs.Jitter(schedule[min(failures, len(schedule)-1)])
}

// sending is a delivery with what it needs.
type sending struct {
	delivery Delivery
	hook     Webhook
	was      json.RawMessage
	became   json.RawMessage
	near     json.RawMessage
	target   id.ID
	by       id.ID
	version  int
	at       *time.Time
}

const selectSending = `SELECT ` + deliveryColumns + `, ` + columns + `, a.was, a.became, a.near, a.target_id, a.actor_id, COALESCE(a.version, 0), a.at
	FROM webhook_deliveries d JOIN webhooks w ON w.workspace_id = d.workspace_id AND w.id = d.webhook_id
	LEFT JOIN audit_log a ON a.workspace_id = d.workspace_id AND a.id = d.audit_id
	WHERE d.workspace_id = ? AND d.id = ?`

func scanSending(row database.Row, s *sending) error {
	var events string
	d, w := &s.delivery, &s.hook
	var was, became, near []byte
	err := row.Scan(append(d.into(),
		&w.ID, &w.Version, &w.URL, &events, &w.Active, &w.FailingSince, &w.DisabledWhy, &w.CreatedAt, &w.UpdatedAt, &w.UpdatedBy, &w.secret,
		&was, &became, &near, &s.target, &s.by, &s.version, &s.at)...)
	w.Events = strings.Split(events, ",")
	s.was, s.became, s.near = was, became, near
	return err
}

// deliver sends one delivery. No connection is held while the receiver takes
// its time.
func (s Store) deliver(ctx context.Context, t tenant.Tenant, payload json.RawMessage) error {
	var o order
	if err := json.Unmarshal(payload, &o); err != nil {
		return jobs.Skip(fmt.Errorf("webhooks: read which delivery: %w", err))
	}
	var one sending
	var there bool
	err := s.DB.View(ctx, func(ctx context.Context, q database.Queryer) (err error) {
		one, there, err = database.One(ctx, q, scanSending, selectSending, t.Workspace, o.Delivery)
		return err
	})
	if err != nil || !there || one.delivery.Status == "delivered" {
		return err // the webhook is gone, or this was done before
	}
	if !one.hook.Active {
		return s.note(ctx, t, one, result{fault: "the webhook is switched off", last: true})
	}
	r := s.send(ctx, one)
	r.last = r.last || one.delivery.Attempts >= len(schedule)
	if err := s.note(ctx, t, one, r); err != nil {
		return err
	}
	switch {
	case r.ok:
		return nil
	case r.last:
		return jobs.Skip(fmt.Errorf("webhook %s: %s", one.hook.ID, r.fault))
	}
	return fmt.Errorf("webhook %s: %s", one.hook.ID, r.fault)
}

// result is how one try went.
type result struct {
	ok, last bool
	status   int
	text     string
	fault    string
	took     time.Duration
}

// body is what the receiver gets: what happened, and the members that differ.
func (s sending) body() ([]byte, error) {
	kind, verb, _ := strings.Cut(s.delivery.Event, ".")
	data := map[string]any{"kind": kind, "verb": verb}
	if s.at != nil {
		data["id"], data["version"], data["before"], data["after"], data["near"] = s.target, s.version, s.was, s.became, s.near
		if !s.by.IsZero() {
			data["by"] = s.by
		}
	}
	at := s.delivery.CreatedAt
	if s.at != nil {
		at = *s.at
	}
	return json.Marshal(map[string]any{"type": s.delivery.Event, "timestamp": at, "data": data})
}

// sign is the Standard Webhooks signature of a message.
func sign(secret []byte, message, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%s.%s", message, timestamp, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (s Store) send(ctx context.Context, one sending) (r result) {
	body, err := one.body()
	if err != nil {
		return result{fault: err.Error(), last: true}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, one.hook.URL, bytes.NewReader(body))
	if err != nil {
		return result{fault: "the URL cannot be used", last: true}
	}
	message, timestamp := "msg_"+one.delivery.Message.String(), strconv.FormatInt(s.Now().Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "ApexAI-CRM-Webhooks/1")
	request.Header.Set("webhook-id", message)
	request.Header.Set("webhook-timestamp", timestamp)
	request.Header.Set("webhook-signature", sign(one.hook.secret, message, timestamp, body))
	start := time.Now()
	response, err := s.Guard.client().Do(request)
	r.took = time.Since(start)
	if err != nil {
		r.fault, r.last = plain(err), errors.Is(err, errNetwork)
		return r
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer)) // what came is shown
	r.status, r.text = response.StatusCode, strings.ToValidUTF8(string(text), "\uFFFD")
	for utf8.RuneCountInString(r.text) > maxAnswer {
		r.text = r.text[:len(r.text)-1]
	}
	r.ok = r.status >= 200 && r.status < 300
	switch {
	case r.ok:
	case r.status >= 300 && r.status < 400:
		r.fault = fmt.Sprintf("it answered %d; redirects are not followed", r.status)
	default:
		r.fault = fmt.Sprintf("it answered %d", r.status)
	}
	return r
}

// plain says what went wrong without the URL, which may hold a token.
func plain(err error) string {
	switch {
	case errors.Is(err, errNetwork):
		return errNetwork.Error()
	case errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "Client.Timeout"):
		return "it did not answer within 10 seconds"
	case strings.Contains(err.Error(), "no such host"):
		return "its name is not known"
	case strings.Contains(err.Error(), "refused"):
		return "it refused the connection"
	case strings.Contains(err.Error(), "certificate"), strings.Contains(err.Error(), "tls:"):
		return "its certificate cannot be trusted"
	}
	return "it cannot be reached"
}
