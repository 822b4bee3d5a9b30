// Package standins puts the development services that take the place of
// outside ones behind one handler, below /standins/. Each is named for what it
// is in its answers (X-Stand-In) and its paths.
package standins

import (
	"context"
	"log/slog"
	"net/http"

	"apexai/crm/internal/config"
	"apexai/crm/internal/standins/identity"
)

// Handler serves all stand-ins. What they keep is in MySQL if the settings
// name a database, else it ends with the process.
func Handler(ctx context.Context, c config.Standins, log *slog.Logger) (http.Handler, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /standins/health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	who, err := identities(ctx, c, log)
	if err != nil {
		return nil, err
	}
	mux.Handle("/standins/identity/", who.Handler("/standins/identity"))
	return mux, nil
}

func identities(ctx context.Context, c config.Standins, log *slog.Logger) (*identity.Service, error) {
	o := identity.Options{Project: c.FirebaseProject, Log: log}
	if c.Database.Address != "" {
		kept, err := identity.OpenMySQL(ctx, c.Database, log)
		if err != nil {
			return nil, err
		}
		o.Store = kept
	}
	return identity.New(ctx, o)
}
