package server

import (
	"io"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// What a wire does at a statement.
type fault int

const (
	noFault     fault = iota
	requestLost       // the connection is cut before MySQL hears of it
	answerLost        // MySQL does it, and the connection is cut before it says so
	late              // the connection is cut; MySQL hears of it when the wire is released
	deadlock          // MySQL rolls back, and it is answered as it answers a deadlock's victim
)

// A wire is the network between a server and MySQL, with faults at will.
type wire struct {
	url     string // for DATABASE_URL
	to      string
	choose  atomic.Pointer[func(work, statement string) fault] // given what its transaction did before
	release chan struct{}                                      // closed when what is late goes on
}

func newWire(t *testing.T, mysql string) *wire {
	t.Helper()
	u, err := url.Parse(mysql)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	w := &wire{to: u.Host, release: make(chan struct{})}
	u.Host = l.Addr().String()
	w.url = u.String()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(conn)
		}
	}()
	return w
}

// faults has choose say what happens at each statement, given the transaction
// before it.
func (w *wire) faults(choose func(work, statement string) fault) { w.choose.Store(&choose) }

// commit has a fault happen at the next commit of work that tells of name, of
// which so many tries are made victims of a deadlock before.
func (w *wire) commit(name string, f fault, victims int64) {
	var left, lost atomic.Int64
	left.Store(victims)
	w.faults(func(work, statement string) fault {
		switch {
		case !strings.Contains(work, name):
		case strings.HasPrefix(statement, "INSERT INTO outbox") && left.Add(-1) >= 0:
			return deadlock
		case statement == "COMMIT" && left.Load() <= 0 && lost.Add(1) == 1:
			return f
		}
		return noFault
	})
}

// A carried connection is both its ends, and what becomes of the next answer.
type carried struct {
	client, mysql net.Conn
	work          strings.Builder        // the statements of its transaction
	instead       atomic.Pointer[[]byte] // of the answer; an empty one cuts the connection
	over          chan struct{}          // closed when MySQL's end is
}

func (w *wire) carry(client net.Conn) {
	defer client.Close()
	mysql, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	c := &carried{client: client, mysql: mysql, over: make(chan struct{})}
	go c.answers()
	for {
		packet, err := nextPacket(client)
		if err != nil || !w.pass(c, packet) {
			break
		}
	}
	mysql.Close()
}

// pass hands a packet on, and says whether the connection goes on.
func (w *wire) pass(c *carried, packet []byte) bool {
	f := noFault
	if len(packet) > 5 && packet[4] == comQuery {
		f = w.fault(&c.work, string(packet[5:]))
	}
	switch f {
	case requestLost:
		return false
	case answerLost:
		c.instead.Store(new([]byte))
	case deadlock:
		victim := asPacket(1, "\xff\xbd\x04#40001Deadlock found")
		c.instead.Store(&victim)
		packet = asPacket(0, string(rune(comQuery))+"ROLLBACK")
	case late:
		c.instead.Store(new([]byte))
		c.client.Close()
		<-w.release
	}
	_, err := c.mysql.Write(packet)
	if f == late && err == nil {
		<-c.over
	}
	return err == nil && f != late
}

func (w *wire) fault(work *strings.Builder, statement string) fault {
	if statement == "START TRANSACTION" {
		work.Reset()
	}
	f, choose := noFault, w.choose.Load()
	if choose != nil {
		f = (*choose)(work.String(), statement)
	}
	work.WriteString(statement)
	return f
}

// answers hands on what MySQL says.
func (c *carried) answers() {
	defer close(c.over)
	defer c.client.Close()
	defer c.mysql.Close()
	room := make([]byte, 64<<10)
	for {
		n, err := c.mysql.Read(room)
		if err != nil {
			return
		}
		answer := room[:n]
		if instead := c.instead.Swap(nil); instead != nil {
			if answer = *instead; len(answer) == 0 {
				return
			}
		}
		if _, err := c.client.Write(answer); err != nil {
			return
		}
	}
}

const comQuery = 3 // MySQL's command that has a statement

// nextPacket reads one packet with its head: three bytes of length, a number.
func nextPacket(from io.Reader) ([]byte, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	packet := append(head, make([]byte, int(head[0])|int(head[1])<<8|int(head[2])<<16)...)
	_, err := io.ReadFull(from, packet[4:])
	return packet, err
}

func asPacket(number byte, payload string) []byte {
	return append([]byte{byte(len(payload)), 0, 0, number}, payload...)
}
