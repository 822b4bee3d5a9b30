package webhooks

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// The example of the Standard Webhooks specification.
func TestSignature(t *testing.T) {
	got := sign([]byte("\x31\xf2\x8d\xc4"), "msg_1", "1700000000", []byte(`{"a":1}`))
	if !strings.HasPrefix(got, "v1,") || got == sign([]byte("\x31\xf2\x8d\xc5"), "msg_1", "1700000000", []byte(`{"a":1}`)) ||
		got == sign([]byte("\x31\xf2\x8d\xc4"), "msg_2", "1700000000", []byte(`{"a":1}`)) {
		t.Errorf("signature %q", got)
	}
}

func TestGuard(t *testing.T) {
	guard := Guard{}
	for _, bad := range []string{
		"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "169.254.170.2", "0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255",
		"::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1", "::7f00:1",
	} {
		if guard.permits(netip.MustParseAddr(bad)) {
			t.Errorf("%s may be dialled", bad)
		}
	}
	for _, good := range []string{"93.184.216.34", "8.8.8.8", "2606:4700::1111"} {
		if !guard.permits(netip.MustParseAddr(good)) {
			t.Errorf("%s may not be dialled", good)
		}
	}
	for _, bad := range []string{
		"", "x", "http://example.com", "ftp://example.com", "https://", "https://user:pass@example.com", "https://127.0.0.1/x", "https://[::1]/", "https://169.254.169.254/latest",
		"https://example.com/#x", "https:example.com",
	} {
		if guard.refuses(bad) == "" {
			t.Errorf("%q may be set", bad)
		}
	}
	if why := guard.refuses("https://example.com:8443/hook?x=1"); why != "" {
		t.Error(why)
	}
}

// A name that means a private address by the time it is dialled gets nowhere,
// and a redirect is not followed.
func TestGuardAtDialTime(t *testing.T) {
	reached := 0
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached++
		http.Redirect(w, r, "/again", http.StatusFound)
	}))
	defer inside.Close()
	named := strings.Replace(inside.URL, "127.0.0.1", "localhost", 1)
	if why := (Guard{Plain: true}).refuses(named); why != "" {
		t.Fatal(why)
	}
	if _, err := (Guard{Plain: true}).client().Get(named); !errors.Is(err, errNetwork) || reached > 0 {
		t.Errorf("a name for loopback: %v, reached %d times", err, reached)
	}
	response, err := Guard{Plain: true, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}.client().Get(named)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusFound || reached != 1 {
		t.Errorf("a redirect: %d, reached %d times", response.StatusCode, reached)
	}
}

func TestWants(t *testing.T) {
	w := Webhook{Events: []string{"person.created", "deal.*"}}
	for event, want := range map[string]bool{"person.created": true, "person.deleted": false, "deal.moved": true, "dealer.moved": false} {
		if w.wants(event) != want {
			t.Errorf("%s: %v", event, !want)
		}
	}
}

func FuzzURL(f *testing.F) {
	for _, s := range []string{"https://example.com", "https://[::ffff:10.0.0.1]/", "https://0x7f.1/", "https://2130706433/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if (Guard{}).refuses(s) == "" && !strings.HasPrefix(strings.ToLower(s), "https:") {
			t.Errorf("%q may be set", s)
		}
	})
}
