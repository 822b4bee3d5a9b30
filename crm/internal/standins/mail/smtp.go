package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"time"
)

const (
	idleFor = time.Minute
	maxMail = 10 << 20
)

// session is one SMTP conversation.
type session struct {
	inbox  *Inbox
	conn   net.Conn
	text   *textproto.Reader
	user   string
	secure bool
	from   string
	to     []string
}

func (b *Inbox) talk(ctx context.Context, conn net.Conn) {
	s := &session{inbox: b, conn: conn}
	s.read()
	defer func() { s.conn.Close() }()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	s.say("220 a stand-in for a mail server: nothing leaves this machine")
	for {
		conn.SetDeadline(time.Now().Add(idleFor))
		line, err := s.text.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		if !s.obey(strings.ToUpper(verb), rest) {
			return
		}
	}
}

func (s *session) read() {
	s.text = textproto.NewReader(bufio.NewReader(s.conn))
}

func (s *session) say(format string, args ...any) { fmt.Fprintf(s.conn, format+"\r\n", args...) }

// obey does one command; false ends the conversation.
func (s *session) obey(verb, rest string) bool {
	switch verb {
	case "EHLO", "HELO":
		s.hello()
	case "STARTTLS":
		return s.startTLS()
	case "AUTH":
		s.auth(rest)
	case "MAIL":
		s.sender(rest)
	case "RCPT":
		s.recipient(rest)
	case "DATA":
		return s.data()
	case "RSET":
		s.from, s.to = "", nil
		s.say("250 forgotten")
	case "NOOP":
		s.say("250 nothing done")
	case "QUIT":
		s.say("221 good-bye")
		return false
	default:
		s.say("500 no such command")
	}
	return true
}

func (s *session) hello() {
	s.say("250-stand-in")
	if s.inbox.TLS != nil && !s.secure {
		s.say("250-STARTTLS")
	}
	if s.inbox.Passwords != nil {
		s.say("250-AUTH PLAIN LOGIN")
	}
	s.say("250 8BITMIME")
}

func (s *session) startTLS() bool {
	if s.inbox.TLS == nil || s.secure {
		s.say("502 no TLS here")
		return true
	}
	s.say("220 go on")
	secured := tls.Server(s.conn, s.inbox.TLS)
	if err := secured.Handshake(); err != nil {
		return false
	}
	s.conn, s.secure = secured, true
	s.read()
	return true
}

func (s *session) auth(rest string) {
	kind, first, _ := strings.Cut(rest, " ")
	var user, password string
	switch strings.ToUpper(kind) {
	case "PLAIN":
		parts := strings.Split(s.decoded(first, ""), "\x00")
		if len(parts) == 3 {
			user, password = parts[1], parts[2]
		}
	case "LOGIN":
		user = s.decoded(first, "Username:")
		password = s.decoded("", "Password:")
	default:
		s.say("504 PLAIN or LOGIN")
		return
	}
	if want, ok := s.inbox.Passwords[user]; !ok || want != password {
		s.say("535 wrong user or password")
		return
	}
	s.user = user
	s.say("235 welcome")
}

// decoded is what the client gave along or, if it gave nothing, answers.
func (s *session) decoded(given, prompt string) string {
	if given == "" {
		s.say("334 %s", base64.StdEncoding.EncodeToString([]byte(prompt)))
		given, _ = s.text.ReadLine() // a client that went is seen at the next command
	}
	text, _ := base64.StdEncoding.DecodeString(given) // what cannot be read is nobody's password
	return string(text)
}

func (s *session) sender(rest string) {
	if s.inbox.Passwords != nil && s.user == "" {
		s.say("530 sign in first")
		return
	}
	s.from, s.to = address(rest), nil
	s.say("250 from %s", s.from)
}

func (s *session) recipient(rest string) {
	to := address(rest)
	switch {
	case s.from == "":
		s.say("503 MAIL first")
	case strings.HasPrefix(to, "bounce"):
		s.say("550 there is no such mailbox")
	case s.inbox.later(to):
		s.say("451 come back later")
	default:
		s.to = append(s.to, to)
		s.say("250 to %s", to)
	}
}

func (s *session) data() bool {
	if len(s.to) == 0 {
		s.say("503 RCPT first")
		return true
	}
	s.say("354 end with a dot")
	raw, err := io.ReadAll(io.LimitReader(s.text.DotReader(), maxMail))
	if err != nil {
		return false
	}
	m := parse(string(raw))
	m.To, m.User, m.TLS = s.to, s.user, s.secure
	s.inbox.keep(m)
	s.from, s.to = "", nil
	s.say("250 kept")
	return true
}

// address is what stands between the angle brackets.
func address(rest string) string {
	_, rest, _ = strings.Cut(rest, "<")
	rest, _, _ = strings.Cut(rest, ">")
	return strings.ToLower(rest)
}
