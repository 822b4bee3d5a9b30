package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/id"
	standin "apexai/crm/internal/standins/mail"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func to(l net.Listener, user string) server {
	return server{config.Mail{Address: l.Addr().String(), Host: "127.0.0.1", User: user, Password: "hush", From: netmail.Address{Address: "crm@firm.example"}}}
}

// A password goes over TLS only, to a server whose certificate is trusted.
func TestTLS(t *testing.T) {
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	inbox := &standin.Inbox{Passwords: map[string]string{"crm": "hush"}, TLS: &tls.Config{Certificates: certified.TLS.Certificates}}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	l, plain := listen(t), listen(t)
	go inbox.Serve(ctx, l)
	go (&standin.Inbox{}).Serve(ctx, plain)
	m := Mail{ID: id.New(), To: "ada@example.com", Subject: "Hi", Text: "Line\n.\nend", messageID: "<1@firm.example>"}
	send := func(s server, trusted *tls.Config) error {
		return s.send(ctx, trusted, m.To, compose(m, s.From, time.Now()), func() error { return nil })
	}
	if err := send(to(l, "crm"), &tls.Config{RootCAs: roots}); err != nil {
		t.Fatal(err)
	}
	if all := inbox.Messages(); len(all) != 1 || !all[0].TLS || all[0].User != "crm" || all[0].Text != "Line\n.\nend" {
		t.Errorf("%+v", all)
	}
	for name, err := range map[string]error{
		"a certificate of nobody": send(to(l, "crm"), nil),
		"another user":            send(to(l, "other"), &tls.Config{RootCAs: roots}),
		"no TLS":                  send(to(plain, ""), &tls.Config{RootCAs: roots}),
	} {
		if err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// A server that takes a mail's last byte and says nothing may have it.
func TestSilenceAtTheEndIsUnsure(t *testing.T) {
	l := listen(t)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "220 hello\r\n")
		for r := bufio.NewScanner(conn); r.Scan(); {
			switch line := r.Text(); {
			case line == ".":
				return
			case strings.HasPrefix(line, "DATA"):
				fmt.Fprint(conn, "354 go on\r\n")
			case strings.Contains(line, ":") && !strings.HasPrefix(line, "MAIL") && !strings.HasPrefix(line, "RCPT"):
			case strings.HasPrefix(line, "EHLO"), strings.HasPrefix(line, "MAIL"), strings.HasPrefix(line, "RCPT"):
				fmt.Fprint(conn, "250 yes\r\n")
			}
		}
	}()
	s := to(l, "")
	s.Plain = true
	handed := false
	err := s.send(context.Background(), nil, "ada@example.com", []byte("Subject: x\r\n\r\nText\r\n"), func() error { handed = true; return nil })
	if !isUnsure(err) || !handed {
		t.Errorf("%v, handed over: %v", err, handed)
	}
}
