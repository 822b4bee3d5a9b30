package mail

import (
	"bytes"
	"fmt"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"time"
)

// compose writes a mail as it goes over the wire. Every value was checked to
// be one line, so that none can add a header.
func compose(m Mail, from netmail.Address, now time.Time) []byte {
	if m.FromName != "" {
		from.Name = m.FromName
	}
	var b bytes.Buffer
	header := func(name, value string) {
		fmt.Fprintf(&b, "%s: %s\r\n", name, strings.NewReplacer("\r", "", "\n", "").Replace(value))
	}
	header("From", from.String())
	header("To", (&netmail.Address{Address: m.To}).String())
	if m.ReplyTo != "" {
		header("Reply-To", (&netmail.Address{Name: m.FromName, Address: m.ReplyTo}).String())
	}
	header("Subject", mime.QEncoding.Encode("utf-8", m.Subject))
	header("Date", now.UTC().Format(time.RFC1123Z))
	header("Message-ID", m.messageID)
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	w.Write([]byte(strings.ReplaceAll(m.Text, "\n", "\r\n"))) // a buffer takes all
	w.Close()
	b.WriteString("\r\n")
	return b.Bytes()
}
