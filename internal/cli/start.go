package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"apex/internal/region"
)

// startTimeout bounds how long a region may take until it answers.
const startTimeout = time.Minute

// ensureRegion starts the region unless one of this program's version runs. It
// reports whether it started one.
func ensureRegion(ctx context.Context, home region.Home) (started bool, err error) {
	if daemon, ok := home.Daemon(); ok {
		at, err := await(ctx, home, nil)
		if err != nil {
			return false, err
		}
		if at.Version == region.Version {
			return false, nil
		}
		if err := endRegion(ctx, home, daemon.PID); err != nil {
			return false, err
		}
	}
	if err := checkPorts(home); err != nil {
		return false, err
	}
	return true, startRegion(ctx, home)
}

// startRegion runs `apex region` in a session of its own and waits for its answer.
func startRegion(ctx context.Context, home region.Home) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(home.Dir, "region.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("start the region: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(exe, "region")
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", log, log
	cmd.Env = append(os.Environ(), "APEX_HOME="+home.Dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the region: %w", err)
	}
	died := make(chan error, 1)
	go func() { died <- cmd.Wait() }()
	_, err = await(ctx, home, died)
	return err
}

// endRegion ends the daemon alone: what it started goes on.
func endRegion(ctx context.Context, home region.Home, pid int) error {
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("end the region, process %d: %w", pid, err)
	}
	return poll(ctx, startTimeout, func() (bool, error) {
		d, ok := home.Daemon()
		return !ok || d.PID != pid, nil
	})
}

// health is the answer of /_apex/health.
type health struct {
	Version string `json:"version"`
	PID     int    `json:"pid"`
}

// await polls the region until it answers; died tells when that is in vain.
func await(ctx context.Context, home region.Home, died <-chan error) (h health, err error) {
	client := &http.Client{Timeout: 5 * time.Second}
	err = poll(ctx, startTimeout, func() (bool, error) {
		select {
		case <-died:
			return false, hinted(errors.New("start the region: it ended at once: "+lastLine(home)), "all it said is in "+logPath(home))
		default:
		}
		resp, err := client.Get(home.Endpoint() + "/_apex/health")
		if err != nil {
			return false, nil
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK && json.NewDecoder(resp.Body).Decode(&h) == nil, nil
	})
	if errors.Is(err, errTimeout) {
		err = hinted(fmt.Errorf("wait for the region at %s: %w", home.Endpoint(), err), "its log is "+logPath(home))
	}
	return h, err
}

var errTimeout = errors.New("no answer in time")

// poll asks until the answer is yes, an error, or too late.
func poll(ctx context.Context, atMost time.Duration, ready func() (bool, error)) error {
	end := time.Now().Add(atMost)
	for {
		ok, err := ready()
		if ok || err != nil {
			return err
		}
		if time.Now().After(end) {
			return errTimeout
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func logPath(home region.Home) string { return filepath.Join(home.Dir, "region.log") }

func lastLine(home region.Home) string {
	b, _ := os.ReadFile(logPath(home))
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return lines[len(lines)-1]
}
