package balancer

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"apex/internal/dataplane/balancer/auth"
	"apex/internal/dataplane/balancer/cookie"
	"apex/internal/dataplane/balancer/route"
)

// A server turns a Config into sockets, tables and
// groups, and keeps what outlives a Config.
type server struct {
	opener  opener
	log     *slog.Logger
	started time.Time
	stats   stats
	clock   stamp
	access  *journal // of requests
	opening *journal // of connections
	news    *news
	conns   sync.WaitGroup
	tickets *tickets

	mu        sync.Mutex // guards what follows; one Config is applied at a time
	config    Config
	digest    string
	listeners map[string]*listenerStats
	groups    map[string]*group
	sealer    *cookie.Sealer
	guard     *auth.Guard
	keys      *auth.Keys
	sockets   map[socketKey]*socket
	secured   map[string]*secured // by listener and settings
	faults    map[socketKey]error // sockets that could not be opened
}

// An opener gives listening sockets and keeps them open across runs.
type opener interface {
	open(socketKey) (listener, error)
	retain([]socketKey) error // close all others
}

// newServer returns a server that writes its records below dir.
func newServer(dir string, o opener, log *slog.Logger) *server {
	return &server{
		opener: o, log: log, started: time.Now(), news: newNews(),
		access: newJournal(filepath.Join(dir, AccessDir)), opening: newJournal(filepath.Join(dir, ConnectionsDir)),
		keys: auth.NewKeys(), listeners: map[string]*listenerStats{},
		groups: map[string]*group{}, sockets: map[socketKey]*socket{},
		secured: map[string]*secured{}, tickets: openTickets(dir),
	}
}

// A table is what one listener does with requests: replaced, never changed.
type table struct {
	name    string // the balancer's, in records
	records bool   // of requests are written
	port    int
	stats   *listenerStats
	rules   *route.Table
	groups  map[string]*group
	nodes   []Node // that requests go out from
	options Options
	outside map[int]int // as Config.Outside, for clients that it concerns
	secured *secured    // nil: connections are plain
	// headers are those of every response; hideServer drops the Server field.
	headers    []Header
	hideServer bool
	sealer     *cookie.Sealer
	guards     guards
}

// apply makes the server serve the configuration.
func (s *server) apply(cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	digest := cfg.Digest()
	cfg.Options = cfg.Options.withDefaults()
	cfg.Records = cfg.Records.withDefaults()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(cfg.Key) > 0 || s.sealer == nil {
		sealer, err := cookie.NewSealer(cfg.Key)
		if err != nil {
			return err
		}
		if s.guard, err = auth.NewGuard(sealer); err != nil {
			return err
		}
		s.sealer = sealer
	}
	s.config, s.digest = cfg, digest
	groups := s.applyGroups()
	err := errors.Join(s.applySockets(groups), s.applyRecords())
	for id, g := range s.groups {
		if _, wanted := groups[id]; !wanted {
			g.remove() // after the tables, so that no request is routed to it any more
		}
	}
	s.groups = groups
	s.news.bump()
	return err
}

func (s *server) applyRecords() error {
	r, now := s.config.Records, time.Now()
	return errors.Join(s.access.set(r.Access, r.Every, r.Bytes, now), s.opening.set(r.Connections, r.Every, r.Bytes, now))
}

func (s *server) applyGroups() map[string]*group {
	groups := map[string]*group{}
	for _, cfg := range s.config.Groups {
		g := s.groups[cfg.ID]
		if g == nil {
			g = newGroup(cfg.ID, s.probe, s.news.bump)
		}
		g.apply(cfg)
		groups[cfg.ID] = g
	}
	return groups
}

// probe checks a target from the node of its zone.
func (s *server) probe(ctx context.Context, t Target, c Check) verdict {
	s.mu.Lock()
	node := nodeFor(t.Zone, s.config.Nodes, 0)
	s.mu.Unlock()
	return probeHTTP(ctx, node.Namespace, t.Addr, c)
}

// applySockets opens and closes sockets until they are those of the
// configuration, and gives each its table.
func (s *server) applySockets(groups map[string]*group) error {
	wanted := map[socketKey]*table{}
	s.faults = map[socketKey]error{}
	for _, l := range s.config.Listeners {
		rules := route.NewTable(l.Rules, l.Default)
		if s.listeners[l.ID] == nil {
			s.listeners[l.ID] = &listenerStats{}
		}
		ready, err := s.secure(l)
		if err != nil {
			return err
		}
		for _, key := range s.config.socketsOf(l) {
			wanted[key] = &table{
				secured: ready, outside: s.config.outsideAt(l, key),
				name: s.config.Records.Name, records: s.config.Records.Access, port: l.Port, stats: s.listeners[l.ID],
				rules: rules, groups: groups, nodes: s.config.nodesAt(key), options: s.config.Options,
				headers: l.Headers, hideServer: l.HideServer, sealer: s.sealer,
				guards: guards{keys: s.keys, login: s.guard, logins: loginsOf(&l)},
			}
		}
	}
	for key, sock := range s.sockets {
		if wanted[key] == nil {
			delete(s.sockets, key)
			sock.close()
		}
	}
	s.forgetSecured(wanted)
	err := s.opener.retain(slices.Collect(maps.Keys(wanted)))
	for key, t := range wanted {
		s.serveSocket(key, t)
	}
	return err
}

// serveSocket opens a socket if it is not open yet.
func (s *server) serveSocket(key socketKey, t *table) {
	if sock := s.sockets[key]; sock != nil {
		sock.current.Store(t)
		return
	}
	ln, err := s.opener.open(key)
	if err != nil {
		s.faults[key] = err
		return
	}
	sock := &socket{server: s, listener: ln, conns: map[*conn]struct{}{}}
	sock.current.Store(t)
	s.sockets[key] = sock
	s.conns.Go(sock.accept)
}

// retry opens the sockets that could not be opened before.
func (s *server) retry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) == 0 {
		return
	}
	before := len(s.faults)
	if err := s.applySockets(s.groups); err != nil || len(s.faults) != before {
		s.news.bump()
	}
}

// tend does what is due every second until ctx ends.
func (s *server) tend(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			s.retry()
			s.tendRecords(now)
			s.tendTickets(now)
			s.mu.Lock()
			groups := slices.Collect(maps.Values(s.groups))
			sockets := slices.Collect(maps.Values(s.sockets))
			s.mu.Unlock()
			for _, g := range groups {
				g.sweep(now)
			}
			for _, sock := range sockets {
				sock.tend()
			}
		}
	}
}

func (s *server) tendRecords(now time.Time) {
	for _, j := range []*journal{s.access, s.opening} {
		if err := j.tend(now); err != nil {
			s.log.Warn("records not written", "error", err)
		}
	}
}

// shutRecords closes the files of records.
func (s *server) shutRecords() {
	for _, j := range []*journal{s.access, s.opening} {
		if err := j.shut(time.Now()); err != nil {
			s.log.Warn("records not written", "error", err)
		}
	}
}

// drain stops listening and waits for the requests in flight, at most grace.
func (s *server) drain(grace time.Duration) {
	s.mu.Lock()
	for _, sock := range s.sockets {
		sock.close()
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		s.conns.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(grace):
	}
	s.shutRecords()
}

func (s *server) counters() Counters {
	c := s.stats.counters()
	for id, l := range s.listeners {
		c.Listeners[id] = l.addTo(c.Listeners[id])
	}
	c.RecordsLost = s.access.lostRecords() + s.opening.lostRecords()
	return c
}

// state says what is true.
func (s *server) state() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := State{PID: os.Getpid(), Revision: s.news.revision(), Config: s.digest, StartedAt: s.started, Counters: s.counters()}
	for _, l := range s.config.Listeners {
		for _, key := range s.config.socketsOf(l) {
			sock := SocketState{Listener: l.ID, Namespace: key.Namespace, Addr: key.Addr}
			if err := s.faults[key]; err != nil {
				sock.Error = err.Error()
			}
			st.Sockets = append(st.Sockets, sock)
		}
	}
	for _, g := range s.config.Groups {
		st.Groups = append(st.Groups, s.groups[g.ID].groupState())
	}
	return st
}
