package database

import (
	"bufio"
	"context"
	"database/sql/driver"
	"fmt"
	"net"
	"time"
)

// readAhead is what a page of a list takes, so that it is read at once: the
// driver by itself asks the kernel for 4 KiB at a time.
const readAhead = 32 << 10

// A wire is the network's end of a connection to MySQL.
type wire struct {
	*net.TCPConn
	ahead *bufio.Reader
}

// Read takes from what was read ahead.
func (w *wire) Read(into []byte) (int, error) { return w.ahead.Read(into) }

// SetReadDeadline is for the kernel only: what was read ahead needs no waiting.
func (w *wire) SetReadDeadline(t time.Time) error {
	if w.ahead.Buffered() > 0 {
		return nil
	}
	return w.TCPConn.SetReadDeadline(t)
}

type wireKey struct{}

// dial connects, and leaves the wire where ctx has a place for it: the
// driver's connections do not show theirs.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		conn.Close()
		return nil, fmt.Errorf("connect to %s: %s is not TCP", address, network)
	}
	w := &wire{tcp, bufio.NewReaderSize(tcp, readAhead)}
	if place, ok := ctx.Value(wireKey{}).(**wire); ok {
		*place = w
	}
	return w, nil
}

// driven is what we use of a connection of the driver's.
type driven interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// A connection is one of the driver's with its wire, which can be cut.
type connection struct {
	driven
	wire *wire
}
