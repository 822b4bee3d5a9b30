// Package mail is a mail server for development: it takes mail over SMTP from
// this machine, sends it nowhere, and shows it on a page.
//
// Addresses have it misbehave: bounce@… is refused for good, later@… at the
// first attempt only.
package mail

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"time"
)

const keepAtMost = 500

// A Message is a mail that arrived.
type Message struct {
	Number  int       `json:"number"`
	At      time.Time `json:"at"`
	From    string    `json:"from"`
	To      []string  `json:"to"`
	Subject string    `json:"subject"`
	ReplyTo string    `json:"replyTo"`
	ID      string    `json:"messageId"`
	Text    string    `json:"text"`
	User    string    `json:"user,omitempty"` // who signed in to send it
	TLS     bool      `json:"tls"`
}

// An Inbox keeps the newest messages in memory.
type Inbox struct {
	Log *slog.Logger
	// TLS has the server offer STARTTLS; Passwords has it ask for a sign-in.
	TLS       *tls.Config
	Passwords map[string]string

	mu       sync.Mutex
	count    int
	messages []Message // newest last
	deferred map[string]bool
}

// Messages are what arrived, newest first.
func (b *Inbox) Messages() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.Clone(b.messages)
	slices.Reverse(all)
	return all
}

// Clear empties the inbox.
func (b *Inbox) Clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = nil
}

func (b *Inbox) keep(m Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count++
	m.Number, m.At = b.count, time.Now().UTC().Truncate(time.Millisecond)
	b.messages = append(b.messages, m)
	if len(b.messages) > keepAtMost {
		b.messages = b.messages[1:]
	}
}

// later says whether this address was refused for the first time just now.
func (b *Inbox) later(address string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !strings.HasPrefix(address, "later") || b.deferred[address] {
		return false
	}
	if b.deferred == nil {
		b.deferred = map[string]bool{}
	}
	b.deferred[address] = true
	return true
}

// Serve takes mail on listener until ctx ends.
func (b *Inbox) Serve(ctx context.Context, listener net.Listener) {
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go b.talk(ctx, conn)
	}
}

// parse reads what was sent; what is no mail is kept as it is.
func parse(raw string) Message {
	parsed, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		return Message{Text: raw}
	}
	body := io.Reader(parsed.Body)
	if strings.EqualFold(parsed.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, _ := io.ReadAll(body) // what could be read is shown
	decode := func(name string) string {
		v, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get(name))
		if err != nil {
			return parsed.Header.Get(name)
		}
		return v
	}
	return Message{
		From: decode("From"), Subject: decode("Subject"), ReplyTo: decode("Reply-To"), ID: parsed.Header.Get("Message-ID"),
		Text: strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"),
	}
}
