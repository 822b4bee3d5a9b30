package endpoint

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"time"
)

const healthPath = "/_apex/health"

// Health is the answer of GET /_apex/health, which needs no signature and so
// says no more than that this is a region and which.
type Health struct {
	Version string `json:"version"`
	PID     int    `json:"pid"`
}

func (e *Endpoint) health(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	// An error here is of the connection: the client is gone.
	_ = json.NewEncoder(w).Encode(Health{Version: e.cfg.Version, PID: os.Getpid()})
}

// NewServer returns the HTTP server for an endpoint, with bounds on what a
// client can hold open. Bodies may be slow: registries take layers.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    MaxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
