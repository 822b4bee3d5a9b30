// Command sockets measures what connected sockets cost one task: memory for
// each, how long it takes to connect them, and how long until all have heard
// of one change.
//
//	go run ./bench/sockets -count 5000
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coder/websocket"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"apexai/crm/internal/account"
	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/engines"
	"apexai/crm/internal/session"
)

func main() {
	count := flag.Int("count", 5000, "how many sockets")
	flag.Parse()
	dir, err := os.MkdirTemp("", "crm-sockets-")
	if err == nil {
		err = errors.Join(os.Chmod(dir, 0o755), measure(dir, *count)) // MariaDB runs as another user
		os.RemoveAll(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sockets:", err)
		os.Exit(1)
	}
}

func measure(dir string, count int) error {
	mysql, err := engines.MariaDB(context.Background(), filepath.Join(dir, "mysql"))
	if err != nil {
		return err
	}
	defer mysql.Stop()
	store, err := engines.Redis(context.Background(), filepath.Join(dir, "redis"))
	if err != nil {
		return err
	}
	defer store.Stop()
	server, url, err := serve(dir, mysql.URL, store.URL)
	if err != nil {
		return err
	}
	defer func() {
		server.Process.Signal(syscall.SIGTERM)
		server.Wait() // however it ends
	}()
	cookie, err := signIn(context.Background(), mysql.URL, store.URL)
	if err != nil {
		return err
	}
	before := resident(server.Process.Pid)
	began := time.Now()
	crowd, err := connect(url, cookie, count)
	if err != nil {
		return err
	}
	connected := time.Since(began)
	time.Sleep(5 * time.Second) // what connecting left behind is collected
	after := resident(server.Process.Pid)
	began = time.Now()
	if err := post(url, "/api/v1/people", `{"firstName":"Broadcast"}`, cookie); err != nil {
		return err
	}
	for crowd.heard.Load() < int64(count) {
		if time.Since(began) > time.Minute {
			return fmt.Errorf("only %d of %d sockets heard of a change within a minute", crowd.heard.Load(), count)
		}
		time.Sleep(time.Millisecond)
	}
	fmt.Printf("sockets connected          %d in %s\n", count, connected.Round(time.Millisecond))
	fmt.Printf("server's memory            %d MiB, then %d MiB: %.1f KiB a socket\n", before>>10, after>>10, float64(after-before)/float64(count))
	fmt.Printf("all heard of a change in   %s\n", time.Since(began).Round(time.Millisecond))
	return nil
}

// serve builds the server and starts it with the limits of one task.
func serve(dir, mysql, redis string) (*exec.Cmd, string, error) {
	binary := filepath.Join(dir, "server")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", binary, "apexai/crm/cmd/server").CombinedOutput(); err != nil {
		return nil, "", fmt.Errorf("build: %w: %s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	l.Close()
	server := exec.Command(binary)
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	server.Env = append(os.Environ(), "APP_ENV=dev", "PORT="+port, "DATABASE_URL="+mysql, "REDIS_URL="+redis, "DB_MAX_OPEN=3", "LOG_LEVEL=warn",
		"DRAIN_DELAY=0s", "GOMEMLIMIT=850MiB", "RATE_USER=0", "RATE_SIGN_IN=0")
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		return nil, "", err
	}
	url := "http://127.0.0.1:" + port
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		response, err := http.Get(url + "/health")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return server, url, nil
			}
		}
		if time.Now().After(deadline) {
			return nil, "", errors.New("the server is not ready within a minute")
		}
	}
}

// signIn makes a user and a session of his, and returns its cookie.
func signIn(ctx context.Context, mysql, store string) (string, error) {
	settings := map[string]string{"APP_ENV": "dev", "DATABASE_URL": mysql, "REDIS_URL": store}
	c, err := config.Load(func(name string) string { return settings[name] })
	if err != nil {
		return "", err
	}
	opened, err := database.Open(c.Database, 1)
	if err != nil {
		return "", err
	}
	defer opened.Close()
	who, err := account.Store{DB: opened}.Demo(ctx, "sockets@example.com", "Sockets", time.Now().UTC())
	if err != nil {
		return "", err
	}
	options, err := redis.ParseURL(store)
	if err != nil {
		return "", err
	}
	client := redis.NewClient(options)
	defer client.Close()
	token, err := session.Store{Redis: client, Now: time.Now}.Create(ctx, who.User.ID, who.Workspace.ID, session.Origin{})
	return "apex_sid=" + token, err
}

func post(url, path, body, cookie string) error {
	request, err := http.NewRequest(http.MethodPost, url+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Cookie", cookie)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	return nil
}

// crowd is the clients.
type crowd struct {
	heard atomic.Int64
	conns sync.Map
}

// connect opens sockets, 50 at a time, and has each listen.
func connect(url, cookie string, count int) (*crowd, error) {
	c := &crowd{}
	var work errgroup.Group
	work.SetLimit(50)
	for range count {
		work.Go(func() error {
			ctx := context.Background()
			conn, _, err := websocket.Dial(ctx, url+"/socket.io/?EIO=4&transport=websocket", &websocket.DialOptions{HTTPHeader: http.Header{"Cookie": {cookie}}})
			if err != nil {
				return err
			}
			if err := conn.Write(ctx, websocket.MessageText, []byte("40")); err != nil {
				return err
			}
			for {
				_, data, err := conn.Read(ctx)
				if err != nil {
					return err
				}
				if bytes.HasPrefix(data, []byte("40")) {
					break
				}
			}
			c.conns.Store(conn, true)
			go c.listen(conn)
			return nil
		})
	}
	return c, work.Wait()
}

func (c *crowd) listen(conn *websocket.Conn) {
	for {
		_, data, err := conn.Read(context.Background())
		switch {
		case err != nil:
			return
		case string(data) == "2":
			if conn.Write(context.Background(), websocket.MessageText, []byte("3")) != nil {
				return
			}
		case bytes.Contains(data, []byte(`"record.changed"`)):
			c.heard.Add(1)
		}
	}
}

// resident is a process's memory in KiB.
func resident(pid int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // 0 where there is no /proc
	for _, line := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kib
		}
	}
	return 0
}
