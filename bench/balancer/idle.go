package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// weigh prints what an idle connection costs in memory: of clients that keep one
// after a request, and of WebSockets. The kernel's share is not in it.
func (s *setting) weigh(ctx context.Context, p *processes) error {
	fmt.Printf("\n| %d idle connections | proxy | KiB each (PSS) |\n|---|---|--:|\n", s.idle)
	for _, what := range []struct{ name, request string }{
		{"keep-alive clients", "GET /1k HTTP/1.1\r\nHost: localhost\r\n\r\n"},
		{"WebSockets", "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"},
	} {
		for _, k := range []kind{apex, nginx, haproxy} {
			each, err := s.weighOne(ctx, p, k, what.request)
			if err != nil {
				return fmt.Errorf("idle: %s: %s: %w", what.name, k.name, err)
			}
			fmt.Fprintf(os.Stdout, "| %s | %s | %.1f |\n", what.name, k.name, each)
		}
	}
	return nil
}

func (s *setting) weighOne(ctx context.Context, p *processes, k kind, request string) (float64, error) {
	x, err := p.start(ctx, k, s.targets, row{rules: 10})
	if err != nil {
		return 0, err
	}
	defer x.stop()
	before, err := memory(x.pid)
	if err != nil {
		return 0, err
	}
	var conns []net.Conn
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	for range s.idle {
		c, err := connectOnce(x.addr.String(), request)
		if err != nil {
			return 0, err
		}
		conns = append(conns, c)
	}
	time.Sleep(3 * time.Second) // what is let go of is let go of
	after, err := memory(x.pid)
	return (after - before) / float64(s.idle), err
}

// connectOnce opens a connection and sees one request on it answered.
func connectOnce(addr, request string) (net.Conn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		return c, err
	}
	rd := bufio.NewReaderSize(c, 256)
	status, err := rd.ReadString('\n')
	if err != nil || !strings.Contains(status, " 200 ") && !strings.Contains(status, " 101 ") {
		return c, fmt.Errorf("answer %q: %w", status, err)
	}
	for length := 0; ; {
		line, err := rd.ReadString('\n')
		if err != nil {
			return c, err
		}
		fmt.Sscanf(strings.ToLower(line), "content-length: %d", &length)
		if line == "\r\n" {
			_, err := io.CopyN(io.Discard, rd, int64(length))
			return c, err
		}
	}
}
