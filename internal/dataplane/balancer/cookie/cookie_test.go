package cookie

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pgregory.net/rapid"

	"apex/internal/dataplane/balancer/http1"
)

func newSealer(t testing.TB, key []byte) *Sealer {
	t.Helper()
	s, err := NewSealer(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealedOpensUnderItsNameAndKeyAlone(t *testing.T) {
	key := bytes.Repeat([]byte{7}, KeySize)
	here, there, stranger := newSealer(t, key), newSealer(t, key), newSealer(t, nil)
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOf(rapid.Byte()).Draw(t, "data")
		value := []byte(here.Seal("AWSALB", data))
		if got, ok := there.Open("AWSALB", value); !ok || !bytes.Equal(got, data) {
			t.Fatalf("another process opened %q, %t", got, ok)
		}
		if _, ok := here.Open("AWSALBTG", value); ok {
			t.Fatal("it opened under another name")
		}
		if _, ok := stranger.Open("AWSALB", value); ok {
			t.Fatal("it opened under another key")
		}
		value[rapid.IntRange(0, len(value)-1).Draw(t, "at")] ^= 4
		if got, ok := here.Open("AWSALB", value); ok && !bytes.Equal(got, data) {
			t.Fatal("a changed value opened")
		}
	})
	for _, junk := range []string{"", "x", "=", "a%20b"} {
		if _, ok := here.Open("AWSALB", []byte(junk)); ok {
			t.Errorf("%q opened", junk)
		}
	}
	if _, err := NewSealer([]byte("short")); err == nil {
		t.Error("a short key was taken")
	}
}

func TestDerivedKeysDiffer(t *testing.T) {
	s := newSealer(t, nil)
	again := newSealer(t, s.key)
	if s.Derive("a") == s.Derive("b") || s.Derive("a") != again.Derive("a") {
		t.Error("a purpose has one key of its own")
	}
}

func fields(t *testing.T, text string) []http1.Field {
	t.Helper()
	var r http1.Request
	if err := r.Parse([]byte("GET / HTTP/1.1\r\nHost: a\r\n" + text + "\r\n")); err != nil {
		t.Fatal(err)
	}
	return r.Fields
}

func TestFind(t *testing.T) {
	f := fields(t, "Cookie: a=1; AWSALB=x=y;b=2\r\nX: AWSALBTG=no\r\nCookie: late=3\r\n")
	for name, want := range map[string]string{"a": "1", "AWSALB": "x=y", "b": "2", "late": "3", "AWSALBTG": "", "awsalb": ""} {
		if got := Find(f, name); string(got) != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestSets(t *testing.T) {
	f := fields(t, "Set-Cookie: sid=1; Path=/\r\nX-Set: other=1\r\n")
	if !Sets(f, "sid") || Sets(f, "other") || Sets(f, "Path") {
		t.Error("which cookies a response sets")
	}
}

func TestSetting(t *testing.T) {
	at := time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC)
	for want, c := range map[string]Setting{
		"AWSALB=v; Expires=Wed, 25 Nov 2026 18:00:00 GMT; Path=/":                            {Name: "AWSALB", Value: "v", Expires: at},
		"AWSALBCORS=v; Expires=Wed, 25 Nov 2026 18:00:00 GMT; Path=/; SameSite=None; Secure": {Name: "AWSALBCORS", Value: "v", Expires: at, CrossSite: true},
		"s=v; Expires=Wed, 25 Nov 2026 18:00:00 GMT; Path=/; Secure; HttpOnly":               {Name: "s", Value: "v", Expires: at, Secret: true, Private: true},
	} {
		if got := string(c.AppendValue(nil)); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestVisits(t *testing.T) {
	s, now := newSealer(t, nil), time.Unix(1_800_000_000, 0)
	var visits []Visit
	for i := range 20 {
		addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 80)
		visits = With(visits, Visit{Group: uint64(i % 18), At: now, Addr: addr})
	}
	got := s.OpenVisits("AWSALB", []byte(s.SealVisits("AWSALB", visits)))
	if diff := cmp.Diff(visits, got, cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
		t.Errorf("visits (-sealed +opened):\n%s", diff)
	}
	if len(got) != maxVisits || got[0].Group != 1 {
		t.Errorf("%d visits, the last to %d", len(got), got[0].Group)
	}
	if v, ok := To(got, 1, now.Add(time.Minute), time.Minute); !ok || v.Addr.String() != "10.0.0.19:80" {
		t.Errorf("the last visit to group 1: %+v, %t", v, ok)
	}
	if _, ok := To(got, 1, now.Add(61*time.Second), time.Minute); ok {
		t.Error("an old visit counts")
	}
	if s.OpenVisits("AWSALBTG", []byte(s.SealVisits("AWSALB", visits))) != nil {
		t.Error("visits of another cookie count")
	}
	anywhere := s.OpenVisits("g", []byte(s.SealVisits("g", []Visit{{Group: GroupHash("blue"), At: now}})))
	if len(anywhere) != 1 || anywhere[0].Addr.IsValid() || anywhere[0].Group != GroupHash("blue") {
		t.Errorf("visits without an address: %+v", anywhere)
	}
}
