package nat

import (
	"errors"
	"net/netip"
	"testing"
)

func TestGuard(t *testing.T) {
	host, made := Guard{}, Guard{Made: true}
	allowing := Guard{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}
	for name, tt := range map[string]struct {
		guard Guard
		addr  string
		ok    bool
	}{
		"a public address":                {host, "93.184.216.34", true},
		"loopback":                        {host, "127.0.0.1", false},
		"loopback by another name":        {host, "0.0.0.0", false},
		"mapped loopback":                 {host, "::ffff:127.0.0.1", false},
		"loopback in IPv6":                {host, "::1", false},
		"the cloud's metadata":            {host, "169.254.169.254", false},
		"private":                         {host, "10.0.0.1", false},
		"private too":                     {host, "172.31.255.255", false},
		"carrier-grade":                   {host, "100.64.0.1", false},
		"broadcast":                       {host, "255.255.255.255", false},
		"multicast":                       {host, "224.0.0.1", false},
		"allowed although private":        {allowing, "10.1.2.3", true},
		"not allowed":                     {allowing, "10.2.0.1", false},
		"private in a made internet":      {made, "10.0.0.1", true},
		"loopback in a made internet":     {made, "127.0.0.1", false},
		"the metadata in a made internet": {made, "169.254.169.254", false},
	} {
		if err := tt.guard.Check(netip.MustParseAddr(tt.addr)); (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrRefused) {
			t.Errorf("%s: Check(%s) = %v, want it let through: %v", name, tt.addr, err, tt.ok)
		}
	}
}
