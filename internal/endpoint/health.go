package endpoint

import (
	"encoding/json"
	"net/http"
	"os"
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
