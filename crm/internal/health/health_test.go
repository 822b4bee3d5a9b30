package health

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func ask(h http.HandlerFunc) string {
	w := httptest.NewRecorder()
	h(w, httptest.NewRequest("GET", "/", nil))
	return http.StatusText(w.Code) + " " + strings.TrimSpace(w.Body.String())
}

func TestStates(t *testing.T) {
	var h Health
	wedged := false
	step := func(health, ready string) {
		t.Helper()
		if got := ask(h.ServeHealth); got != health {
			t.Errorf("health: %s, want %s", got, health)
		}
		if got := ask(h.ServeReady); got != ready {
			t.Errorf("ready: %s, want %s", got, ready)
		}
		if got := ask(h.ServeLive); got != `OK {"status":"ok"}` {
			t.Errorf("live: %s", got)
		}
	}
	both := func(answer string) { t.Helper(); step(answer, answer) }
	both(`Service Unavailable {"status":"starting"}`)
	h.Ready(func() bool { return wedged })
	both(`OK {"status":"ok"}`)
	h.ask(context.Background(), []Check{
		{"redis", func(context.Context) error { return nil }},
		{"mysql", func(context.Context) error { return errors.New("away, with a password in it") }},
	})
	step(`OK {"status":"ok","degraded":["mysql"]}`, `Service Unavailable {"status":"ok","degraded":["mysql"]}`)
	h.ask(context.Background(), nil)
	both(`OK {"status":"ok"}`)
	wedged = true
	both(`Service Unavailable {"status":"wedged"}`)
	wedged = false
	h.Drain()
	both(`Service Unavailable {"status":"draining"}`)
}
