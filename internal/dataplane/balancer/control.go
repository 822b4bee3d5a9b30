package balancer

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// The files in a balancer's directory.
const (
	configFile  = "config.json"
	controlFile = "control.sock"
)

// longPoll is how long a question for news may stay open.
const longPoll = 30 * time.Second

// control serves PUT /config and GET /state[?after=revision] to whoever may
// open the socket in the balancer's directory.
func (s *server) control(dir string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /config", func(w http.ResponseWriter, r *http.Request) {
		var cfg Config
		if err := json.NewDecoder(r.Body).Decode(&cfg); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if err := s.adopt(dir, cfg); err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		writeJSON(w, s.state())
	})
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, r *http.Request) {
		if after, err := strconv.ParseUint(r.FormValue("after"), 10, 64); err == nil {
			ctx, cancel := context.WithTimeout(r.Context(), longPoll)
			defer cancel()
			s.news.await(ctx, after)
		}
		writeJSON(w, s.state())
	})
	return mux
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v) // fails only if the asker has gone
}

// adopt writes the configuration down and serves it.
func (s *server) adopt(dir string, cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	if err := saveConfig(dir, cfg); err != nil {
		return err
	}
	s.widen(&cfg)
	return s.apply(cfg)
}

func saveConfig(dir string, cfg Config) error {
	data, err := json.Marshal(cfg)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	path := filepath.Join(dir, configFile)
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return fmt.Errorf("configuration: write: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("configuration: write: %w", err)
	}
	return nil
}

// loadConfig reads the configuration that was served last; a new balancer has
// none and serves nothing.
func loadConfig(dir string) (cfg Config, err error) {
	data, err := os.ReadFile(filepath.Join(dir, configFile))
	if os.IsNotExist(err) {
		return cfg, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &cfg)
	}
	if err != nil {
		return cfg, fmt.Errorf("configuration: read: %w", err)
	}
	return cfg, nil
}

// throughDir calls fn with a short path to a file in dir: a socket's path may
// have 107 bytes only, however deep the directory is.
func throughDir(dir, name string, fn func(path string) error) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return fn(fmt.Sprintf("/proc/self/fd/%d/%s", d.Fd(), name))
}

// listenControl opens the control socket, in place of one that an earlier run left.
func listenControl(dir string) (net.Listener, error) {
	if err := os.Remove(filepath.Join(dir, controlFile)); err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	var l *net.UnixListener
	err := throughDir(dir, controlFile, func(path string) (err error) {
		l, err = net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	l.SetUnlinkOnClose(false) // the next run may have made its own by then
	return l, nil
}
