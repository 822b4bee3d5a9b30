package supervisor

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// holdListener is a process that serves its process id on a kept listener. The
// first run makes the listener; the file named by arg tells its address.
func holdListener(addressFile string) int {
	keeper, err := Attach()
	if err != nil {
		fmt.Println("attach:", err)
		return 1
	}
	listener, err := keptListener(keeper, addressFile)
	if err != nil {
		fmt.Println("listen:", err)
		return 1
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return 1
		}
		fmt.Fprint(conn, os.Getpid())
		conn.Close()
	}
}

func keptListener(keeper *Keeper, addressFile string) (net.Listener, error) {
	if f, ok := keeper.Kept()["127.0.0.1:web"]; ok {
		return net.FileListener(f)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f, err := listener.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		func() error { return keeper.Keep("dropped", f) },
		func() error { return keeper.Drop("dropped") },
		func() error { return keeper.Keep("127.0.0.1:web", f) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return listener, os.WriteFile(addressFile, []byte(listener.Addr().String()), 0o600)
}

// A connection made while no process runs waits, and is served by the next run.
func TestKeptListenerLosesNoConnection(t *testing.T) {
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	addressFile := filepath.Join(t.TempDir(), "address")
	spec := supervised(t, Spec{
		Name: "listener", Dir: filepath.Join(t.TempDir(), "sv"),
		Path: executable, Args: []string{"hold-listener", addressFile},
		Restart: true, KeepFiles: true,
	})
	applied(t, spec)
	var address []byte
	await(t, spec.Dir, "listening", func(State) bool {
		address, _ = os.ReadFile(addressFile)
		return len(address) > 0
	})
	for range 3 {
		before := observe(t, spec.Dir)
		if got := ask(t, string(address)); got != fmt.Sprint(before.PID) {
			t.Errorf("served by %s, not %d", got, before.PID)
		}
		victim, err := identify(before.PID)
		if err != nil {
			t.Fatal(err)
		}
		kill(t, before.PID)
		await(t, spec.Dir, "killed", func(State) bool { return !victim.alive() })
		if got := ask(t, string(address)); got == "" {
			t.Error("a connection was lost")
		}
		await(t, spec.Dir, "restarted", func(s State) bool { return s.Running && s.PID != before.PID })
	}
}

// ask connects and reads; it fails the test if the connection is refused.
func ask(t *testing.T, address string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	said, _ := io.ReadAll(conn) // a reset shows as no answer
	return string(said)
}

func TestAttachWithoutSupervisor(t *testing.T) {
	k, err := Attach()
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Keep("any", os.Stdin); err != nil || len(k.Kept()) != 0 {
		t.Errorf("kept %v, %v", k.Kept(), err)
	}
}

func TestShelfRefusesNonsense(t *testing.T) {
	s := newShelf()
	for _, request := range []string{"", "+", "-", "+name", "?name"} {
		if err := s.handle(request, nil); err == nil {
			t.Errorf("request %q was taken", request)
		}
	}
}
