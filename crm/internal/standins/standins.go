// Package standins puts the development services that take the place of
// outside ones behind one handler, below /standins/. Each is named for what it
// is in its answers (X-Stand-In) and its paths.
package standins

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/standins/identity"
	"apexai/crm/internal/standins/mail"
	"apexai/crm/internal/standins/model"
)

// betweenParts is how long the language model waits between the parts of an
// answer that it streams, so that a person sees it come.
const betweenParts = 40 * time.Millisecond

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
	letters := &mail.Inbox{Log: log}
	if err := receive(ctx, letters, c.SMTPAddress); err != nil {
		return nil, err
	}
	mux.Handle("/standins/mail/", letters.Handler("/standins/mail"))
	mux.Handle("/standins/model/", http.StripPrefix("/standins/model", model.New(betweenParts)))
	return mux, nil
}

// receive takes mail at an address, if there is one.
func receive(ctx context.Context, letters *mail.Inbox, address string) error {
	if address == "" {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("mail stand-in: %w", err)
	}
	go letters.Serve(ctx, listener)
	return nil
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
