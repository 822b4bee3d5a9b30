// Command dev runs the whole CRM on this machine without the platform: a
// MariaDB and a Redis of its own, the server, the studio, and a router that
// does what the load balancer does. What is typed in is kept in the folder
// given by -data.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"apexai/crm/internal/config"
	"apexai/crm/internal/engines"
	"apexai/crm/internal/httpd"
	"apexai/crm/internal/server"
	"apexai/crm/internal/standins"
	"apexai/crm/internal/standins/identity"
	"apexai/crm/internal/studio"
)

func main() {
	address := flag.String("address", "127.0.0.1:3000", "where to open the studio")
	data := flag.String("data", filepath.Join(os.TempDir(), "apexai-crm-dev"), "folder for the data")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	listener, err := net.Listen("tcp", *address)
	if err == nil {
		err = run(ctx, *data, listener)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dev:", err)
		os.Exit(1)
	}
}

// stores are where the data is.
type stores struct{ mysql, redis *engines.Process }

func begin(ctx context.Context, data string) (s stores, err error) {
	if s.mysql, err = engines.MariaDB(ctx, filepath.Join(data, "mariadb")); err != nil {
		return s, err
	}
	if s.redis, err = engines.Redis(ctx, filepath.Join(data, "redis")); err != nil {
		s.mysql.Stop()
	}
	return s, err
}

func run(ctx context.Context, data string, fronts ...net.Listener) error {
	s, err := begin(ctx, data)
	if err != nil {
		return err
	}
	return s.run(ctx, fronts...)
}

// run has a server and a studio over the stores behind each of the fronts, and
// one set of stand-ins. It ends the stores too.
func (s stores) run(ctx context.Context, fronts ...net.Listener) error {
	defer s.mysql.Stop()
	defer s.redis.Stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	post, err := free()
	if err != nil {
		return err
	}
	front := "http://" + fronts[0].Addr().String()
	settings := withModel(fronts[0], map[string]string{
		"FIREBASE_PROJECT_ID": identity.Project, "FIREBASE_AUTH_URL": "/standins/identity/v1", "FIREBASE_CERTS_URL": front + identity.CertificatesAt,
		"PUBLIC_URL": front, "RATE_USER": "100", "RATE_SIGN_IN": "600", "WEBHOOK_NETWORKS": "127.0.0.0/8",
		"APP_ENV": "dev", "DATABASE_URL": s.mysql.URL, "REDIS_URL": s.redis.URL, "DRAIN_DELAY": "0s",
		"STANDIN_SMTP_ADDRESS": post, "SMTP_URL": "smtp://" + post + "?tls=none", "MAIL_FROM": "ApexAI CRM <crm@example.com>",
	})
	outside, err := standIns(ctx, log, settings)
	if err != nil {
		return err
	}
	tasks, ctx := errgroup.WithContext(ctx)
	for _, front := range fronts {
		tasks.Go(func() error { return serve(ctx, log, front, settings, outside) })
	}
	return tasks.Wait()
}

// withModel sets up the language models that the environment names, or the
// stand-in if it names none.
func withModel(listener net.Listener, settings map[string]string) map[string]string {
	named := false
	for _, name := range []string{"GEMINI_API_KEY", "GEMINI_BASE_URL", "GEMINI_MODEL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"} {
		settings[name] = os.Getenv(name)
		named = named || settings[name] != ""
	}
	if !named {
		base := "http://" + listener.Addr().String() + "/standins/model"
		settings["GEMINI_BASE_URL"], settings["OPENAI_BASE_URL"] = base, base+"/v1"
		settings["GEMINI_MODEL"], settings["OPENAI_MODEL"] = "local-stand-in", "local-stand-in"
	}
	return settings
}

// free is an address of this machine where nobody listens.
func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// serve runs server, studio and router until ctx ends or one of them fails.
func serve(ctx context.Context, log *slog.Logger, front net.Listener, settings map[string]string, outside http.Handler) error {
	c, err := config.Load(func(name string) string { return settings[name] })
	if err != nil {
		return err
	}
	crm, err := server.New(c, log.With("part", "server"))
	if err != nil {
		return err
	}
	behind, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	pages, err := studio.New()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	api := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: behind.Addr().String()})
	mux.Handle("/api/", api)
	mux.Handle("/socket.io/", api)
	mux.Handle("/standins/", outside)
	mux.Handle("/", pages)
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return ended(ctx, crm.Run(ctx, behind)) })
	work.Go(func() error {
		router := httpd.Server{Handler: mux, Draining: func() {}, Log: log.With("part", "router")}
		return ended(ctx, router.Serve(ctx, front))
	})
	fmt.Fprintf(os.Stderr, "\n  ApexAI CRM is at http://%s/ (Ctrl-C ends it)\n\n", front.Addr())
	return work.Wait()
}

func standIns(ctx context.Context, log *slog.Logger, settings map[string]string) (http.Handler, error) {
	c, err := config.LoadStandins(func(name string) string { return settings[name] })
	if err != nil {
		return nil, err
	}
	return standins.Handler(ctx, c, log.With("part", "stand-ins"))
}

// ended makes one part's end, if nobody asked for it, the end of all.
func ended(ctx context.Context, err error) error {
	if err == nil && ctx.Err() == nil {
		return errors.New("a part ended by itself at " + time.Now().Format(time.TimeOnly))
	}
	return err
}
