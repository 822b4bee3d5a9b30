package ecs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// headerTimeout bounds how long a connection may take to say who it is for.
const headerTimeout = 5 * time.Second

// AcceptProxied wraps a listener whose connections begin with the line of the
// PROXY protocol, version 1: their remote address becomes the one it names.
func AcceptProxied(l net.Listener) net.Listener { return proxiedListener{l} }

type proxiedListener struct{ net.Listener }

// Accept does not read yet: a slow client must not keep others waiting.
func (l proxiedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &proxiedConn{Conn: c}, nil
}

// A proxiedConn reads the line when its address or its first bytes are wanted.
type proxiedConn struct {
	net.Conn
	once   sync.Once
	source net.Addr
	err    error
}

func (c *proxiedConn) Read(b []byte) (int, error) {
	c.once.Do(c.identify)
	if c.err != nil {
		return 0, c.err
	}
	return c.Conn.Read(b)
}

func (c *proxiedConn) RemoteAddr() net.Addr {
	c.once.Do(c.identify)
	if c.err != nil {
		return c.Conn.RemoteAddr()
	}
	return c.source
}

func (c *proxiedConn) identify() {
	if c.err = c.Conn.SetReadDeadline(time.Now().Add(headerTimeout)); c.err != nil {
		return
	}
	line, err := readLine(c.Conn)
	if err == nil {
		c.source, err = parseProxy(line)
	}
	if err != nil {
		c.err = fmt.Errorf("read PROXY line: %w", err)
		return
	}
	c.err = c.Conn.SetReadDeadline(time.Time{})
}

// maxProxyLine is the longest line of the protocol, with its end.
const maxProxyLine = 107

// readLine reads byte by byte, since what follows belongs to the request.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for one := make([]byte, 1); len(line) < maxProxyLine; {
		if _, err := io.ReadFull(r, one); err != nil {
			return "", err
		}
		if line = append(line, one[0]); bytes.HasSuffix(line, []byte("\r\n")) {
			return string(line[:len(line)-2]), nil
		}
	}
	return "", errors.New("line is too long")
}

// parseProxy returns the source of "PROXY TCP4 source destination port port".
func parseProxy(line string) (net.Addr, error) {
	f := strings.Split(line, " ")
	if len(f) != 6 || f[0] != "PROXY" || f[1] != "TCP4" && f[1] != "TCP6" {
		return nil, fmt.Errorf("%q: want PROXY, a protocol, two addresses and two ports", line)
	}
	source, err := netip.ParseAddr(f[2])
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(f[4], 10, 16)
	if err != nil {
		return nil, err
	}
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(source, uint16(port))), nil
}
