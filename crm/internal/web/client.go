package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// clientAddr is the right-most address that is not a proxy of ours: proxies
// append, and what stands left of theirs a caller can write as it likes.
func clientAddr(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	addr := peer.Addr().Unmap()
	if err != nil || !within(addr, trusted) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if addr = hop.Unmap(); !within(addr, trusted) {
			break
		}
	}
	return addr
}

func within(addr netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// clientNetwork is what the log says of a client: enough to see where load
// comes from, too little to tell a person.
func clientNetwork(r *http.Request, trusted []netip.Prefix) string {
	addr := clientAddr(r, trusted)
	bits := 24
	if addr.Is6() {
		bits = 48
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}
