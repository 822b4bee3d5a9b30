package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

func TestIfMatch(t *testing.T) {
	for header, want := range map[string]int{
		`"v7"`: 7, `"v7.1f0c"`: 7, `W/"v12.a"`: 12, `v3`: 3,
		"": 0, "*": 0, `"7"`: 0, `"v0"`: 0, `"v-1"`: 0, `"vx"`: 0, `"v1", "v2"`: 0,
	} {
		r := httptest.NewRequest("PATCH", "/", nil)
		r.Header.Set("If-Match", header)
		got, err := (&Call{Request: r}).IfMatch()
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %d, %v; want %d", header, got, err, want)
		}
	}
}

func TestClientAddr(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8")}
	for name, tt := range map[string]struct{ remote, forwarded, want string }{
		"direct":           {"203.0.113.9:1", "", "203.0.113.9"},
		"direct, forged":   {"203.0.113.9:1", "6.6.6.6", "203.0.113.9"},
		"by a proxy":       {"10.0.0.1:1", "203.0.113.9", "203.0.113.9"},
		"forged, by proxy": {"10.0.0.1:1", "6.6.6.6, 203.0.113.9", "203.0.113.9"},
		"by two proxies":   {"10.0.0.1:1", "203.0.113.9, 10.0.0.2", "203.0.113.9"},
		"nonsense":         {"10.0.0.1:1", "nonsense", "10.0.0.1"},
		"all ours":         {"127.0.0.1:1", "10.0.0.3", "10.0.0.3"},
		"mapped":           {"[::ffff:10.0.0.1]:1", "2001:db8::7", "2001:db8::7"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.remote
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if got := clientAddr(r, trusted).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestFieldTellsAbsentFromNull(t *testing.T) {
	var patch struct{ A, B, C Field[string] }
	if err := json.Unmarshal([]byte(`{"A":"new","B":null}`), &patch); err != nil {
		t.Fatal(err)
	}
	if got := patch.A.Over("old") + "," + patch.B.Over("old") + "," + patch.C.Over("old"); got != "new,,old" {
		t.Error(got)
	}
}

type record struct{ Version int }

func (r record) RecordVersion() int { return r.Version }
func (r record) Location() string   { return "/r/1" }

func serve(o Operation, method, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/r", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	o.Serve(w, r, tenant.Tenant{})
	return w
}

func TestCreateAnswersWhereAndWhich(t *testing.T) {
	o := Create(func(_ context.Context, _ *Call, in record) (record, error) { return in, nil })
	w := serve(o, "POST", `{"Version":4}`)
	if w.Code != 201 || w.Header().Get("Location") != "/r/1" || !strings.HasPrefix(w.Header().Get("ETag"), `"v4.`) {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestReadKnowsWhatTheCallerHas(t *testing.T) {
	o := Read(func(context.Context, *Call) (record, error) { return record{4}, nil })
	tag := serve(o, "GET", "").Header().Get("ETag")
	if w := serve(o, "GET", "", "If-None-Match", tag); w.Code != 304 || w.Body.Len() > 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// What went wrong inside is logged and not shown.
func TestFaultsAreLoggedAndHidden(t *testing.T) {
	var log bytes.Buffer
	h := Logged(slog.New(slog.NewJSONHandler(&log, nil)), nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			panic("the secret")
		}
		Fail(w, r, errors.New("the secret"))
	}))
	for _, path := range []string{"/fail", "/panic"} {
		log.Reset()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		var p problem.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if p.Status != 500 || p.RequestID == "" || p.Instance != path || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %s", path, w.Body)
		}
		if !strings.Contains(log.String(), "the secret") || !strings.Contains(log.String(), p.RequestID) {
			t.Errorf("%s: log: %s", path, &log)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"Version":1}`, `{`, `[]`, `null`, `{"Version":"x"}`, `{"x":1}`, `1 2`, "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		var in record
		err := decode(r, &in)
		if _, ok := errors.AsType[*problem.Problem](err); err != nil && !ok {
			t.Errorf("%q: %v is no problem", body, err)
		}
	})
}

func TestBodyLimit(t *testing.T) {
	r := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader(`{"Version":1}`), strings.NewReader(strings.Repeat(" ", MaxBody))))
	r.Header.Set("Content-Type", "application/json")
	var in record
	if p, ok := errors.AsType[*problem.Problem](decode(r, &in)); !ok || p.Status != 413 {
		t.Errorf("got %v", p)
	}
}
