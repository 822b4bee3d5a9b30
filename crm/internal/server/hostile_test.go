package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"apexai/crm/internal/api"
	"apexai/crm/internal/standins/model"
	"apexai/crm/internal/tenant"
)

// attacker sends hostile requests as the owner of a workspace.
type attacker struct {
	*cast
	base     string
	owner    actor
	ids      map[string]string
	document object
	stride   int
	sent     atomic.Int64
}

// An order is one request.
type order struct{ method, path, body, kind string }

// TestHostileRequests sends every operation that the description has wrong
// types, huge and broken values, in each member of its body and each value of
// its query. None is our fault, and each answer is one that is described.
func TestHostileRequests(t *testing.T) {
	outside := httptest.NewServer(model.New(0))
	t.Cleanup(outside.Close)
	signedIn(t)
	var log logs
	server := start(t, map[string]string{"GEMINI_BASE_URL": outside.URL, "GEMINI_API_KEY": modelKey, "AI_PATIENCE": "5s", "LOG_LEVEL": "error"}, &log)
	base := server.url
	ready := browser(t, base)
	eventually(t, "the server is ready", func() bool { return ready.do("GET", "/health", nil).status == 200 })
	a := &attacker{cast: newCast(t), base: base, document: plain(Description()), stride: stride(os.Getenv("HOSTILE"))}
	a.owner = a.join(0, tenant.Owner)
	a.ids = a.records(a.owner, a.join(a.owner.workspace, tenant.Member))
	a.fields()
	var work errgroup.Group
	work.SetLimit(6)
	for path, item := range a.document["paths"].(object) {
		for method, operation := range item.(object) {
			work.Go(func() error {
				a.attack(strings.ToUpper(method), path, operation.(object))
				return nil
			})
		}
	}
	work.Wait()
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, `"status":500`) || strings.Contains(line, "panic") {
			t.Errorf("logged: %.1500s", line)
		}
	}
	t.Logf("%d hostile requests", a.sent.Load())
}

func (a *attacker) attack(method, path string, operation object) {
	who := a.owner
	for _, pattern := range append(upsetting, "DELETE /auth/sessions", "DELETE /auth/session") {
		if method+" "+strings.TrimPrefix(path, api.Base) == pattern {
			who = a.join(0, tenant.Owner)
		}
	}
	cookie := a.cookie(who)
	orders := sampled(a.orders(method, path, operation), method+path, a.stride)
	for _, o := range orders {
		a.send(o, cookie)
	}
}

// orders are all hostile requests of one operation.
func (a *attacker) orders(method, path string, operation object) (all []order) {
	which := cmp.Or(a.ids[api.Resource(strings.TrimPrefix(path, api.Base))], nothing)
	good := placeholder.ReplaceAllString(path, which)
	body := ""
	if content, ok := operation["requestBody"].(object); ok {
		for kind, carried := range content["content"].(object) {
			if kind == "multipart/form-data" {
				continue // TestFilesThatAreNoTables
			}
			schema := carried.(object)["schema"].(object)
			for i, text := range bodies(a.document, schema, a.rightBody(method+" "+strings.TrimPrefix(path, api.Base)), a.known()) {
				if i == 0 {
					body = text
				}
				all = append(all, order{method, good, text, kind})
			}
		}
	}
	parameters, _ := operation["parameters"].([]any)
	for _, p := range parameters {
		p := p.(object)
		for _, value := range hostileText {
			switch p["in"] {
			case "query":
				all = append(all, order{method, good + "?" + url.Values{p["name"].(string): {value}}.Encode(), body, "application/json"})
			case "path":
				all = append(all, order{method, placeholder.ReplaceAllLiteralString(path, url.PathEscape(value)), body, "application/json"})
			}
		}
	}
	return all
}

// known are values for members that have to name something that is there.
func (a *attacker) known() map[string]string {
	return map[string]string{
		"id": a.ids["people"], "personId": a.ids["people"], "companyId": a.ids["companies"], "pipelineId": a.ids["pipelines"], "kind": "person", "type": "note", "zone": "Europe/Lisbon", "currency": "EUR",
	}
}

// rightBody is a body that the operation takes, where an empty one is not enough.
func (a *attacker) rightBody(pattern string) object {
	text := "{}"
	for _, good := range wellMade {
		if slices.Contains(good.patterns, pattern) {
			text = good.body
		}
	}
	for resource, which := range a.ids {
		text = strings.ReplaceAll(text, "<"+resource+">", which)
	}
	var base object
	if err := json.Unmarshal([]byte(text), &base); err != nil {
		panic(err)
	}
	return base
}

// fields makes one field of each type for people.
func (a *attacker) fields() {
	for key, kind := range map[string]string{"h_num": "number", "h_money": "money", "h_day": "date", "h_one": "select", "h_many": "multi", "h_yes": "bool", "h_url": "url", "h_who": "user", "h_text": "text"} {
		options := ""
		if kind == "select" || kind == "multi" {
			options = `,"options":["A","B"]`
		}
		body := fmt.Sprintf(`{"kind":"person","label":%q,"key":%q,"type":%q%s}`, key, key, kind, options)
		if got := a.once(order{"POST", api.Base + "/fields", body, "application/json"}, a.cookie(a.owner), "Content-Type: application/json"); got.status != http.StatusCreated {
			a.t.Fatalf("%s: %d %s", body, got.status, got.raw)
		}
	}
}

// send sends one request, with the version that the record has just now where
// it needs one, and judges the answer.
func (a *attacker) send(o order, cookie string) {
	headers := []string{cookie, "Content-Type: " + o.kind}
	if o.method == http.MethodPatch || o.method == http.MethodDelete {
		now := a.once(order{method: "GET", path: o.path}, cookie)
		headers = append(headers, "If-Match: "+cmp.Or(now.header.Get("ETag"), `"v1"`))
	}
	got := a.once(o, headers...)
	a.sent.Add(1)
	told := ""
	switch {
	case got.err != nil:
		told = got.err.Error()
	case got.status >= 500 && got.status != http.StatusNotImplemented:
		told = "a fault of ours"
	case got.status == http.StatusRequestHeaderFieldsTooLarge: // said by net/http itself
	case got.status >= 400 && !strings.HasPrefix(got.header.Get("Content-Type"), "application/problem+json"):
		told = "no problem+json"
	default:
		told = described().fault(o.method, o.path, got)
	}
	if told != "" {
		a.t.Errorf("%s %.200s\n%.300s\n%d %.300s\n%s", o.method, o.path, o.body, got.status, got.raw, told)
	}
}

// once sends a request until a database connection is free for it.
func (a *attacker) once(o order, headers ...string) (got answer) {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		request, err := http.NewRequestWithContext(context.Background(), o.method, a.base+o.path, strings.NewReader(o.body))
		if err != nil {
			return answer{err: err}
		}
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			request.Header.Set(name, value)
		}
		response, err := a.http.Do(request)
		if err != nil {
			return answer{err: err}
		}
		raw, err := io.ReadAll(response.Body)
		response.Body.Close()
		got = answer{status: response.StatusCode, header: response.Header, raw: string(raw), err: err}
		if got.status != http.StatusServiceUnavailable || !strings.Contains(got.raw, "all database connections are busy") {
			return got
		}
	}
	return got
}
