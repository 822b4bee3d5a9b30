// Package nodeclient runs the studio's socket.io-client under node, for tests:
// the very client that browsers run, not one of our own.
package nodeclient

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"apexai/crm/web"
)

//go:embed client.mjs
var script []byte

// An Event is something that happened to a socket: connect, disconnect,
// connect_error, what the server sent, or "ack " and what was answered.
type Event struct {
	Socket  int             `json:"socket"`
	Event   string          `json:"event"`
	Payload json.RawMessage `json:"payload"`
	At      time.Time       `json:"-"`
}

// A Client is one node with a number of sockets of one session.
type Client struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser

	mu     sync.Mutex
	events []Event
}

// Installed says whether there is a node here.
func Installed() bool {
	_, err := exec.LookPath("node")
	return err == nil
}

// Start opens count sockets at base with a cookie; dir is for its files.
func Start(dir, base, cookie string, count int) (*Client, error) {
	bundle, err := fs.ReadFile(web.Files(), "static/vendor/socket.io.js")
	if err != nil {
		return nil, err
	}
	main, library := filepath.Join(dir, "client.mjs"), filepath.Join(dir, "socket.io.mjs")
	for name, content := range map[string][]byte{main: script, library: bundle} {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			return nil, err
		}
	}
	c := &Client{cmd: exec.Command("node", "--experimental-websocket", "--no-warnings", main)}
	c.cmd.Env = append(os.Environ(), "BUNDLE="+library, "BASE="+base, "COOKIE="+cookie, "COUNT="+strconv.Itoa(count))
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c.cmd.Stderr = os.Stderr
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	go c.listen(stdout)
	return c, nil
}

func (c *Client) listen(stdout io.Reader) {
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		var e Event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		e.At = time.Now()
		c.mu.Lock()
		c.events = append(c.events, e)
		c.mu.Unlock()
	}
}

// Emit has one socket send an event, and ask for an answer.
func (c *Client) Emit(socket int, event string, args ...any) error {
	line, err := json.Marshal(map[string]any{"socket": socket, "event": event, "args": args})
	if err != nil {
		return err
	}
	_, err = c.stdin.Write(append(line, '\n'))
	return err
}

// Events are what has happened so far, of one name.
func (c *Client) Events(name string) []Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []Event
	for _, e := range c.events {
		if e.Event == name {
			found = append(found, e)
		}
	}
	return found
}

// Connected is how many sockets are connected now.
func (c *Client) Connected() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	connected := map[int]bool{}
	for _, e := range c.events {
		switch e.Event {
		case "connect":
			connected[e.Socket] = true
		case "disconnect":
			delete(connected, e.Socket)
		}
	}
	return len(connected)
}

// Stop ends the sockets and node.
func (c *Client) Stop() {
	c.stdin.Close()
	c.cmd.Wait() // however it ends
}
