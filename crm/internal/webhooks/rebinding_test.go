package webhooks

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
)

// names is a name server that answers each question for an address with the
// next of a list, and then with the last again. It asks for a second look each
// time, as an attacker's does (a time to live of 0).
func names(t *testing.T, answers ...[]string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	var asked atomic.Int64
	go func() {
		buffer := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			var addresses []string
			if end := question(buffer[:n]); buffer[end-3] == 1 { // of type A
				addresses = answers[min(int(asked.Add(1)), len(answers))-1]
			}
			conn.WriteTo(reply(buffer[:n], addresses), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// question is where the only question of a message ends.
func question(message []byte) int {
	at := 12
	for message[at] != 0 {
		at += int(message[at]) + 1
	}
	return at + 5
}

func reply(query []byte, addresses []string) []byte {
	end := question(query)
	message := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, byte(len(addresses)), 0, 0, 0, 0}, query[12:end]...)
	for _, a := range addresses {
		ip := netip.MustParseAddr(a).As4()
		message = append(message, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		message = append(message, ip[:]...)
	}
	return message
}

// A name may mean a public address when it is set and a private one when it is
// dialled, or both at once: what is dialled is judged, each time.
func TestRebinding(t *testing.T) {
	var reached atomic.Int64
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer inside.Close()
	usual := net.DefaultResolver
	defer func() { net.DefaultResolver = usual }()
	_, port, _ := strings.Cut(strings.TrimPrefix(inside.URL, "http://"), ":")
	url := "http://rebinding.example:" + port
	const public = "192.0.2.1" // for documentation: nothing answers there, and it is allowed here
	guard := Guard{Plain: true, Allowed: []netip.Prefix{netip.MustParsePrefix(public + "/32")}}
	for name, answers := range map[string][][]string{
		"public, then private": {{public}, {"127.0.0.1"}},
		"private at once":      {{"127.0.0.1"}},
		"metadata":             {{"169.254.169.254"}},
	} {
		net.DefaultResolver = names(t, answers...)
		for try := range len(answers) {
			ctx := t.Context()
			if judged := answers[try][0]; judged == public {
				if found, err := net.DefaultResolver.LookupHost(ctx, "rebinding.example"); err != nil || found[0] != public {
					t.Fatalf("%s: the first look: %v %v", name, found, err)
				}
				continue
			}
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := guard.client().Do(request); !errors.Is(err, errNetwork) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	net.DefaultResolver = names(t, []string{"10.0.0.1", "127.0.0.1"})
	if _, err := guard.client().Post(url, "", nil); !errors.Is(err, errNetwork) {
		t.Errorf("several private ones: %v", err)
	}
	if reached.Load() != 0 {
		t.Errorf("the inside was reached %d times", reached.Load())
	}
}

// Neither a redirect nor a proxy of the environment leads elsewhere, and
// nothing that an answer says is followed or kept in full.
func TestAnswersAreNotFollowed(t *testing.T) {
	var secret atomic.Int64
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { secret.Add(1) }))
	defer inside.Close()
	t.Setenv("HTTP_PROXY", inside.URL)
	t.Setenv("http_proxy", inside.URL)
	t.Setenv("ALL_PROXY", inside.URL)
	for _, status := range []int{301, 302, 303, 307, 308} {
		outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside.URL, status) }))
		response, err := Guard{Plain: true, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}.client().Post(outside.URL, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		outside.Close()
		if response.StatusCode != status {
			t.Errorf("%d became %d", status, response.StatusCode)
		}
	}
	if secret.Load() != 0 {
		t.Errorf("the inside was reached %d times", secret.Load())
	}
}
