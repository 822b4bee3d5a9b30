package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
)

// backend serves prepared answers at addr: /1k, /64k, /json, and WebSockets that
// stay silent.
func backend(addr string) int {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "backend:", err)
		return 1
	}
	answers := map[string][]byte{
		"/1k":   answer("text/plain", strings.Repeat("x", 1<<10)),
		"/64k":  answer("text/plain", strings.Repeat("x", 64<<10)),
		"/json": answer("application/json", people(4<<10)),
		"/":     answer("text/plain", "ok"),
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return 1
		}
		go serve(c, answers)
	}
}

func answer(kind, body string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", kind, len(body), body)
}

// people is a list in JSON that is no more repetitive than such lists are.
func people(size int) string {
	var b strings.Builder
	b.WriteByte('[')
	for i := uint32(1); b.Len() < size-1; i++ {
		h := i * 2654435761
		fmt.Fprintf(&b, `{"id":%d,"name":"%x %x","email":"%x@example.com","company":%d,"notes":"%b"},`, i, h, h>>7, h>>3, h%977, h>>20)
	}
	return b.String()[:size-1] + "]"
}

func serve(c net.Conn, answers map[string][]byte) {
	defer c.Close()
	rd := bufio.NewReaderSize(c, 2<<10)
	for {
		path, upgrade, err := readRequest(rd)
		if err != nil {
			return
		}
		if upgrade {
			io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
				"Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n")
			io.Copy(io.Discard, c)
			return
		}
		a, known := answers[path]
		if !known {
			a = answers["/"]
		}
		if _, err := c.Write(a); err != nil {
			return
		}
	}
}

func readRequest(rd *bufio.Reader) (path string, upgrade bool, err error) {
	for first := true; ; first = false {
		line, err := rd.ReadSlice('\n')
		switch {
		case err != nil:
			return "", false, err
		case first:
			path = pathOf(line)
		case len(line) <= 2:
			return path, upgrade, nil
		case bytes.HasPrefix(line, []byte("Upgrade:")):
			upgrade = true
		}
	}
}

func pathOf(line []byte) string {
	_, rest, _ := bytes.Cut(line, []byte(" "))
	path, _, _ := bytes.Cut(rest, []byte(" "))
	return string(path)
}
