package ec2

import (
	"context"
	"path/filepath"
	"strconv"
	"sync"

	"apex/internal/dataplane/vnet"
	"apex/internal/service"
)

// A Service answers the API and runs the VPCs.
type Service struct {
	env     service.Env
	network *vnet.Network
	runDir  string
	uplink  string
	turns   turns
}

// New returns the service.
func New(env service.Env) *Service { return newService(env, "") }

// newService takes the namespace that is to be the internet; empty is the host.
func newService(env service.Env, uplink string) *Service {
	runDir := filepath.Join(env.Home, "run", "vnet")
	network := vnet.Open(vnet.Options{
		Hash: env.Hash, RunDir: runDir, Executable: env.Executable, Uplink: uplink,
		Endpoint: "127.0.0.1:" + strconv.Itoa(env.Port), Metadata: filepath.Join(env.Home, "run", "metadata.sock"),
	})
	return &Service{env: env, network: network, runDir: runDir, uplink: uplink, turns: turns{byKey: map[string]*sync.Mutex{}}}
}

// Stop ends the agents and removes every namespace of this home. The next start
// builds all of it again.
func (s *Service) Stop(ctx context.Context) error {
	if err := s.network.Close(); err != nil {
		return err
	}
	return vnet.Sweep(ctx, s.env.Hash, s.runDir)
}

// turns gives out one lock for each key.
type turns struct {
	mu    sync.Mutex
	byKey map[string]*sync.Mutex
}

func (t *turns) of(key string) *sync.Mutex {
	t.mu.Lock()
	defer t.mu.Unlock()
	m, ok := t.byKey[key]
	if !ok {
		m = new(sync.Mutex)
		t.byKey[key] = m
	}
	return m
}
