package vnet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"apex/internal/dataplane/dns"
	"apex/internal/dataplane/firewall"
	"apex/internal/dataplane/nat"
	"apex/internal/dataplane/vnet/netns"
)

// Main is the hidden sub-command `apex vnet DIR`: the agent of one network.
func Main(args []string) int {
	if len(args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: apex vnet DIR (started by the region, not by hand)")
		return 2
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := runAgent(ctx, args[0], log); err != nil {
		log.Error("agent ended", "reason", err)
		return 1
	}
	return 0
}

// An agent resolves names and carries packets for one network.
type agent struct {
	dir     string
	log     *slog.Logger
	config  atomic.Pointer[agentConfig]
	dns     *dns.Server
	since   time.Time // when it began
	gateway *nat.Gateway
}

func runAgent(ctx context.Context, dir string, log *slog.Logger) error {
	a := &agent{dir: dir, log: log, since: time.Now()}
	forwarder := dns.NewForwarder(a.resolvers, a.dialResolver)
	a.dns = dns.NewServer(forwarder, func(sender netip.Addr) bool { return a.config.Load().mayLeave(sender) })
	if err := a.load(); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, open := range []func(context.Context, *errgroup.Group) error{
		a.serveDNS, a.serveNAT, a.serveForwards, a.serveControl, // control last: its answer says that all is open
	} {
		if err := open(ctx, group); err != nil {
			return err
		}
	}
	log.InfoContext(ctx, "agent started", "router", a.config.Load().Router)
	return group.Wait()
}

// load reads the config and puts it in force.
func (a *agent) load() error {
	data, err := os.ReadFile(filepath.Join(a.dir, agentFile))
	if err != nil {
		return fmt.Errorf("load config: %w", err)
	}
	cfg := new(agentConfig)
	if err := json.Unmarshal(data, cfg); err != nil {
		return fmt.Errorf("load config: %w", err)
	}
	a.config.Store(cfg)
	a.dns.SetZone(cfg.zone())
	return nil
}

func (a *agent) serveDNS(ctx context.Context, group *errgroup.Group) error {
	for _, addr := range a.config.Load().Listen {
		at := netip.AddrPortFrom(addr, 53).String()
		packets, err := netns.ListenPacket(a.config.Load().Router, at)
		if err != nil {
			return fmt.Errorf("serve names: %w", err)
		}
		listener, err := netns.Listen(a.config.Load().Router, at)
		if err != nil {
			return fmt.Errorf("serve names: %w", err)
		}
		group.Go(func() error { return a.dns.Serve(ctx, packets, listener) })
	}
	return nil
}

func (a *agent) serveNAT(ctx context.Context, group *errgroup.Group) error {
	a.gateway = &nat.Gateway{
		Exit: func(sender netip.Addr, to netip.AddrPort) (netip.Addr, bool) {
			return a.config.Load().exit(sender, to)
		},
		Dial: a.dialOutside,
		Answer: func(destination, sender netip.AddrPort) (net.Conn, error) {
			inside := netns.Dialer{Namespace: a.config.Load().Router, Source: destination, Transparent: true}
			return inside.DialContext(ctx, "udp4", sender.String())
		},
		Log: a.log,
	}
	at := netip.AddrPortFrom(firewall.ProxyAddress, proxyPort).String()
	listener, err := netns.ListenTransparent(a.config.Load().Router, at)
	if err != nil {
		return fmt.Errorf("serve gateways: %w", err)
	}
	packets, err := netns.ListenPacketTransparent(a.config.Load().Router, at)
	if err != nil {
		return fmt.Errorf("serve gateways: %w", err)
	}
	group.Go(func() error { return a.gateway.ServeTCP(ctx, listener) })
	group.Go(func() error { return a.gateway.ServeUDP(ctx, packets) })
	return nil
}

// dialOutside connects to a destination outside unless the guard refuses it. An
// outside that was made for it shows the gateway's own address; on the host the
// machine's address stands for it.
func (a *agent) dialOutside(ctx context.Context, network string, source netip.Addr, to netip.AddrPort) (net.Conn, error) {
	cfg := a.config.Load()
	guard := nat.Guard{Allow: cfg.Allow, Made: cfg.Uplink != ""}
	if err := guard.Check(to.Addr()); err != nil {
		return nil, err
	}
	dialer := netns.Dialer{Namespace: cfg.Uplink}
	if cfg.Uplink != "" && source.IsValid() {
		dialer.Source = netip.AddrPortFrom(source, 0)
	}
	conn, err := dialer.DialContext(ctx, network, to.String())
	if errors.Is(err, syscall.EADDRNOTAVAIL) && dialer.Source.IsValid() {
		dialer.Source = netip.AddrPort{}
		return dialer.DialContext(ctx, network, to.String())
	}
	return conn, err
}
