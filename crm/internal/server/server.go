// Package server wires the API to MySQL and Redis and runs it.
//
// It listens at once and says "starting" until MySQL has answered and the
// schema is there: the database may come up after the server does, and what
// watches the server should see it wait rather than fail.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"apexai/crm/db"
	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/health"
	"apexai/crm/internal/httpd"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/realtime"
	"apexai/crm/internal/telemetry"
	"apexai/crm/internal/web"
)

// A Server is one task of the CRM's API.
type Server struct {
	config config.Config
	log    *slog.Logger
	health health.Health
	redis  *redis.Client
	queue  *redis.Client // the jobs library's
	hub    *realtime.Hub
	staff  staff
	told   *telemetry.Telemetry
	api    atomic.Pointer[http.Handler] // nil while starting
}

// New makes a server; it connects to nothing yet.
func New(c config.Config, log *slog.Logger) (*Server, error) {
	client, err := openRedis(c, log)
	if err != nil {
		return nil, err
	}
	queue, err := openQueue(c, log)
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, log: log, redis: client, queue: queue, hub: realtime.NewHub(client, log), told: telemetry.New(c.Telemetry, log)}
	s.told.Gauge("crm_sockets", "Sockets that are open.", func() float64 { return float64(s.hub.Sockets()) })
	return s, nil
}

// Run serves on listener until ctx ends, then drains.
func (s *Server) Run(ctx context.Context, listener net.Listener) error {
	defer s.redis.Close()
	defer s.queue.Close()
	serving, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var work errgroup.Group
	work.Go(func() error {
		err := s.start(serving, ctx)
		if err != nil {
			stop() // what cannot start ends, and is replaced
		}
		return err
	})
	if address := s.config.Telemetry.Metrics; address != "" {
		work.Go(func() error { return s.told.Serve(serving, address) })
	}
	err := httpd.Server{Handler: s.routes(), DrainDelay: s.config.DrainDelay, Draining: s.health.Drain, Log: s.log}.Serve(ctx, listener)
	stopWork()
	err = errors.Join(err, work.Wait())
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	s.told.Close(limited)
	return err
}

// start opens the database, puts the API in place, and watches the
// dependencies until serving ends. ctx ends earlier, with the order to stop.
func (s *Server) start(serving, ctx context.Context) error {
	begun := time.Now()
	opened, err := s.open(ctx)
	if ctx.Err() != nil {
		return nil // told to stop while starting
	}
	if err != nil {
		return err
	}
	defer opened.Close()
	s.told.Pool(opened.Pool())
	handler, err := s.build(ctx, opened)
	if err != nil {
		return err
	}
	if s.config.Roles.Web {
		s.api.Store(&handler)
	}
	defer s.work(ctx)()
	s.health.Ready(func() bool { return opened.Wedged(time.Now()) })
	s.log.Info("ready", "after", time.Since(begun).Round(time.Millisecond).String())
	s.health.Watch(serving,
		health.Check{Name: "mysql", Ping: opened.Ping},
		health.Check{Name: "redis", Ping: func(ctx context.Context) error { return s.redis.Ping(ctx).Err() }})
	return nil
}

func (s *Server) open(ctx context.Context) (*database.DB, error) {
	report, err := database.Prepare(ctx, s.config.Database, db.Migrations(), s.log)
	if err != nil {
		return nil, err
	}
	maxOpen := s.config.Database.MaxOpen
	if maxOpen == 0 {
		maxOpen = database.PoolSize(report.MaxConnections, s.config.Database.MaxTasks)
	}
	s.log.Info("database prepared", "engine", report.Engine, "migrations", report.Applied,
		"max_connections", report.MaxConnections, "pool", maxOpen)
	return database.Open(s.config.Database, maxOpen)
}

// routes keeps health checks, of which there are many, out of the log.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", s.health.ServeHealth)
	mux.HandleFunc("GET /readyz", s.health.ServeReady)
	mux.HandleFunc("GET /livez", s.health.ServeLive)
	mux.Handle("/", web.Observed(s.log, s.config.TrustedProxies, s.told.Observe, http.HandlerFunc(s.serveAPI)))
	return mux
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	handler := s.api.Load()
	if handler == nil && !s.config.Roles.Web {
		web.Fail(w, r, problem.NotFound("path: this task runs jobs only (ROLE)"))
		return
	}
	if handler == nil {
		web.Fail(w, r, problem.Unavailable("the server is starting", nil))
		return
	}
	(*handler).ServeHTTP(w, r)
}
