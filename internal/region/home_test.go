package region

import (
	"errors"
	"os"
	"testing"
)

func TestHomeFromEnv(t *testing.T) {
	t.Setenv("APEX_HOME", t.TempDir())
	t.Setenv("APEX_PORT", "14566")
	h, err := HomeFromEnv()
	if err != nil {
		t.Fatal(err)
	}
	if h.Endpoint() != "http://127.0.0.1:14566" || h.HTTPPort != DefaultHTTPPort || h.Region != DefaultRegion {
		t.Errorf("home %+v", h)
	}
	if len(h.Hash()) != 6 || h.Hash() == (Home{Dir: "/elsewhere"}).Hash() {
		t.Errorf("hash %q does not tell homes apart", h.Hash())
	}
	for _, bad := range []string{"0", "65536", "http", "-1"} {
		t.Setenv("APEX_PORT", bad)
		if _, err := HomeFromEnv(); err == nil {
			t.Errorf("APEX_PORT=%s was taken", bad)
		}
	}
}

func TestOneProcessHoldsAHome(t *testing.T) {
	h := Home{Dir: t.TempDir(), Port: 4566}
	if _, ok := h.Daemon(); ok {
		t.Error("an empty home has a daemon")
	}
	held, err := h.lock()
	if err != nil {
		t.Fatal(err)
	}
	var busy *BusyError
	if _, err := h.lock(); !errors.As(err, &busy) || busy.By.PID != os.Getpid() {
		t.Errorf("second lock: %v, want a BusyError that names process %d", err, os.Getpid())
	}
	if r, ok := h.Daemon(); !ok || r.PID != os.Getpid() || r.Port != 4566 {
		t.Errorf("Daemon() = %+v, %v", r, ok)
	}
	held.Close()
	if _, ok := h.Daemon(); ok {
		t.Error("the lock outlives its holder")
	}
	again, err := h.lock()
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}
