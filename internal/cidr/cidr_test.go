package cidr

import (
	"errors"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]error{
		"10.0.0.0/16":    nil,
		"0.0.0.0/0":      nil,
		"10.0.0.1/24":    ErrNotNetwork,
		"192.168.1.1/32": nil,
	} {
		if _, err := Parse(in); !errors.Is(err, want) {
			t.Errorf("Parse(%q) = %v, want %v", in, err, want)
		}
	}
	for _, in := range []string{"", "10.0.0.0", "10.0.0.0/33", "fd00::/8", "10.0.0/8", "10.0.0.0/08"} {
		if p, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %s, want an error", in, p)
		}
	}
}

func TestSubnetAddresses(t *testing.T) {
	subnet := netip.MustParsePrefix("10.0.10.0/28")
	taken := map[netip.Addr]bool{}
	for range Size(subnet) - Reserved {
		a, ok := Free(subnet, func(a netip.Addr) bool { return taken[a] })
		if !ok || !IsHost(subnet, a) {
			t.Fatalf("Free = %s, %v after %d addresses", a, ok, len(taken))
		}
		taken[a] = true
	}
	if a, ok := Free(subnet, func(a netip.Addr) bool { return taken[a] }); ok {
		t.Errorf("Free of a full subnet = %s", a)
	}
	for _, reserved := range []string{"10.0.10.0", "10.0.10.3", "10.0.10.15", "10.0.11.4"} {
		if IsHost(subnet, netip.MustParseAddr(reserved)) {
			t.Errorf("IsHost(%s) = true", reserved)
		}
	}
}

func TestOverlapAndContainmentAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawPrefix(t, "a"), drawPrefix(t, "b")
		_, overlap := Overlapping(a, []netip.Prefix{b})
		if want := Contains(a, b) || Contains(b, a); overlap != want {
			t.Fatalf("%s and %s: overlap %v, one contains the other %v", a, b, overlap, want)
		}
		if Contains(a, b) && !a.Contains(Nth(b, Size(b)-1)) {
			t.Fatalf("%s contains %s, not its last address", a, b)
		}
	})
}

func drawPrefix(t *rapid.T, label string) netip.Prefix {
	bits := rapid.IntRange(8, 30).Draw(t, label+" bits")
	raw := [4]byte{10, byte(rapid.IntRange(0, 3).Draw(t, label)), byte(rapid.IntRange(0, 255).Draw(t, label+" third")), 0}
	return netip.PrefixFrom(netip.AddrFrom4(raw), bits).Masked()
}

func FuzzParse(f *testing.F) {
	f.Add("10.0.0.0/16")
	f.Add("10.0.0.1/24")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := Parse(s); err == nil && p.String() != s {
			t.Errorf("Parse(%q) = %s: not the canonical form", s, p)
		}
	})
}
