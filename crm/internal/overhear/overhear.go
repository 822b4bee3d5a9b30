// Package overhear hears what a server asks MySQL, so that benchmarks can give
// others the same statements, and tests can have them explained.
package overhear

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
)

// An Ear stands between a server and MySQL and keeps the statements it hears.
type Ear struct {
	URL        string // for DATABASE_URL
	mu         sync.Mutex
	statements []string
}

// Listen stands before the MySQL of that URL until ctx ends.
func Listen(ctx context.Context, mysql string) (*Ear, error) {
	u, err := url.Parse(mysql)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	behind := u.Host
	u.Host = listener.Addr().String()
	e := &Ear{URL: u.String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go e.pass(conn, behind)
		}
	}()
	return e, nil
}

func (e *Ear) pass(conn net.Conn, address string) {
	defer conn.Close()
	to, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer to.Close()
	go io.Copy(conn, to)
	const comQuery = 3
	from := bufio.NewReader(conn)
	for {
		var head [4]byte
		if _, err := io.ReadFull(from, head[:]); err != nil {
			return
		}
		body := make([]byte, binary.LittleEndian.Uint32(append(head[:3:3], 0)))
		if _, err := io.ReadFull(from, body); err != nil {
			return
		}
		if len(body) > 0 && body[0] == comQuery && head[3] == 0 {
			e.mu.Lock()
			e.statements = append(e.statements, string(body[1:]))
			e.mu.Unlock()
		}
		if _, err := to.Write(append(head[:], body...)); err != nil {
			return
		}
	}
}

// Reads are the SELECTs heard since the last call.
func (e *Ear) Reads() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []string
	for _, s := range e.statements {
		if strings.HasPrefix(strings.TrimSpace(s), "SELECT") && strings.Contains(s, "workspace_id") {
			all = append(all, s)
		}
	}
	e.statements = nil
	return all
}
