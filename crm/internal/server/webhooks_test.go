package server

import (
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/receiver"
)

func TestWebhooks(t *testing.T) {
	c := signedIn(t)
	there := receiver.Start(t, "127.0.0.7") // the only one that the servers here may tell
	hook := c.do("POST", "/api/v1/webhooks", object{"url": there.URL + "/in", "events": []string{"company.*"}}).want(201)
	at, secret := hook.header.Get("Location"), hook.text("secret")
	if c.do("GET", at, nil).want(200).text("secret") != "" {
		t.Error("the secret is shown again")
	}
	company := c.do("POST", "/api/v1/companies", object{"name": "Hooked"}).want(201)
	who := company.text("id")
	c.do("PATCH", "/api/v1/companies/"+who, object{"name": "Hooked twice"}, "If-Match: "+company.etag()).want(200)
	eventually(t, "both changes arrive, with what differs", func() bool {
		made := there.Find(`"company.created"`, who, `"name":"Hooked"`)
		changed := there.Find(`"company.updated"`, who, `"before":{"name":"Hooked"}`, `"after":{"name":"Hooked twice"}`)
		return len(made) == 1 && len(changed) == 1
	})
	if one := there.Find("company.created", who)[0]; !one.SignedWith(secret) || one.SignedWith("whsec_AAAA") {
		t.Errorf("the signature does not hold: %v", one.Header)
	}
	c.do("POST", at+"/test", nil).want(200)
	eventually(t, "the test event arrives", func() bool { return len(there.Find(`"webhook.test"`)) == 1 })
	delivered(t, c, at, who, there)
	there.Answer(500)
	c.do("DELETE", "/api/v1/companies/"+who, nil, `If-Match: "v2"`).want(204)
	eventually(t, "a failure is to be tried again", func() bool {
		for _, d := range c.do("GET", at+"/deliveries", nil).want(200).items() {
			if d["event"] == "company.deleted" && d["status"] == "waiting" && d["answer"] == 500.0 && d["nextAt"] != nil {
				return true
			}
		}
		return false
	})
	if c.do("GET", at, nil).want(200).body["failingSince"] == nil {
		t.Error("the webhook does not say that it fails")
	}
	c.do("DELETE", at, nil, "If-Match: "+c.do("GET", at, nil).etag()).want(204)
	c.do("GET", at+"/deliveries", nil).want(404)
}

// delivered finds a delivery in the log and sends it anew, under its old id.
func delivered(t *testing.T, c client, at, who string, there *receiver.Receiver) {
	t.Helper()
	var first object
	eventually(t, "the log has the delivery", func() bool {
		for _, d := range c.do("GET", at+"/deliveries", nil).want(200).items() {
			if d["event"] == "company.created" && d["status"] == "delivered" {
				first = d
			}
		}
		return first != nil
	})
	detail := c.do("GET", "/api/v1/deliveries/"+first["id"].(string), nil).want(200)
	if !strings.Contains(detail.raw, who) {
		t.Errorf("the delivery does not show what was sent: %s", detail.raw)
	}
	c.do("POST", "/api/v1/deliveries/"+first["id"].(string)+"/replay", nil).want(200)
	eventually(t, "it arrives again under the same id", func() bool {
		both := there.Find("company.created", who)
		return len(both) == 2 && both[0].Header.Get("webhook-id") == both[1].Header.Get("webhook-id") && both[1].Header.Get("webhook-id") == "msg_"+first["messageId"].(string)
	})
}

// What is private cannot be reached by a webhook, by address or by name; a job
// that failed for good can be seen and run once more.
func TestWebhooksStayOutside(t *testing.T) {
	c := signedIn(t)
	there := receiver.Start(t, "127.0.0.1")
	for _, bad := range []string{there.URL, "https://169.254.169.254/latest/meta-data", "https://[::ffff:10.0.0.1]/", "gopher://example.com", "https://u:p@example.com"} {
		c.do("POST", "/api/v1/webhooks", object{"url": bad, "events": []string{"*"}}).want(422)
	}
	named := strings.Replace(there.URL, "127.0.0.1", "localhost", 1)
	hook := c.do("POST", "/api/v1/webhooks", object{"url": named, "events": []string{"nothing.happens"}}).want(201)
	at := hook.header.Get("Location")
	sent := c.do("POST", at+"/test", nil).want(200).text("id")
	eventually(t, "the delivery is given up", func() bool {
		d := c.do("GET", "/api/v1/deliveries/"+sent, nil).want(200)
		return d.text("status") == "failed" && strings.Contains(d.text("fault"), "private")
	})
	if len(there.Find()) > 0 {
		t.Error("it was reached")
	}
	var dead object
	eventually(t, "the job is among the dead", func() bool {
		for _, d := range c.do("GET", "/api/v1/jobs/dead", nil).want(200).items() {
			if d["kind"] == "webhook.deliver" && strings.Contains(d["fault"].(string), hook.text("id")) {
				dead = d
			}
		}
		return dead != nil
	})
	if c.do("GET", "/api/v1/jobs", nil).want(200); dead["userId"] == nil {
		t.Errorf("it is nobody's: %v", dead)
	}
	c.do("POST", "/api/v1/jobs/"+dead["id"].(string)+"/retry", nil).want(200)
	eventually(t, "it was run once more", func() bool {
		return c.do("GET", "/api/v1/deliveries/"+sent, nil).want(200).body["attempts"] == 2.0
	})
	eventually(t, "it failed for good again", func() bool {
		return strings.Contains(c.do("GET", "/api/v1/jobs/dead", nil).want(200).raw, dead["id"].(string))
	})
	c.do("DELETE", "/api/v1/jobs/"+dead["id"].(string), nil).want(204)
	c.do("DELETE", "/api/v1/jobs/"+dead["id"].(string), nil).want(404)
	c.do("DELETE", at, nil, "If-Match: "+hook.etag()).want(204)
}

// A webhook that has done nothing but fail for three days is switched off;
// the administrators are told, and the log has it as the system's change.
func TestWebhookIsGivenUp(t *testing.T) {
	c := signedIn(t)
	there := receiver.Start(t, "127.0.0.7")
	there.Answer(500)
	hook := c.do("POST", "/api/v1/webhooks", object{"url": there.URL + "/?token=hush", "events": []string{"nothing.happens"}}).want(201)
	at := hook.header.Get("Location")
	c.do("POST", at+"/test", nil).want(200)
	eventually(t, "it fails", func() bool { return c.do("GET", at, nil).want(200).body["failingSince"] != nil })
	if _, err := pool(t).Pool().ExecContext(t.Context(), "UPDATE webhooks SET failing_since = ? WHERE url = ?", time.Now().UTC().Add(-73*time.Hour), hook.text("url")); err != nil {
		t.Fatal(err)
	}
	c.do("POST", at+"/test", nil).want(200)
	eventually(t, "it is off", func() bool { return c.do("GET", at, nil).want(200).body["active"] == false })
	off := c.do("GET", at, nil).want(200)
	if off.text("disabledWhy") != "it failed for three days" || off.body["version"] != 2.0 {
		t.Errorf("the webhook: %s", off.raw)
	}
	told := 0
	for _, n := range c.do("GET", "/api/v1/notifications", nil).want(200).items() {
		if target, _ := n["target"].(object); target["kind"] == "webhook" && target["id"] == hook.text("id") {
			told++
			if text := n["title"].(string); !strings.Contains(text, strings.TrimPrefix(there.URL, "http://")) || strings.Contains(text, "hush") {
				t.Errorf("the notification: %q", text)
			}
		}
	}
	if told != 1 {
		t.Errorf("the owner was told %d times", told)
	}
	if entry := c.do("GET", "/api/v1/audit?id="+hook.text("id"), nil).want(200).items()[0]; entry["verb"] != "disabled" || entry["actorId"] != nil || entry["after"].(object)["active"] != false {
		t.Errorf("the audit log: %v", entry)
	}
	there.Answer(204)
	c.do("PATCH", at, object{"active": true}, "If-Match: "+off.etag()).want(200)
	c.do("POST", at+"/test", nil).want(200)
	eventually(t, "it works again", func() bool {
		now := c.do("GET", at, nil).want(200)
		return now.body["active"] == true && now.body["failingSince"] == nil && now.text("disabledWhy") == "" && len(there.Find()) > 2
	})
	c.do("DELETE", at, nil, "If-Match: "+c.do("GET", at, nil).etag()).want(204)
}

func TestAuditLog(t *testing.T) {
	c := signedIn(t)
	made := c.do("POST", "/api/v1/people", object{"firstName": "Audited", "title": "=1+1"}).want(201)
	who := made.text("id")
	c.do("PATCH", "/api/v1/people/"+who, object{"title": "CEO"}, "If-Match: "+made.etag()).want(200)
	entries := c.do("GET", "/api/v1/audit?id="+who, nil).want(200).items()
	if len(entries) != 2 || entries[0]["verb"] != "updated" || entries[1]["verb"] != "created" {
		t.Fatalf("entries: %v", entries)
	}
	before, after := entries[0]["before"].(object), entries[0]["after"].(object)
	if before["title"] != "=1+1" || after["title"] != "CEO" || len(after) != 1 || entries[0]["requestId"] == "" || entries[0]["client"] != "127.0.0.0/24" {
		t.Errorf("the newest entry: %v", entries[0])
	}
	first := c.do("GET", "/api/v1/audit?limit=1&id="+who, nil).want(200)
	second := c.do("GET", "/api/v1/audit?limit=1&id="+who+"&cursor="+first.text("nextCursor"), nil).want(200)
	if second.items()[0]["verb"] != "created" || second.text("nextCursor") != "" {
		t.Errorf("the second page: %s", second.raw)
	}
	if file := c.do("GET", "/api/v1/audit/file?id="+who, nil).want(200); strings.Count(file.raw, "\n") != 3 {
		t.Errorf("the file: %s", file.raw)
	}
	c.do("GET", "/api/v1/audit?actorId=x", nil).want(400)
	c.do("GET", "/api/v1/audit?from=yesterday", nil).want(400)
	if n := len(c.do("GET", "/api/v1/audit?to=2020-01-01", nil).want(200).items()); n != 0 {
		t.Errorf("%d entries before 2020", n)
	}
}
