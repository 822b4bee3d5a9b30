package ec2

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"apex/internal/dataplane/vnet"
	"apex/internal/dataplane/vnet/netns"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// The internet of these tests, with the first addresses of the region's pool.
const (
	webServer = "203.0.113.80"
	firstEIP  = "198.18.0.4"
	secondEIP = "198.18.0.5"
	visitor   = "203.0.113.7:0"
)

// The four security groups of the architecture, and what they must let pass.
func TestPacketMatrix(t *testing.T) {
	b := newWorld(t, webServer, firstEIP, secondEIP)
	vpc := b.vpc("10.0.0.0/16")
	public, private := b.subnet(vpc, "10.0.0.0/24", "us-east-1a"), b.subnet(vpc, "10.0.10.0/24", "us-east-1a")
	private2 := b.subnet(vpc, "10.0.11.0/24", "us-east-1b")
	b.routed(vpc, b.gateway(vpc), public)

	alb, ecs, rds, redis := b.group(vpc, "alb"), b.group(vpc, "ecs"), b.group(vpc, "rds"), b.group(vpc, "redis")
	b.admit(alb, 80, "0.0.0.0/0")
	b.admit(alb, 443, "0.0.0.0/0")
	b.admit(ecs, 3000, alb)
	b.admit(rds, 3306, ecs)
	b.admit(redis, 6379, ecs)

	m := &matrix{bench: b, vpc: vpc, ports: []int{80, 443, 3000, 3306, 6379, 22}}
	m.join("alb", InterfaceSpec{SubnetID: public, GroupIDs: []string{alb}, Requester: "elb", PublicIP: true})
	m.join("ecs-1", InterfaceSpec{SubnetID: private, GroupIDs: []string{ecs}, Requester: "ecs"})
	m.join("ecs-2", InterfaceSpec{SubnetID: private2, GroupIDs: []string{ecs}, Requester: "ecs"})
	m.join("rds", InterfaceSpec{SubnetID: private, GroupIDs: []string{rds}, Requester: "rds"})
	m.join("redis", InterfaceSpec{SubnetID: private, GroupIDs: []string{redis}, Requester: "elasticache"})
	m.join("stranger", InterfaceSpec{SubnetID: private})

	want := map[string]bool{
		"internet → alb:80": true, "internet → alb:443": true,
	}
	for _, from := range []string{"ecs-1", "ecs-2", "rds", "redis", "stranger"} {
		// 0.0.0.0/0 is everywhere, the VPC included.
		want[from+" → alb:80"], want[from+" → alb:443"] = true, true
	}
	for _, task := range []string{"ecs-1", "ecs-2"} {
		want["alb → "+task+":3000"], want[task+" → rds:3306"], want[task+" → redis:6379"] = true, true, true
	}
	m.compare(want)
}

// A matrix probes every port of every host from everywhere.
type matrix struct {
	*bench
	vpc   string
	ports []int
	hosts []host
}

type host struct {
	name string
	NetworkInterface
}

// join adds a host that listens on every port.
func (m *matrix) join(name string, want InterfaceSpec) {
	m.Helper()
	h := host{name, m.iface(want)}
	for _, port := range m.ports {
		m.serve(h.Status.Namespace, netip.AddrPortFrom(h.Spec.PrivateIP, uint16(port)).String())
	}
	m.hosts = append(m.hosts, h)
}

func (m *matrix) compare(want map[string]bool) {
	m.Helper()
	type cell struct {
		from, to string
		port     int
	}
	got := map[cell]bool{}
	var mu sync.Mutex
	var probes sync.WaitGroup
	froms := append([]host{{name: "internet"}}, m.hosts...)
	for _, from := range froms {
		for _, to := range m.hosts {
			if from.name == to.name {
				continue // a host's packets to itself never leave it
			}
			for _, port := range m.ports {
				probes.Go(func() {
					passes := m.answer(m.dialer(from), netip.AddrPortFrom(to.Spec.PrivateIP, uint16(port)).String()) != ""
					mu.Lock()
					defer mu.Unlock()
					got[cell{from.name, to.name, port}] = passes
				})
			}
		}
	}
	probes.Wait()
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "from\tto")
	for _, port := range m.ports {
		fmt.Fprintf(w, "\t%d", port)
	}
	for _, from := range froms {
		for _, to := range m.hosts {
			if from.name == to.name {
				continue
			}
			fmt.Fprintf(w, "\n%s\t%s", from.name, to.name)
			for _, port := range m.ports {
				passes := got[cell{from.name, to.name, port}]
				fmt.Fprintf(w, "\t%s", map[bool]string{true: "pass", false: "·"}[passes])
				if name := fmt.Sprintf("%s → %s:%d", from.name, to.name, port); passes != want[name] {
					m.Errorf("%s passes: %v, want %v", name, passes, want[name])
				}
			}
		}
	}
	w.Flush()
	m.Logf("packet matrix (· is blocked):\n%s", table.String())
}

// dialer dials as a host does, or as a visitor from the internet.
func (m *matrix) dialer(from host) netns.Dialer {
	if from.name == "internet" {
		return vnet.DialerFromOutside(m.env.Hash, m.vpc, netip.MustParseAddrPort(visitor))
	}
	return vnet.DialerIn(from.Status.Namespace)
}

// serve answers every connection with its client's address.
func (b *bench) serve(namespace, address string) {
	b.Helper()
	listener, err := vnet.ListenIn(namespace, address)
	check(b, err)
	b.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(conn, conn.RemoteAddr())
			conn.Close()
		}
	}()
}

// answer returns what a server says, "" if the packets do not pass.
func (b *bench) answer(d netns.Dialer, to string) string {
	d.Timeout = time.Second
	conn, err := d.DialContext(context.Background(), "tcp4", to)
	if err != nil {
		var silence net.Error
		if !errors.As(err, &silence) {
			b.Errorf("dial %s: %v", to, err)
		}
		return ""
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		b.Error(err)
	}
	body, err := io.ReadAll(conn)
	if err != nil {
		return ""
	}
	return string(body)
}

func TestPrivateSubnetLeavesByItsNATGateway(t *testing.T) {
	b := newWorld(t, webServer, firstEIP, secondEIP)
	b.serve(b.uplink(), webServer+":443")
	vpc := b.vpc("10.0.0.0/16")
	public, private := b.subnet(vpc, "10.0.0.0/24", "us-east-1a"), b.subnet(vpc, "10.0.10.0/24", "us-east-1a")
	task := b.iface(InterfaceSpec{SubnetID: private, Requester: "ecs"})
	leaves := func() string { return b.answer(vnet.DialerIn(task.Status.Namespace), webServer+":443") }
	if got := leaves(); got != "" {
		t.Errorf("without a route the outside saw %q", got)
	}
	b.routed(vpc, b.gateway(vpc), public)
	gateway, address := b.nat(public)
	b.awaitNAT(gateway, "available")
	if got := leaves(); got != "" {
		t.Errorf("without a route to the NAT gateway the outside saw %q", got)
	}
	table := b.routed(vpc, gateway, private)
	b.awaitNetwork(vpc)
	if got := leaves(); !strings.HasPrefix(got, address+":") || address != firstEIP {
		t.Errorf("the outside saw %q, want the NAT gateway's %s", got, address)
	}
	_, err := b.DeleteNatGateway(t.Context(), &sdk.DeleteNatGatewayInput{NatGatewayId: &gateway})
	check(t, err)
	b.awaitNAT(gateway, "deleted")
	b.awaitNetwork(vpc)
	if got := leaves(); got != "" {
		t.Errorf("through a NAT gateway that is gone the outside saw %q", got)
	}
	out, err := b.DescribeRouteTables(t.Context(), &sdk.DescribeRouteTablesInput{RouteTableIds: []string{table}})
	check(t, err)
	if state := out.RouteTables[0].Routes[1].State; state != "blackhole" {
		t.Errorf("the route to it is %s", state)
	}
}

func (b *bench) uplink() string { return b.svc.uplink }

func (b *bench) awaitNAT(id, state string) {
	b.Helper()
	servicetest.Await(b, b.env, "NAT gateway "+state, func(s store.Snapshot) bool {
		g, ok := NATGateways.Get(s, scope.Key(id))
		return ok && g.state() == state
	})
}

// awaitNetwork waits until the network is what the rows say.
func (b *bench) awaitNetwork(vpc string) {
	b.Helper()
	check(b, b.svc.bring(b.Context(), scope.Key(vpc)))
}

func TestInterfacesComeAndGo(t *testing.T) {
	b := newWorld(t)
	vpc := b.vpc("10.0.0.0/16")
	subnet := b.subnet(vpc, "10.0.0.0/24", "us-east-1a")
	i := b.iface(InterfaceSpec{SubnetID: subnet, Requester: "ecs"})
	if want := vnet.Namespace(b.env.Hash, i.ID()); i.Status.Namespace != want || !netns.Exists(strings.TrimPrefix(want, netns.Dir+"/")) {
		t.Errorf("Status = %+v, want the namespace %s", i.Status, want)
	}
	b.update(func(tx *store.Tx) error {
		PutName(tx, scope, vpc, "Cache.Example.", []netip.Addr{i.Spec.PrivateIP})
		return nil
	})
	b.awaitNetwork(vpc)
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return vnet.DialerIn(i.Status.Namespace).DialContext(ctx, network[:3]+"4", "10.0.0.2:53")
	}}
	if addrs, err := resolver.LookupHost(t.Context(), "cache.example."); err != nil || addrs[0] != i.Spec.PrivateIP.String() {
		t.Errorf("cache.example = %v, %v", addrs, err)
	}
	b.update(func(tx *store.Tx) error { ReleaseInterface(tx, scope, i.ID()); return nil })
	b.awaitNetwork(vpc)
	if b.svc.network.Attached(vpc, i.ID()) {
		t.Error("a released interface is still attached")
	}
	_, err := b.DeleteSubnet(t.Context(), &sdk.DeleteSubnetInput{SubnetId: &subnet})
	check(t, err)
	_, err = b.DeleteVpc(t.Context(), &sdk.DeleteVpcInput{VpcId: &vpc})
	check(t, err)
	b.awaitNetwork(vpc)
	if state, err := b.svc.network.Observe(vpc); err != nil || state.Exists {
		t.Errorf("Observe of a deleted VPC = %+v, %v", state, err)
	}
}
