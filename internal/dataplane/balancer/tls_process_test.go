package balancer

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"apex/internal/dataplane/authority"
)

// TestKilledTLSBalancer kills the process between requests: the next one is
// answered, by a new process that resumes the client's session.
func TestKilledTLSBalancer(t *testing.T) {
	dir := deepDir(t)
	launch(t, dir)
	addr := freeAddr(t)
	st := mustApply(t, dir, secureConfig(addr, modern(certificate(t, authority.P256, "crm.test")), named(t, "x")))
	st = awaitState(t, dir, healthy(1))
	client := httpsClient(t, withSessions(trusting(t, "crm.test")))
	for i := range 4 {
		resp, err := client.Get("https://" + addr.String())
		if got := read(t, resp, err); got != "x" || resp.TLS.DidResume != (i > 0) {
			t.Errorf("request %d: %q, resumed %v", i, got, resp.TLS.DidResume)
		}
		if err := syscall.Kill(st.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		old := st.PID
		st = awaitState(t, dir, func(s State) bool { return s.PID != old && healthy(1)(s) })
	}
	for _, name := range []string{configFile, ticketFile} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s holds keys: %v %v", name, info.Mode(), err)
		}
	}
}
