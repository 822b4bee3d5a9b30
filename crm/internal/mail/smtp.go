package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"apexai/crm/internal/config"
)

const (
	dialWithin = 10 * time.Second
	talkWithin = 60 * time.Second
)

// refusal is a mail server's answer that trying again cannot change.
type refusal struct{ text string }

func (r refusal) Error() string { return r.text }

// unsure is a conversation that ended when the server may have taken the mail.
type unsure struct{ cause error }

func (u unsure) Error() string {
	return "the mail server did not answer at the end: " + u.cause.Error()
}

// server is the mail server that takes our mail.
type server struct{ config.Mail }

// send talks to the mail server. handOver is called once all is written but
// the end: from then on the mail may arrive.
func (s server) send(ctx context.Context, roots *tls.Config, to string, content []byte, handOver func() error) error {
	c, err := s.dial(ctx, roots)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := s.introduce(c, roots); err != nil {
		return err
	}
	if err := c.Mail(s.From.Address); err != nil {
		return told("the sender", err)
	}
	if err := c.Rcpt(to); err != nil {
		return told("the recipient", err)
	}
	w, err := c.Data()
	if err != nil {
		return told("the mail", err)
	}
	if _, err := w.Write(content); err != nil {
		return fmt.Errorf("write to the mail server: %w", err)
	}
	if err := handOver(); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		if _, answered := errors.AsType[*textproto.Error](err); !answered {
			return unsure{err}
		}
		return told("the mail", err)
	}
	c.Quit() // it has the mail; how it says good-bye changes nothing
	return nil
}

func (s server) dial(ctx context.Context, roots *tls.Config) (*smtp.Client, error) {
	limited, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(limited, "tcp", s.Address)
	if err != nil {
		return nil, fmt.Errorf("the mail server cannot be reached: %w", err)
	}
	conn.SetDeadline(time.Now().Add(talkWithin))
	if s.Implicit {
		conn = tls.Client(conn, s.tls(roots))
	}
	c, err := smtp.NewClient(conn, s.Host)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("the mail server does not greet: %w", err)
	}
	return c, nil
}

func (s server) tls(roots *tls.Config) *tls.Config {
	c := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}
	if roots != nil {
		c.RootCAs = roots.RootCAs
	}
	return c
}

// introduce says hello, turns to TLS, and signs in. A password goes over TLS only.
func (s server) introduce(c *smtp.Client, roots *tls.Config) error {
	_, name, _ := strings.Cut(s.From.Address, "@")
	if err := c.Hello(name); err != nil {
		return fmt.Errorf("the mail server does not greet: %w", err)
	}
	if offered, _ := c.Extension("STARTTLS"); offered && !s.Implicit && !s.Plain {
		if err := c.StartTLS(s.tls(roots)); err != nil {
			return fmt.Errorf("TLS with the mail server: %w", err)
		}
	} else if !s.Implicit && !s.Plain {
		return errors.New("the mail server offers no TLS (?tls=none in SMTP_URL goes without)")
	}
	if s.User == "" {
		return nil
	}
	if err := c.Auth(s.auth(c)); err != nil {
		return fmt.Errorf("the mail server refuses the user or password: %w", err)
	}
	return nil
}

func (s server) auth(c *smtp.Client) smtp.Auth {
	_, kinds := c.Extension("AUTH")
	if !strings.Contains(" "+kinds+" ", " PLAIN ") && strings.Contains(" "+kinds+" ", " LOGIN ") {
		return login{s.User, string(s.Password)}
	}
	return smtp.PlainAuth("", s.User, string(s.Password), s.Host)
}

// login is the older way to sign in, which some servers still ask for.
type login struct{ user, password string }

func (l login) Start(server *smtp.ServerInfo) (string, []byte, error) {
	if !server.TLS && server.Name != "localhost" && server.Name != "127.0.0.1" && server.Name != "::1" {
		return "", nil, errors.New("a password is not sent without TLS")
	}
	return "LOGIN", nil, nil
}

func (l login) Next(prompt []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	if strings.HasPrefix(strings.ToLower(string(prompt)), "user") {
		return []byte(l.user), nil
	}
	return []byte(l.password), nil
}

// told turns a server's answer into a refusal if it is for good (5xx).
func told(what string, err error) error {
	answer, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		return fmt.Errorf("the mail server stopped answering at %s: %w", what, err)
	}
	text := fmt.Sprintf("the mail server refused %s: %d %s", what, answer.Code, strings.Join(strings.Fields(answer.Msg), " "))
	if answer.Code >= 500 {
		return refusal{text}
	}
	return errors.New(text)
}
