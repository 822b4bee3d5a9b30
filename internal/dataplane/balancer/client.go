package balancer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Apply makes the balancer in dir serve the configuration and returns what is
// then true: a socket that could not be opened is in the State, and tried again
// every second. A balancer that is just starting is waited for until ctx ends.
func Apply(ctx context.Context, dir string, cfg Config) (State, error) {
	body, err := json.Marshal(cfg)
	if err != nil {
		return State{}, fmt.Errorf("apply to balancer: %w", err)
	}
	for {
		st, err := ask(ctx, dir, http.MethodPut, "/config", body)
		if !notYet(err) {
			return st, err
		}
		select {
		case <-ctx.Done():
			return st, err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Observe returns what is true of the balancer in dir.
func Observe(ctx context.Context, dir string) (State, error) {
	return ask(ctx, dir, http.MethodGet, "/state", nil)
}

// Watch returns what is true once the State's revision is beyond after, or after
// half a minute without news.
func Watch(ctx context.Context, dir string, after uint64) (State, error) {
	return ask(ctx, dir, http.MethodGet, "/state?after="+strconv.FormatUint(after, 10), nil)
}

// notYet reports whether the error is that of a balancer that does not listen.
func notYet(err error) bool {
	return errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNREFUSED) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF)
}

func ask(ctx context.Context, dir, method, path string, body []byte) (st State, err error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://balancer"+path, bytes.NewReader(body))
	if err != nil {
		return st, fmt.Errorf("balancer: %w", err)
	}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: dialControl(dir)}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return st, fmt.Errorf("balancer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		fault, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return st, fmt.Errorf("balancer: %s", strings.TrimSpace(string(fault)))
	}
	if err := json.NewDecoder(resp.Body).Decode(&st); err != nil {
		return st, fmt.Errorf("balancer: %w", err)
	}
	return st, nil
}

func dialControl(dir string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (conn net.Conn, err error) {
		err = throughDir(dir, controlFile, func(path string) error {
			conn, err = new(net.Dialer).DialContext(ctx, "unix", path)
			return err
		})
		return conn, err
	}
}
