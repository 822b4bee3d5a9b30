package config

import (
	"net"
	netmail "net/mail"
	"net/url"
	"strings"
)

// Mail says which mail server takes the CRM's mail. Without an address there
// is none.
type Mail struct {
	Address  string // host:port
	Host     string // whom its certificate must name
	Implicit bool   // TLS from the first byte (smtps), rather than STARTTLS
	Plain    bool   // no TLS at all, for a server on the same machine
	User     string
	Password Secret
	From     netmail.Address
}

// Configured says whether there is a mail server.
func (m Mail) Configured() bool { return m.Address != "" }

// mail takes SMTP_URL and MAIL_FROM. The URL is never echoed: it has a password.
func (r *reader) mail() Mail {
	v := r.text("SMTP_URL", "")
	if v == "" {
		return Mail{}
	}
	u, err := url.Parse(v)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || strings.Trim(u.Path, "/") != "" {
		r.fault("SMTP_URL", "is not a URL like smtp://user:password@host:587 or smtps://user:password@host:465")
		return Mail{}
	}
	m := Mail{Host: u.Hostname(), Implicit: u.Scheme == "smtps", Plain: u.Query().Get("tls") == "none", User: u.User.Username()}
	password, _ := u.User.Password()
	m.Password = Secret(password)
	port := u.Port()
	switch {
	case port == "" && m.Implicit:
		port = "465"
	case port == "":
		port = "587"
	}
	m.Address = net.JoinHostPort(m.Host, port)
	if v := u.Query().Get("tls"); v != "" && v != "none" {
		r.fault("SMTP_URL", "tls is not none, which is all that can be chosen")
	}
	from, err := netmail.ParseAddress(r.text("MAIL_FROM", ""))
	if err != nil {
		r.fault("MAIL_FROM", "is not an address like ApexAI CRM <crm@example.com>, which SMTP_URL needs")
		return m
	}
	m.From = *from
	if m.Plain && r.text("APP_ENV", string(Production)) != string(Development) {
		r.fault("SMTP_URL", "tls=none is for development only")
	}
	return m
}
