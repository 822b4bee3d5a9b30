package vnet

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"apex/internal/dataplane/firewall"
	"apex/internal/dataplane/supervisor"
	"apex/internal/dataplane/vnet/netns"
)

func TestOutsideSeesTheGatewaysAddress(t *testing.T) {
	l := newLab(t)
	l.serve("internet", webServer+":80")
	cfg := seed("v1")
	l.apply(cfg)
	for from, want := range map[string]string{"v1-ecs1": natOne + ":", "v1-alb": publicALB + ":", "v1-ecs2": ""} {
		if got := l.answers(from, webServer+":80"); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s is seen as %q, want %q", from, got, want)
		}
	}
	cfg.Tables[1].Routes = append(cfg.Tables[1].Routes,
		Route{Destination: block("198.51.100.0/24"), Target: firewall.NAT, Source: addr(natTwo)})
	l.apply(cfg)
	if got := l.answers("v1-ecs1", webServer+":80"); !strings.HasPrefix(got, natTwo+":") {
		t.Errorf("by the longer prefix it is seen as %q, want %s", got, natTwo)
	}
	cfg.Tables[1].Routes = cfg.Tables[1].Routes[1:]
	cfg.Tables[1].Routes[0].Target = firewall.Blackhole
	l.apply(cfg)
	if got := l.answers("v1-ecs1", webServer+":80"); got != "" {
		t.Errorf("through a route that is gone: %q", got)
	}
}

func TestEgressRulesHoldForTheOutside(t *testing.T) {
	l := newLab(t)
	l.serve("internet", webServer+":80")
	l.serve("internet", webServer+":443")
	cfg := seed("v1")
	cfg.Groups[1].Egress = []firewall.Rule{tcp(443, "0.0.0.0/0")}
	l.apply(cfg)
	if got := l.answers("v1-ecs1", webServer+":443"); got == "" {
		t.Error("no answer on the port that is open")
	}
	if got := l.answers("v1-ecs1", webServer+":80"); got != "" {
		t.Errorf("an answer on a port that is shut: %q", got)
	}
}

// A gateway must pass the end of one direction on while the other still runs.
func TestGatewayPassesHalfClose(t *testing.T) {
	l := newLab(t)
	l.apply(seed("v1"))
	const size = 8 << 20
	listener, err := ListenIn(l.at("internet"), webServer+":9000")
	check(t, err)
	defer listener.Close()
	var group errgroup.Group
	group.Go(func() error { // counts all it gets, then answers
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		defer conn.Close()
		n, err := io.Copy(io.Discard, conn)
		fmt.Fprintln(conn, n)
		return err
	})
	conn, err := DialerIn(l.at("v1-ecs1")).DialContext(t.Context(), "tcp4", webServer+":9000")
	check(t, err)
	defer conn.Close()
	_, err = conn.Write(make([]byte, size))
	check(t, err)
	check(t, conn.(*net.TCPConn).CloseWrite())
	got, err := io.ReadAll(conn)
	check(t, err)
	check(t, group.Wait())
	if want := fmt.Sprintln(size); string(got) != want {
		t.Errorf("the outside got %q bytes, want %q", got, want)
	}
}

func TestGatewayCarriesDatagrams(t *testing.T) {
	l := newLab(t)
	l.apply(seed("v1"))
	server, err := netns.ListenPacket(l.at("internet"), webServer+":123")
	check(t, err)
	defer server.Close()
	go func() {
		data := make([]byte, 64)
		for {
			_, from, err := server.ReadFromUDPAddrPort(data)
			if err != nil {
				return
			}
			_, _ = server.WriteToUDPAddrPort([]byte(from.Addr().String()), from)
		}
	}()
	conn, err := DialerIn(l.at("v1-ecs1")).DialContext(t.Context(), "udp4", webServer+":123")
	check(t, err)
	defer conn.Close()
	check(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
	for range 3 { // the first opens the flow, the others use it
		_, err = conn.Write([]byte("?"))
		check(t, err)
		data := make([]byte, 64)
		n, err := conn.Read(data)
		check(t, err)
		if string(data[:n]) != natOne {
			t.Errorf("the outside saw %s, want %s", data[:n], natOne)
		}
	}
}

// With the host as outside, a VPC must reach neither the host nor its neighbours.
func TestHostIsOutOfReach(t *testing.T) {
	l := newLab(t)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	check(t, err)
	defer listener.Close()
	l.opts.Uplink = ""
	network := Open(l.opts)
	defer network.Close()
	check(t, network.Apply(t.Context(), seed("v1")))
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	targets := []string{"127.0.0.1:" + port, "0.0.0.0:" + port, "169.254.169.254:80", "10.255.255.53:53", "192.168.0.1:80"}
	own, err := net.InterfaceAddrs()
	check(t, err)
	for _, a := range own {
		if n := a.(*net.IPNet); n.IP.To4() != nil && !n.IP.IsLoopback() {
			targets = append(targets, n.IP.String()+":"+port)
		}
	}
	for _, to := range targets {
		conn, err := DialerIn(l.at("v1-ecs1")).DialContext(t.Context(), "tcp4", to)
		if err != nil {
			continue
		}
		check(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
		if n, err := conn.Read(make([]byte, 1)); err == nil || n > 0 {
			t.Errorf("%s is reached from a private subnet", to)
		}
		conn.Close()
	}
	check(t, listener.(*net.TCPListener).SetDeadline(time.Now().Add(10*time.Millisecond)))
	if conn, err := listener.Accept(); err == nil {
		t.Errorf("the host's own listener was reached from %s", conn.RemoteAddr())
	}
}

func TestResolverKnowsTheNetworkAndAsksOutside(t *testing.T) {
	l := newLab(t)
	l.opts.Resolvers = []netip.AddrPort{netip.AddrPortFrom(addr(webServer), 53)}
	network := Open(l.opts)
	defer network.Close()
	l.outsideResolver()
	cfg := seed("v1")
	cfg.Names = map[string][]netip.Addr{"db.abc.us-east-1.rds.amazonaws.com": {addr("10.0.10.5")}}
	check(t, network.Apply(t.Context(), cfg))
	for question, want := range map[string]string{
		"v1-ecs1 db.abc.us-east-1.rds.amazonaws.com.":    "NOERROR 10.0.10.5",
		"v1-ecs1 DB.abc.us-east-1.RDS.amazonaws.com.":    "NOERROR 10.0.10.5",
		"v1-ecs1 secretsmanager.us-east-1.amazonaws.com": "NOERROR 169.254.170.23",
		"v1-ecs1 ip-10-0-10-6.ec2.internal":              "NOERROR 10.0.10.6",
		"v1-ecs1 ip-10-9-10-6.ec2.internal":              "NXDOMAIN",
		"v1-ecs1 example.com":                            "NOERROR 198.51.100.99",
		"v1-alb example.com":                             "NOERROR 198.51.100.99",
		"v1-ecs2 example.com":                            "SERVFAIL", // its subnet has no way out
		"v1-ecs2 ip-10-0-10-6.ec2.internal":              "NOERROR 10.0.10.6",
	} {
		from, name, _ := strings.Cut(question, " ")
		for _, network := range []string{"udp4", "tcp4"} {
			for _, server := range []string{"169.254.169.253:53", "10.0.0.2:53"} {
				if got := l.resolves(from, network, server, name); got != want {
					t.Errorf("%s by %s of %s = %s, want %s", question, network, server, got, want)
				}
			}
		}
	}
}

func (l *lab) resolves(from, network, server, name string) string {
	l.Helper()
	conn, err := DialerIn(l.at(from)).DialContext(l.Context(), network, server)
	check(l, err)
	defer conn.Close()
	client := dns.Client{Net: network[:3], Timeout: 5 * time.Second}
	answer, _, err := client.ExchangeWithConn(new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.TypeA), &dns.Conn{Conn: conn})
	check(l, err)
	result := dns.RcodeToString[answer.Rcode]
	for _, rr := range answer.Answer {
		result += " " + rr.(*dns.A).A.String()
	}
	return result
}

// outsideResolver knows one address for every name.
func (l *lab) outsideResolver() {
	packets, err := netns.ListenPacket(l.at("internet"), webServer+":53")
	check(l, err)
	listener, err := ListenIn(l.at("internet"), webServer+":53")
	check(l, err)
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		answer := new(dns.Msg).SetReply(q)
		answer.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.ParseIP("198.51.100.99")}}
		_ = w.WriteMsg(answer)
	})
	l.Cleanup(func() { packets.Close(); listener.Close() })
	go func() { _ = (&dns.Server{PacketConn: packets, Handler: handler}).ActivateAndServe() }()
	go func() { _ = (&dns.Server{Listener: listener, Handler: handler}).ActivateAndServe() }()
}

func TestServicesOfTheHostAreForwarded(t *testing.T) {
	l := newLab(t)
	endpoint, err := net.Listen("tcp4", "127.0.0.1:0")
	check(t, err)
	metadata, err := net.Listen("unix", filepath.Join(t.TempDir(), "m.sock"))
	check(t, err)
	for name, listener := range map[string]net.Listener{"endpoint": endpoint, "metadata": metadata} {
		defer listener.Close()
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				all, _ := io.ReadAll(conn) // what is left unread would make Close a reset
				first, _, _ := strings.Cut(string(all), "\n")
				fmt.Fprintln(conn, name, first)
				conn.Close()
			}
		}()
	}
	l.opts.Endpoint, l.opts.Metadata = endpoint.Addr().String(), metadata.Addr().String()
	network := Open(l.opts)
	defer network.Close()
	cfg := seed("v1")
	cfg.Groups[1].Egress = nil // the router's services need no rule
	check(t, network.Apply(t.Context(), cfg))
	if got := l.hello("v1-ecs2", EndpointAddress.String()); got != "endpoint hello\n" {
		t.Errorf("the endpoint answered %q", got)
	}
	if got := l.hello("v1-ecs2", MetadataAddress.String()); !strings.HasPrefix(got, "metadata PROXY TCP4 10.0.11.4 169.254.170.2 ") {
		t.Errorf("the metadata service answered %q", got)
	}
}

func (l *lab) hello(from, to string) string {
	l.Helper()
	conn, err := DialerIn(l.at(from)).DialContext(l.Context(), "tcp4", to)
	check(l, err)
	defer conn.Close()
	check(l, conn.SetDeadline(time.Now().Add(5*time.Second)))
	fmt.Fprintln(conn, "hello")
	check(l, conn.(*net.TCPConn).CloseWrite())
	got, err := io.ReadAll(conn)
	check(l, err)
	return string(got)
}

func TestAgentComesBackAfterAKill(t *testing.T) {
	l := newLab(t)
	l.serve("internet", webServer+":80")
	l.apply(seed("v1"))
	dir := l.opts.agentDir("v1")
	before, err := supervisor.Observe(dir)
	check(t, err)
	check(t, unix.Kill(before.PID, unix.SIGKILL))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for state := before; state.PID == before.PID || !state.Running; {
		check(t, ctx.Err())
		time.Sleep(5 * time.Millisecond)
		state, err = supervisor.Observe(dir)
		check(t, err)
	}
	check(t, confirm(ctx, dir))
	if got := l.answers("v1-ecs1", webServer+":80"); !strings.HasPrefix(got, natOne) {
		t.Errorf("after the agent's restart the outside saw %q", got)
	}
	if _, err := os.Stat(filepath.Join(dir, agentFile)); err != nil {
		t.Error(err)
	}
}
