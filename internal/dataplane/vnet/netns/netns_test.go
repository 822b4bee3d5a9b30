package netns

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/vishvananda/netlink"

	"apex/internal/awsid"
)

func create(t *testing.T, setup func() error) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to make network namespaces")
	}
	name := "apex-ns" + awsid.Hex(8)
	if err := Create(name, setup); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 2 { // what is gone is no error
			if err := Delete(name); err != nil {
				t.Error(err)
			}
		}
	})
	return name
}

func loopbackUp() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(lo)
}

// Each goroutine must end up where it asked to be, and nobody anywhere else.
func TestGoroutinesKeepTheirNamespaces(t *testing.T) {
	names := []string{create(t, loopbackUp), create(t, loopbackUp)}
	var servers []net.Listener
	for _, name := range names {
		l, err := Listen(Path(name), "127.0.0.1:7777")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		servers = append(servers, l)
	}
	counts := [2]int{}
	var accepting sync.WaitGroup
	for i, l := range servers {
		accepting.Go(func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				counts[i]++
				conn.Close()
			}
		})
	}
	var dialing sync.WaitGroup
	for n := range 200 {
		dialing.Go(func() {
			path := []string{Path(names[0]), Path(names[1]), ""}[n%3]
			conn, err := Dialer{Namespace: path}.DialContext(context.Background(), "tcp4", "127.0.0.1:7777")
			if (err == nil) != (path != "") {
				t.Errorf("dial from %q: %v", path, err)
			}
			if err == nil {
				_, _ = conn.Read(make([]byte, 1)) // until the other end, having counted, closes it
				conn.Close()
			}
		})
	}
	dialing.Wait()
	for _, l := range servers {
		l.Close()
	}
	accepting.Wait()
	if counts != [2]int{67, 67} {
		t.Errorf("connections in the namespaces: %v, want 67 each", counts)
	}
}

func TestFailedCreateLeavesNothing(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to make network namespaces")
	}
	name, fault := "apex-ns"+awsid.Hex(8), errors.New("no")
	if err := Create(name, func() error { return fault }); !errors.Is(err, fault) {
		t.Errorf("Create = %v", err)
	}
	if names, err := List(name); err != nil || len(names) > 0 || Exists(name) {
		t.Errorf("List = %v, %v", names, err)
	}
}

func TestNamesAreNotLookedUp(t *testing.T) {
	_, err := Dialer{}.DialContext(t.Context(), "tcp4", "localhost:80")
	if !errors.Is(err, ErrNotLiteral) {
		t.Errorf("Dial = %v, want ErrNotLiteral", err)
	}
	if err := Do(Path("apex-nobody"), func() error { return nil }); err == nil || !strings.Contains(err.Error(), "apex-nobody") {
		t.Errorf("Do = %v", err)
	}
}
