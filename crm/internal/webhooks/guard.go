package webhooks

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// A Guard keeps webhooks away from networks that are not the public internet:
// whoever may set a webhook must not reach with it what only this server can.
// It looks at the address that is really dialled, so that a name which means
// something else by then does not get past it.
type Guard struct {
	Plain   bool           // http:// too, for development
	Allowed []netip.Prefix // that would be refused, for development
}

// denied are networks beside those that netip itself tells apart.
var denied = func() (all []netip.Prefix) {
	for _, block := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "2002::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(block))
	}
	return all
}()

var errNetwork = errors.New("the address is in a private or reserved network")

// permits says whether an address may be dialled.
func (g Guard) permits(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, p := range g.Allowed {
		if p.Contains(addr) {
			return true
		}
	}
	if !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false // loopback, link-local with the metadata services, multicast, private
	}
	for _, p := range denied {
		if p.Contains(addr) {
			return false
		}
	}
	return true
}

// refuses says what is wrong with a URL, as far as that can be told without
// asking for its name.
func (g Guard) refuses(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return "this is no URL like https://example.com/hook"
	case u.Scheme != "https" && !(g.Plain && u.Scheme == "http"):
		return "the URL must begin with https://"
	case u.User != nil:
		return "a user and password in the URL are not sent; use the signature instead"
	case u.Fragment != "":
		return "the part behind # is never sent"
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !g.permits(addr) {
		return errNetwork.Error()
	}
	return ""
}

const (
	answerWithin = 10 * time.Second
	dialWithin   = 5 * time.Second
)

// client follows no redirect and uses no proxy: both would dial elsewhere.
func (g Guard) client() *http.Client {
	dialer := &net.Dialer{Timeout: dialWithin, ControlContext: g.control}
	return &http.Client{
		Timeout:       answerWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: dialWithin, ResponseHeaderTimeout: answerWithin,
			DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10, ForceAttemptHTTP2: true,
		},
	}
}

func (g Guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("webhook: dial %q: %w", address, err)
	}
	if !g.permits(to.Addr()) {
		return errNetwork
	}
	return nil
}
