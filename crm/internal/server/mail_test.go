package server

import (
	"slices"
	"strings"
	"testing"

	inbox "apexai/crm/internal/standins/mail"
)

// TestMailGoesOut writes from a template to a person, over a real SMTP
// conversation.
func TestMailGoesOut(t *testing.T) {
	c := signIn(t, shared.crm.url, "writer@example.com")
	person := c.do("POST", "/api/v1/people", object{"firstName": "Mára", "lastName": "Post", "emails": []object{{"value": "mara@post.example"}}}).want(201).text("id")
	c.do("POST", "/api/v1/templates", object{"name": "Bad", "subject": "x", "text": "{{nonsense}}"}).want(422)
	template := c.do("POST", "/api/v1/templates", object{"name": "Hello", "subject": "Hello {{firstName}}", "text": "Dear {{firstName}},\n\nyour {{title|title}} at {{companyName}}?\n\n{{senderName}}"}).want(201)
	c.do("POST", "/api/v1/templates", object{"name": "Hello", "subject": "x", "text": "y"}).want(409)
	letter := object{"subject": template.text("subject"), "text": template.text("text"), "target": object{"kind": "person", "id": person}}
	preview := c.do("POST", "/api/v1/emails/preview", letter).want(200)
	if missing, _ := preview.body["missing"].([]any); len(missing) != 1 || missing[0] != "companyName" || preview.text("to") != "mara@post.example" || preview.text("subject") != "Hello Mára" {
		t.Fatalf("%s", preview.raw)
	}
	c.do("POST", "/api/v1/emails", letter).want(422)
	letter["text"] = strings.Replace(template.text("text"), "{{companyName}}", "{{companyName|your firm}}", 1)
	sent := c.do("POST", "/api/v1/emails", letter).want(201)
	done := c.settled(sent.header.Get("Location"), "sent", "failed", "bounced", "unsure")
	if done.text("status") != "sent" {
		t.Fatalf("%s", done.raw)
	}
	all := arrived("mara@post.example")
	if len(all) != 1 || all[0].Subject != "Hello Mára" || !strings.Contains(all[0].Text, "your title at your firm?") || all[0].From != `"Demo User" <crm@firm.example>` ||
		!strings.Contains(all[0].ReplyTo, "writer@example.com") || all[0].User != "crm" || all[0].ID != "<"+done.text("id")+"@firm.example>" {
		t.Errorf("%+v", all)
	}
	if timeline := c.do("GET", "/api/v1/people/"+person+"/timeline", nil).want(200); !strings.Contains(timeline.raw, "Hello Mára") {
		t.Errorf("%s", timeline.raw)
	}
	if list := c.do("GET", "/api/v1/emails?kind=person&id="+person, nil).want(200).items(); len(list) != 1 {
		t.Errorf("%v", list)
	}
	c.do("POST", sent.header.Get("Location")+"/send", nil).want(409)
}

// What a server refuses for good is not tried again, and is told.
func TestMailThatBounces(t *testing.T) {
	c := signIn(t, shared.crm.url, "writer@example.com")
	sent := c.do("POST", "/api/v1/emails", object{"to": "bounce@post.example", "subject": "x", "text": "y"}).want(201)
	if done := c.settled(sent.header.Get("Location"), "bounced", "sent", "failed"); done.text("status") != "bounced" || !strings.Contains(done.text("error"), "550") {
		t.Errorf("%s", done.raw)
	}
	later := c.do("POST", "/api/v1/emails", object{"to": "later@post.example", "subject": "x", "text": "y"}).want(201)
	eventually(t, "the first attempt is told", func() bool {
		return strings.Contains(c.do("GET", later.header.Get("Location"), nil).text("error"), "451")
	})
	if health := c.do("GET", "/api/v1/emails/health", nil).want(200); health.body["configured"] != true || health.body["lastFailure"] == nil {
		t.Errorf("%s", health.raw)
	}
	if n := len(arrived("bounce@post.example")) + len(arrived("later@post.example")); n != 0 {
		t.Errorf("%d mails arrived", n)
	}
}

// What cannot be a mail is refused before it is queued.
func TestMailThatIsNone(t *testing.T) {
	c := signedIn(t)
	c.do("POST", "/api/v1/emails", object{"to": "nobody", "subject": "", "text": ""}).want(422)
	c.do("POST", "/api/v1/emails", object{"to": "a@b.example\r\nBcc: c@d.example", "subject": "x", "text": "y"}).want(422)
	c.do("POST", "/api/v1/emails", object{"to": "a@b.example", "subject": "x\u202e", "text": "y"}).want(422)
}

// arrived are the mails that the mail server took for an address.
func arrived(to string) []inbox.Message {
	var all []inbox.Message
	for _, m := range shared.inbox.Messages() {
		if slices.Contains(m.To, to) {
			all = append(all, m)
		}
	}
	return all
}
